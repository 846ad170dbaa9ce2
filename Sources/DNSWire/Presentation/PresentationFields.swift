// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The fields of one line of a zone file, read from left to right (RFC 1035 §5.1).
///
/// Fields are separated by spaces and tabs; a semicolon begins a comment. A record has one line, so
/// parentheses and line ends are refused. Escapes are left in the fields, because what a backslash
/// means depends on the field.
struct PresentationFields {
    struct Field {
        /// A part of the line, so its indices are the places in the line.
        ///
        /// Without the quotes.
        let text: ArraySlice<UInt8>
        let isQuoted: Bool

        /// Where the field begins, its quote included.
        var offset: Int { isQuoted ? text.startIndex - 1 : text.startIndex }
    }

    private let line: [UInt8]
    private var position = 0

    init(_ line: String) {
        self.line = Array(line.utf8)
    }

    /// Reads the next field; nil at the end of the line or before a comment.
    mutating func next() throws(PresentationError) -> Field? {
        while position < line.count, Self.isBlank(line[position]) { position += 1 }
        guard position < line.count, line[position] != UInt8(ascii: ";") else { return nil }
        return line[position] == UInt8(ascii: "\"") ? try quoted() : try bare()
    }

    /// Reads the next field, which must be there.
    mutating func required() throws(PresentationError) -> Field {
        guard let field = try next() else { throw .unexpectedEnd(at: position) }
        return field
    }

    /// Makes sure that only blanks and a comment follow.
    mutating func finish() throws(PresentationError) {
        if let field = try next() { throw .trailingText(at: field.offset) }
    }

    private mutating func bare() throws(PresentationError) -> Field {
        let start = position
        while position < line.count {
            let octet = line[position]
            if Self.isBlank(octet) || octet == UInt8(ascii: ";") { break }
            guard !#""()"#.utf8.contains(octet), !Self.isLineEnd(octet) else {
                throw .badCharacter(at: position)
            }
            try step()
        }
        return Field(text: line[start..<position], isQuoted: false)
    }

    private mutating func quoted() throws(PresentationError) -> Field {
        position += 1
        let start = position
        while position < line.count, line[position] != UInt8(ascii: "\"") {
            guard !Self.isLineEnd(line[position]) else { throw .badCharacter(at: position) }
            try step()
        }
        guard position < line.count else { throw .unexpectedEnd(at: position) }
        let text = line[start..<position]
        position += 1
        if position < line.count {
            guard Self.isBlank(line[position]) || line[position] == UInt8(ascii: ";") else {
                throw .badCharacter(at: position)
            }
        }
        return Field(text: text, isQuoted: true)
    }

    /// Steps over one character, and over the one behind a backslash.
    private mutating func step() throws(PresentationError) {
        if line[position] == UInt8(ascii: "\\") {
            guard position + 1 < line.count else { throw .badEscape(at: position) }
            position += 1
        }
        position += 1
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t")
    }

    private static func isLineEnd(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "\n") || octet == UInt8(ascii: "\r")
    }
}

// MARK: - Typed fields

extension PresentationFields {
    mutating func name() throws(PresentationError) -> DomainName {
        try DomainName(presentation: try bareField().text)
    }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>() throws(PresentationError)
        -> Number
    {
        let field = try bareField()
        guard let number = Number(decimal: field.text) else { throw .badNumber(at: field.offset) }
        return number
    }

    /// The next field, which must stand without quotes.
    mutating func bareField() throws(PresentationError) -> Field {
        let field = try required()
        guard !field.isQuoted else { throw .badCharacter(at: field.offset) }
        return field
    }
}
