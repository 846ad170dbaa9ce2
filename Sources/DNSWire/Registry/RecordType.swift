// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The TYPE of a record, or the QTYPE of a question (RFC 1035 §3.2.2, §3.2.3).
///
/// Open: every value is legal and survives (RFC 3597). IANA's registry is "Resource Record (RR)
/// TYPEs"; the mnemonics here are those of zones and messages in use.
package struct RecordType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let a = Self(rawValue: 1)
    package static let ns = Self(rawValue: 2)
    package static let cname = Self(rawValue: 5)
    package static let soa = Self(rawValue: 6)
    package static let ptr = Self(rawValue: 12)
    package static let hinfo = Self(rawValue: 13)
    package static let mx = Self(rawValue: 15)
    package static let txt = Self(rawValue: 16)
    package static let aaaa = Self(rawValue: 28)
    package static let srv = Self(rawValue: 33)
    package static let dname = Self(rawValue: 39)
    package static let opt = Self(rawValue: 41)
    package static let ds = Self(rawValue: 43)
    package static let rrsig = Self(rawValue: 46)
    package static let nsec = Self(rawValue: 47)
    package static let dnskey = Self(rawValue: 48)
    package static let svcb = Self(rawValue: 64)
    package static let https = Self(rawValue: 65)
    package static let tsig = Self(rawValue: 250)
    package static let ixfr = Self(rawValue: 251)
    package static let axfr = Self(rawValue: 252)
    package static let any = Self(rawValue: 255)

    /// Whether the type exists only inside of messages: OPT, and what RFC 6895 §3.1 sets aside for
    /// questions and transactions (128 to 255).
    package var isMetaType: Bool {
        self == .opt || 128...255 ~= rawValue
    }

    private static let mnemonics = Mnemonics(
        prefix: "TYPE",
        [
            1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT",
            17: "RP", 18: "AFSDB", 24: "SIG", 25: "KEY", 28: "AAAA", 29: "LOC", 33: "SRV",
            35: "NAPTR", 36: "KX", 37: "CERT", 39: "DNAME", 41: "OPT", 42: "APL", 43: "DS",
            44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID",
            50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS",
            60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS",
            99: "SPF", 108: "EUI48", 109: "EUI64", 249: "TKEY", 250: "TSIG", 251: "IXFR",
            252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA",
        ])
}

extension RecordType: CustomStringConvertible {
    /// Reads a mnemonic or TYPE123, without case; nil for anything else.
    package init?(presentation text: some StringProtocol) {
        self.init(presentation: Array(text.utf8))
    }

    init?(presentation text: some Collection<UInt8>) {
        guard let value = Self.mnemonics.value(of: text) else { return nil }
        self.init(rawValue: value)
    }

    package var description: String { Self.mnemonics.text(for: rawValue) }
}
