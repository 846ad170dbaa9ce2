// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The CLASS of a record, or the QCLASS of a question (RFC 1035 §3.2.4, §3.2.5; RFC 6895 §3.2).
///
/// Open: every value is legal and survives (RFC 3597).
package struct RecordClass: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let internet = Self(rawValue: 1)
    package static let chaos = Self(rawValue: 3)
    package static let hesiod = Self(rawValue: 4)
    /// In updates: the absence of a record (RFC 2136 §2.4).
    package static let none = Self(rawValue: 254)
    package static let any = Self(rawValue: 255)

    private static let mnemonics = Mnemonics(
        prefix: "CLASS", [1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"])
}

extension RecordClass: CustomStringConvertible {
    /// Reads a mnemonic or CLASS123, without case; nil for anything else.
    package init?(presentation text: some StringProtocol) {
        self.init(presentation: Array(text.utf8))
    }

    init?(presentation text: some Collection<UInt8>) {
        guard let value = Self.mnemonics.value(of: text) else { return nil }
        self.init(rawValue: value)
    }

    package var description: String { Self.mnemonics.text(for: rawValue) }
}
