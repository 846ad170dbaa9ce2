// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of a TXT record: one or more character-strings (RFC 1035 §3.3.14).
package struct TXT: Hashable, Sendable {
    /// Never empty.
    ///
    /// What passes 65,535 octets with the length octets fits into no message.
    package let strings: [CharacterString]

    /// Nil without a string.
    package init?(strings: [CharacterString]) {
        guard !strings.isEmpty else { return nil }
        self.strings = strings
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        var strings = [try CharacterString(parsing: &cursor, octets)]
        while cursor.remaining > 0 {
            strings.append(try CharacterString(parsing: &cursor, octets))
        }
        self.strings = strings
    }

    init(presentation fields: inout PresentationFields) throws(PresentationError) {
        var strings = [try CharacterString(presentation: try fields.required())]
        while let field = try fields.next() {
            strings.append(try CharacterString(presentation: field))
        }
        self.strings = strings
    }

    func encode(into writer: inout Writer) {
        for string in strings { string.encode(into: &writer) }
    }
}

extension TXT: CustomStringConvertible {
    package var description: String {
        strings.map(\.description).joined(separator: " ")
    }
}
