// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of an AAAA record: an IPv6 address (RFC 3596 §2.2).
package struct AAAA: Hashable, Sendable {
    /// The first eight octets in host order: 2001:db8:: is 0x20010DB8_00000000.
    package let high: UInt64
    /// The last eight octets in host order: ::1 is 1.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        let words = [
            try cursor.readUInt32(octets), try cursor.readUInt32(octets),
            try cursor.readUInt32(octets), try cursor.readUInt32(octets),
        ].map(UInt64.init)
        self.init(high: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
    }

    func encode(into writer: inout Writer) {
        for half in [high, low] {
            writer.append(UInt32(half >> 32))
            writer.append(UInt32(half & 0xFFFF_FFFF))
        }
    }
}

// MARK: - From text

extension AAAA {
    private static let groupCount = 8

    /// Reads the forms of RFC 4291 §2.2: eight groups of one to four hex digits, `::` once in place
    /// of one or more groups of zero, a dotted quad in place of the last two groups.
    ///
    /// No zone index and no prefix length: neither is part of an address.
    package init?(presentation text: some StringProtocol) {
        self.init(colonText: Array(text.utf8)[...])
    }

    init(presentation field: PresentationFields.Field) throws(PresentationError) {
        guard let aaaa = AAAA(colonText: field.text) else { throw .badAddress(at: field.offset) }
        self = aaaa
    }

    private init?(colonText text: ArraySlice<UInt8>) {
        let colon = UInt8(ascii: ":")
        let groups: [UInt16]
        if let gap = text.indices.dropLast().first(where: {
            text[$0] == colon && text[$0 + 1] == colon
        }) {
            let behind = text[(gap + 2)...]
            guard
                let left = gap == text.startIndex
                    ? [] : Self.groups(text[..<gap], quadMayEnd: false),
                let right = behind.isEmpty ? [] : Self.groups(behind, quadMayEnd: true),
                left.count + right.count < Self.groupCount
            else { return nil }
            let zeros = Self.groupCount - left.count - right.count
            groups = left + Array(repeating: 0, count: zeros) + right
        } else {
            guard
                let all = Self.groups(text, quadMayEnd: true),
                all.count == Self.groupCount
            else { return nil }
            groups = all
        }
        self.init(
            high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    /// Reads one or more groups with a colon between each two; nil for anything else.
    private static func groups(_ text: ArraySlice<UInt8>, quadMayEnd: Bool) -> [UInt16]? {
        let parts = text.split(
            separator: UInt8(ascii: ":"), maxSplits: groupCount, omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if quadMayEnd, index == parts.count - 1, let quad = A(dottedQuad: part) {
                groups.append(UInt16(quad.address >> 16))
                groups.append(UInt16(quad.address & 0xFFFF))
                continue
            }
            guard 1...4 ~= part.count else { return nil }
            var group: UInt16 = 0
            for digit in part {
                guard let value = hexValue(digit) else { return nil }
                group = group << 4 | UInt16(value)
            }
            groups.append(group)
        }
        return groups
    }
}

// MARK: - To text

extension AAAA: CustomStringConvertible {
    /// The address in the one form of RFC 5952.
    ///
    /// Small letters, no leading zeros, `::` for the first of the longest runs of two or more zero
    /// groups (§4). Of the prefixes that §5 would write with a dotted quad at the end, only
    /// ::ffff:0:0/96 says by itself that it holds an IPv4 address.
    package var description: String {
        if high == 0, low >> 32 == 0xFFFF {
            return "::ffff:\(A(address: UInt32(low & 0xFFFF_FFFF)))"
        }
        let groups = [high, low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(half >> $0 & 0xFFFF) }
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let gap = Self.longestZeroRun(groups) else { return text(0..<Self.groupCount) }
        return text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<Self.groupCount)
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<1
        var run = 0..<0
        for (index, group) in groups.enumerated() {
            run = group == 0 ? run.lowerBound..<index + 1 : index + 1..<index + 1
            if run.count > longest.count { longest = run }
        }
        return longest.count > 1 ? longest : nil
    }
}
