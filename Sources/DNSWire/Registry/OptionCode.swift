// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The code of an EDNS option (RFC 6891 §6.1.2).
///
/// Open: every value is legal and survives. IANA's registry is "DNS EDNS0 Option Codes (OPT)".
package struct OptionCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// RFC 5001.
    package static let nsid = Self(rawValue: 3)
    /// RFC 7871.
    package static let clientSubnet = Self(rawValue: 8)
    /// RFC 7873.
    package static let cookie = Self(rawValue: 10)
    /// RFC 7828.
    package static let tcpKeepalive = Self(rawValue: 11)
    /// RFC 7830.
    package static let padding = Self(rawValue: 12)
    /// RFC 8914.
    package static let extendedError = Self(rawValue: 15)

    private static let mnemonics = Mnemonics(
        prefix: "OPT",
        [
            3: "NSID", 8: "ECS", 10: "COOKIE", 11: "KEEPALIVE", 12: "PADDING", 13: "CHAIN",
            15: "EDE", 18: "REPORTCHANNEL", 19: "ZONEVERSION",
        ])
}

extension OptionCode: CustomStringConvertible {
    /// Reads a mnemonic or OPT12, without case; nil for anything else.
    package init?(presentation text: some StringProtocol) {
        guard let value = Self.mnemonics.value(of: Array(text.utf8)) else { return nil }
        self.init(rawValue: value)
    }

    package var description: String { Self.mnemonics.text(for: rawValue) }
}
