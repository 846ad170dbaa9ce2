// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of an A record: an IPv4 address (RFC 1035 §3.4.1).
package struct A: Hashable, Sendable {
    /// The address in host order: 10.0.0.1 is 0x0A000001.
    package let address: UInt32

    package init(address: UInt32) {
        self.address = address
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        address = try cursor.readUInt32(octets)
    }

    func encode(into writer: inout Writer) {
        writer.append(address)
    }
}

extension A: CustomStringConvertible {
    /// Reads four decimal numbers of 0 to 255 with dots between them.
    ///
    /// Strict: no leading zeros, which some read as octal, and no shorter or hexadecimal forms.
    package init?(presentation text: some StringProtocol) {
        self.init(dottedQuad: Array(text.utf8)[...])
    }

    init?(dottedQuad text: ArraySlice<UInt8>) {
        let parts = text.split(
            separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard
                let number = UInt8(decimal: part),
                part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            address = address << 8 | UInt32(number)
        }
        self.init(address: address)
    }

    init(presentation field: PresentationFields.Field) throws(PresentationError) {
        guard let a = A(dottedQuad: field.text) else { throw .badAddress(at: field.offset) }
        self = a
    }

    /// The address as a dotted quad.
    package var description: String {
        "\(address >> 24).\(address >> 16 & 0xFF).\(address >> 8 & 0xFF).\(address & 0xFF)"
    }
}
