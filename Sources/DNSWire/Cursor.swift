// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A position in octets that somebody else owns, and the end of what may be read.
///
/// The octets are passed to each call, so that the cursor is a plain value. A cursor belongs to the
/// octets that it was made from; every read checks what is left before it takes it.
struct Cursor {
    /// The most pointers followed for one name.
    ///
    /// A name has at most 127 labels, and a pointer that adds no label is never needed; the bound
    /// keeps reading a message linear.
    static let maximumCompressionPointers = 127

    /// The next octet to read, counted from the start of the message; never beyond `end`.
    private(set) var offset: Int
    /// The first octet that may not be read.
    let end: Int

    init(_ octets: Span<UInt8>) {
        offset = 0
        end = octets.count
    }

    private init(offset: Int, end: Int) {
        self.offset = offset
        self.end = end
    }

    var remaining: Int { end - offset }
}

// MARK: - Numbers and octets

extension Cursor {
    mutating func readUInt8(_ octets: Span<UInt8>) throws(ParseError) -> UInt8 {
        octets[try take(1)]
    }

    /// Reads two octets in network order.
    mutating func readUInt16(_ octets: Span<UInt8>) throws(ParseError) -> UInt16 {
        let start = try take(2)
        return UInt16(octets[start]) << 8 | UInt16(octets[start + 1])
    }

    /// Reads four octets in network order.
    mutating func readUInt32(_ octets: Span<UInt8>) throws(ParseError) -> UInt32 {
        let start = try take(4)
        return (0..<4).reduce(0) { $0 << 8 | UInt32(octets[start + $1]) }
    }

    mutating func readOctets(_ count: Int, _ octets: Span<UInt8>) throws(ParseError) -> [UInt8] {
        let start = try take(count)
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for index in start..<start + count { result.append(octets[index]) }
        return result
    }

    /// Steps over the next `count` octets and returns a cursor that sees only them.
    mutating func readPart(_ count: Int) throws(ParseError) -> Cursor {
        let start = try take(count)
        return Cursor(offset: start, end: start + count)
    }

    /// Steps over `count` octets and returns where they begin.
    private mutating func take(_ count: Int) throws(ParseError) -> Int {
        guard count <= remaining else { throw .truncated(at: offset) }
        defer { offset += count }
        return offset
    }
}

// MARK: - Names

extension Cursor {
    /// Reads a domain name, following compression pointers (RFC 1035 §4.1.4).
    ///
    /// RFC 1035 wants a pointer to a prior occurrence of a name. So each pointer must go to before
    /// the labels it stands behind, and what it finds must end before them: the window that may be
    /// read shrinks with every jump, and no chain can be a loop.
    mutating func readName(_ octets: Span<UInt8>) throws(ParseError) -> DomainName {
        var name: [UInt8] = []
        var position = offset
        var window = (start: offset, end: end)
        var pointers = 0
        var lastPointer: Int?
        var offsetAfterName: Int?

        func missing() -> ParseError {
            lastPointer.map { .badPointer(at: $0) } ?? .truncated(at: position)
        }

        while true {
            guard position < window.end else { throw missing() }
            let first = octets[position]
            switch first >> 6 {
            case 0b00:
                let count = 1 + Int(first)
                guard count <= window.end - position else { throw missing() }
                // Behind every label but the root's there must be room for the root's.
                let root = first == 0 ? 0 : 1
                guard name.count + count + root <= DomainName.maximumOctets else {
                    throw .nameTooLong(at: position)
                }
                for index in position..<position + count { name.append(octets[index]) }
                position += count
                guard first == 0 else { continue }
                offset = offsetAfterName ?? position
                return DomainName(validWire: name)
            case 0b11:
                guard window.end - position >= 2 else { throw missing() }
                let target = Int(first & 0b0011_1111) << 8 | Int(octets[position + 1])
                guard
                    target < window.start,
                    pointers < Self.maximumCompressionPointers
                else { throw .badPointer(at: position) }
                pointers += 1
                lastPointer = position
                offsetAfterName = offsetAfterName ?? position + 2
                window = (start: target, end: window.start)
                position = target
            default:
                throw .badLabelType(at: position)
            }
        }
    }
}
