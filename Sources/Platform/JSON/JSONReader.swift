// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Reads one JSON document (RFC 8259) by pulling: the caller asks for what it expects next.
///
/// Nothing is built but what is asked for, no recursion, no allocation for text without escapes. A
/// method that throws because the next value is of another kind has moved nothing but white space,
/// so that the caller can ask for something else. Field names may repeat: who reads an object
/// decides what that means.
///
///     try reader.beginObject()
///     while let name = try reader.nextField() {
///         ... read or skip() exactly one value ...
///     }
///     try reader.end()
package struct JSONReader: Sendable {
    /// Objects and arrays inside each other; deeper documents are refused.
    package static let maximumDepth = 64

    private let octets: [UInt8]
    /// Where reading goes on, in octets.
    package private(set) var offset = 0
    private var depth = 0
    /// Whether the innermost object or array has just begun: no comma is due.
    private var isFirst = false
    private var unescaped: [UInt8] = []

    package init(_ octets: [UInt8]) { self.octets = octets }

    /// What stands next, without reading it.
    package enum Kind: Sendable {
        case object
        case array
        case text
        case number
        case boolean
        case null
    }

    /// The kind of the next value; `offset` is at its first octet afterwards.
    package mutating func peek() throws(JSONError) -> Kind {
        switch try nextOctet() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .text
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        default: throw failure(.expected(.value))
        }
    }

    package mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), .object)
    }

    /// The next field's name, with its value next to read; nil where the object ends.
    package mutating func nextField() throws(JSONError) -> ArraySlice<UInt8>? {
        guard try advance(closing: UInt8(ascii: "}"), .commaOrBrace) else { return nil }
        let name = try text()
        guard try nextOctet() == UInt8(ascii: ":") else { throw failure(.expected(.colon)) }
        offset += 1
        return name
    }

    package mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), .array)
    }

    /// Whether the array has one more element, which is then next to read.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try advance(closing: UInt8(ascii: "]"), .commaOrBracket)
    }

    package mutating func boolean() throws(JSONError) -> Bool {
        switch try nextOctet() {
        case UInt8(ascii: "t"):
            try literal("true", .boolean)
            return true
        case UInt8(ascii: "f"):
            try literal("false", .boolean)
            return false
        default:
            throw failure(.expected(.boolean))
        }
    }

    package mutating func null() throws(JSONError) {
        _ = try nextOctet()
        try literal("null", .null)
    }

    /// Reads over one value of any kind and checks it like any other.
    package mutating func skip() throws(JSONError) {
        /// One bit for each object (1) and array (0) that is open, the innermost lowest:
        /// `maximumDepth` fits.
        var objects: UInt64 = 0
        var open = 0
        repeat {
            switch try peek() {
            case .object:
                try beginObject()
                objects = objects << 1 | 1
                open += 1
            case .array:
                try beginArray()
                objects <<= 1
                open += 1
            case .text: _ = try text()
            case .number: _ = try number()
            case .boolean: _ = try boolean()
            case .null: try null()
            }
            while open > 0, try !hasNext(inObject: objects & 1 == 1) {
                objects >>= 1
                open -= 1
            }
        } while open > 0
    }

    /// Only white space may follow the document.
    package mutating func end() throws(JSONError) {
        skipSpace()
        guard offset == octets.count else { throw failure(.expected(.endOfDocument)) }
    }

    /// Line and column of an octet, both from 1, found by reading the document again.
    ///
    /// A line ends with a line feed; a column is a Unicode scalar.
    package func position(of offset: Int) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for octet in octets.prefix(offset) {
            if octet == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if octet & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }

    /// How many lines begin between two offsets.
    package func lineFeeds(from start: Int, to end: Int) -> Int {
        octets[start..<end].count { $0 == UInt8(ascii: "\n") }
    }
}

// MARK: - Scalars

extension JSONReader {
    /// The octets of the next text: valid UTF-8 without its quotes and escapes.
    package mutating func text() throws(JSONError) -> ArraySlice<UInt8> {
        guard try nextOctet() == UInt8(ascii: "\"") else { throw failure(.expected(.text)) }
        let start = offset + 1
        var index = start
        var combined: UInt8 = 0
        while index < octets.count {
            let octet = octets[index]
            if octet == UInt8(ascii: "\"") {
                if combined >= 0x80 { try checkUTF8(start..<index) }
                offset = index + 1
                return octets[start..<index]
            }
            if octet == UInt8(ascii: "\\") {
                return try escapedText(from: start, firstEscape: index)
            }
            guard octet >= 0x20 else { throw failure(.controlCharacter, at: index) }
            combined |= octet
            index += 1
        }
        throw failure(.unexpectedEnd, at: octets.count)
    }

    /// The next number as it is written, its grammar checked.
    package mutating func number() throws(JSONError) -> ArraySlice<UInt8> {
        let start = try numberStart()
        let end = try numberEnd(from: start).end
        offset = end
        return octets[start..<end]
    }

    /// The next number, which has neither fraction nor exponent and fits 64 bits.
    package mutating func integer() throws(JSONError) -> Int {
        let start = try numberStart()
        let (end, isInteger) = try numberEnd(from: start)
        guard isInteger, let value = Int(String(decoding: octets[start..<end], as: UTF8.self))
        else {
            throw failure(.notAnInteger)
        }
        offset = end
        return value
    }

    private mutating func numberStart() throws(JSONError) -> Int {
        guard try peek() == .number else { throw failure(.expected(.number)) }
        return offset
    }

    /// RFC 8259 §6: `[ minus ] int [ frac ] [ exp ]`.
    private func numberEnd(from start: Int) throws(JSONError) -> (end: Int, isInteger: Bool) {
        var index = start
        if at(index) == UInt8(ascii: "-") { index += 1 }
        if at(index) == UInt8(ascii: "0") {
            index += 1
        } else {
            index = try digits(from: index)
        }
        let integerEnd = index
        if at(index) == UInt8(ascii: ".") { index = try digits(from: index + 1) }
        if let octet = at(index), octet | 0x20 == UInt8(ascii: "e") {
            index += 1
            if let sign = at(index), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                index += 1
            }
            index = try digits(from: index)
        }
        return (index, index == integerEnd)
    }

    /// The end of one digit or more.
    private func digits(from start: Int) throws(JSONError) -> Int {
        var index = start
        while let octet = at(index), UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet { index += 1 }
        guard index > start else {
            throw failure(start < octets.count ? .expected(.number) : .unexpectedEnd, at: start)
        }
        return index
    }

    private mutating func escapedText(
        from start: Int, firstEscape: Int
    ) throws(JSONError) -> ArraySlice<UInt8> {
        unescaped.removeAll(keepingCapacity: true)
        unescaped.append(contentsOf: octets[start..<firstEscape])
        var index = firstEscape
        while let octet = at(index) {
            switch octet {
            case UInt8(ascii: "\""):
                try checkUTF8(start..<index)
                offset = index + 1
                return unescaped[...]
            case UInt8(ascii: "\\"):
                index = try unescape(at: index)
            case 0..<0x20:
                throw failure(.controlCharacter, at: index)
            default:
                unescaped.append(octet)
                index += 1
            }
        }
        throw failure(.unexpectedEnd, at: octets.count)
    }

    /// Appends what the escape at a backslash means; the offset behind the escape.
    private mutating func unescape(at backslash: Int) throws(JSONError) -> Int {
        guard let letter = at(backslash + 1) else {
            throw failure(.unexpectedEnd, at: octets.count)
        }
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): return try unescapeUnits(at: backslash)
        default: throw failure(.invalidEscape, at: backslash)
        }
        return backslash + 2
    }

    /// `\uXXXX`, or two of them for a scalar outside the basic plane; a lone surrogate is refused.
    private mutating func unescapeUnits(at backslash: Int) throws(JSONError) -> Int {
        var end = backslash + 6
        var value = UInt32(try codeUnit(at: backslash + 2))
        if 0xD800..<0xDC00 ~= value {
            guard let next = at(end) else { throw failure(.unexpectedEnd, at: octets.count) }
            guard next == UInt8(ascii: "\\") else { throw failure(.invalidEscape, at: backslash) }
            guard let letter = at(end + 1) else { throw failure(.unexpectedEnd, at: octets.count) }
            guard letter == UInt8(ascii: "u") else { throw failure(.invalidEscape, at: backslash) }
            let low = UInt32(try codeUnit(at: end + 2))
            guard 0xDC00..<0xE000 ~= low else { throw failure(.invalidEscape, at: backslash) }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            end += 6
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw failure(.invalidEscape, at: backslash)
        }
        unescaped.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        return end
    }

    /// Four hexadecimal digits.
    private func codeUnit(at start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for index in start..<start + 4 {
            guard let octet = at(index) else { throw failure(.unexpectedEnd, at: octets.count) }
            guard let digit = Character(Unicode.Scalar(octet)).hexDigitValue else {
                throw failure(.invalidEscape, at: start - 2)
            }
            unit = unit << 4 | UInt16(truncatingIfNeeded: digit)
        }
        return unit
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        if let index = firstInvalidUTF8(in: octets, range) {
            throw failure(.invalidUTF8, at: index)
        }
    }
}

// MARK: - Octets

extension JSONReader {
    private mutating func skipSpace() {
        while offset < octets.count {
            switch octets[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    /// The next octet that is no white space; `offset` is at it.
    private mutating func nextOctet() throws(JSONError) -> UInt8 {
        skipSpace()
        guard offset < octets.count else { throw failure(.unexpectedEnd) }
        return octets[offset]
    }

    private func at(_ index: Int) -> UInt8? { index < octets.count ? octets[index] : nil }

    private mutating func begin(
        _ opening: UInt8, _ expectation: JSONError.Expectation
    ) throws(JSONError) {
        guard try nextOctet() == opening else { throw failure(.expected(expectation)) }
        guard depth < Self.maximumDepth else { throw failure(.tooDeep) }
        depth += 1
        offset += 1
        isFirst = true
    }

    /// Moves over the comma before a further member, or over the closing octet: false.
    private mutating func advance(
        closing: UInt8, _ expectation: JSONError.Expectation
    ) throws(JSONError) -> Bool {
        let octet = try nextOctet()
        if octet == closing {
            offset += 1
            depth -= 1
            isFirst = false
            return false
        }
        if !isFirst {
            guard octet == UInt8(ascii: ",") else { throw failure(.expected(expectation)) }
            offset += 1
        }
        isFirst = false
        return true
    }

    private mutating func hasNext(inObject: Bool) throws(JSONError) -> Bool {
        if inObject { return try nextField() != nil }
        return try nextElement()
    }

    private mutating func literal(
        _ word: StaticString, _ expectation: JSONError.Expectation
    ) throws(JSONError) {
        var index = offset
        for octet in word.description.utf8 {
            guard let found = at(index) else { throw failure(.unexpectedEnd, at: octets.count) }
            guard found == octet else { throw failure(.expected(expectation)) }
            index += 1
        }
        offset = index
    }

    private func failure(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? self.offset, problem: problem)
    }
}
