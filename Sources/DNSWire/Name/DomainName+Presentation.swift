// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension DomainName {
    /// Reads a name in presentation format (RFC 1035 §5.1, RFC 4343 §2.1).
    ///
    /// Labels are separated by dots. `\X` stands for the character X, `\DDD` for the octet with
    /// that
    /// decimal value. Every name is taken as absolute, whether it ends in a dot or not; the root is
    /// `.` alone. Octets outside of printable ASCII, spaces, quotes, semicolons and parentheses are
    /// accepted only as escapes, and so is an `@` that stands alone, which in a zone file means the
    /// origin.
    package init(presentation text: String) throws(PresentationError) {
        try self.init(presentation: Array(text.utf8)[...])
    }

    /// Reads a name from a part of a line; errors count from the start of the line.
    init(presentation text: ArraySlice<UInt8>) throws(PresentationError) {
        guard !text.isEmpty else { throw .unexpectedEnd(at: text.startIndex) }
        guard !text.elementsEqual([UInt8(ascii: "@")]) else {
            throw .badCharacter(at: text.startIndex)
        }
        guard !text.elementsEqual([UInt8(ascii: ".")]) else {
            self = .root
            return
        }

        var wire: [UInt8] = [0]
        var lengthOffset = 0
        var reader = EscapedReader(text)
        while let (octet, isEscaped, offset) = try reader.next() {
            let labelCount = wire.count - lengthOffset - 1
            if octet == UInt8(ascii: "."), !isEscaped {
                guard labelCount > 0 else { throw .emptyLabel(at: offset) }
                lengthOffset = wire.count
                wire.append(0)
                continue
            }
            guard isEscaped || PresentationEscape.mayStandBare(octet) else {
                throw .badCharacter(at: offset)
            }
            guard labelCount < Label.maximumOctets else { throw .labelTooLong(at: offset) }
            // The root's octet follows.
            guard wire.count + 2 <= Self.maximumOctets else { throw .nameTooLong(at: offset) }
            wire.append(octet)
            wire[lengthOffset] += 1
        }
        if wire[lengthOffset] != 0 { wire.append(0) }
        self.init(validWire: wire)
    }
}

extension DomainName: CustomStringConvertible {
    /// The name in presentation format, ending in a dot, case kept.
    package var description: String {
        guard !isRoot else { return "." }
        return labels.map { $0.description + "." }.joined()
    }
}
