// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a query asks the server to do: four bits of the header (RFC 1035 §4.1.1, RFC 6895 §2.2).
///
/// Open: every value of four bits is legal and survives.
package struct Opcode: RawRepresentable, Hashable, Sendable {
    /// 0 to 15.
    package let rawValue: UInt8

    /// Nil for more than four bits.
    package init?(rawValue: UInt8) {
        guard rawValue <= 0xF else { return nil }
        self.rawValue = rawValue
    }

    /// Takes the low four bits.
    init(lowBits value: UInt8) {
        rawValue = value & 0xF
    }

    package static let query = Self(lowBits: 0)
    package static let inverseQuery = Self(lowBits: 1)
    package static let status = Self(lowBits: 2)
    package static let notify = Self(lowBits: 4)
    package static let update = Self(lowBits: 5)
    package static let statefulOperations = Self(lowBits: 6)

    private static let mnemonics = Mnemonics(
        prefix: "OPCODE",
        [0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"])
}

extension Opcode: CustomStringConvertible {
    /// Reads a mnemonic or OPCODE12, without case; nil for anything else.
    package init?(presentation text: some StringProtocol) {
        guard let value = Self.mnemonics.value(of: Array(text.utf8)), value <= 0xF else {
            return nil
        }
        self.init(lowBits: UInt8(value))
    }

    package var description: String { Self.mnemonics.text(for: UInt16(rawValue)) }
}
