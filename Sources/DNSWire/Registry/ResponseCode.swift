// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How a query went: RCODE, twelve bits (RFC 1035 §4.1.1, RFC 6891 §6.1.3, RFC 6895 §2.3).
///
/// The low four bits are in the header, the high eight in an OPT record. Open: every value of
/// twelve bits is legal and survives.
package struct ResponseCode: RawRepresentable, Hashable, Sendable {
    /// 0 to 4,095.
    package let rawValue: UInt16

    /// Nil for more than twelve bits.
    package init?(rawValue: UInt16) {
        guard rawValue <= 0xFFF else { return nil }
        self.rawValue = rawValue
    }

    /// Takes the low twelve bits.
    init(lowBits value: UInt16) {
        rawValue = value & 0xFFF
    }

    package static let noError = Self(lowBits: 0)
    package static let formatError = Self(lowBits: 1)
    package static let serverFailure = Self(lowBits: 2)
    package static let nameError = Self(lowBits: 3)
    package static let notImplemented = Self(lowBits: 4)
    package static let refused = Self(lowBits: 5)
    package static let notAuthoritative = Self(lowBits: 9)
    package static let notZone = Self(lowBits: 10)
    /// An EDNS version that the server does not speak (RFC 6891 §9).
    ///
    /// BADSIG of RFC 8945, which has the same number, is an error of TSIG and never one of the
    /// header.
    package static let badVersion = Self(lowBits: 16)
    package static let badCookie = Self(lowBits: 23)

    /// Whether the code can be sent only together with an OPT record.
    package var needsOPT: Bool { rawValue > 0xF }

    private static let mnemonics = Mnemonics(
        prefix: "RCODE",
        [
            0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
            6: "YXDOMAIN", 7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE",
            11: "DSOTYPENI", 16: "BADVERS", 17: "BADKEY", 18: "BADTIME", 19: "BADMODE",
            20: "BADNAME", 21: "BADALG", 22: "BADTRUNC", 23: "BADCOOKIE",
        ])
}

extension ResponseCode: CustomStringConvertible {
    /// Reads a mnemonic or RCODE12, without case; nil for anything else.
    package init?(presentation text: some StringProtocol) {
        guard let value = Self.mnemonics.value(of: Array(text.utf8)) else { return nil }
        self.init(rawValue: value)
    }

    package var description: String { Self.mnemonics.text(for: rawValue) }
}
