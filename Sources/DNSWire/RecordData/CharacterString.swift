// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A character-string: 0 to 255 octets of any value behind a length octet (RFC 1035 §3.3).
package struct CharacterString: Hashable, Sendable {
    package static let maximumOctets = 255

    /// Without the length octet.
    package let octets: [UInt8]

    /// Nil for more than 255 octets.
    package init?(_ octets: [UInt8]) {
        guard octets.count <= Self.maximumOctets else { return nil }
        self.octets = octets
    }

    /// The UTF-8 octets of a text; nil for more than 255.
    package init?(_ text: some StringProtocol) {
        self.init(Array(text.utf8))
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        let count = try cursor.readUInt8(octets)
        self.octets = try cursor.readOctets(Int(count), octets)
    }

    /// Reads a field with or without quotes.
    init(presentation field: PresentationFields.Field) throws(PresentationError) {
        var octets: [UInt8] = []
        var reader = EscapedReader(field.text)
        while let (octet, isEscaped, offset) = try reader.next() {
            guard isEscaped || octet == 0x09 || 0x20...0x7E ~= octet else {
                throw .badCharacter(at: offset)
            }
            guard octets.count < Self.maximumOctets else { throw .stringTooLong(at: offset) }
            octets.append(octet)
        }
        self.octets = octets
    }

    func encode(into writer: inout Writer) {
        writer.append(UInt8(octets.count))
        writer.append(contentsOf: octets)
    }
}

extension CharacterString: CustomStringConvertible {
    /// The string in quotes, as zone files have it.
    package var description: String { PresentationEscape.quotedText(octets) }
}
