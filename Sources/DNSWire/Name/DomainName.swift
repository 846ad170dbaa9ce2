// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An absolute domain name.
///
/// Stored in wire form without compression, case kept:
///
///     www.example.   3 w w w 7 e x a m p l e 0
///
/// A value always has at most 255 octets and ends in the root's label, so it has at most 127 labels
/// before that (RFC 1035 §3.1). Two names are equal when they are without the case of ASCII letters
/// (RFC 4343 §3). There is no relative name: what is relative is joined to its origin with
/// ``appending(_:)`` before it is used.
package struct DomainName: Sendable {
    /// The length octets and the root's are counted (RFC 1035 §2.3.4).
    package static let maximumOctets = 255

    package static let root = DomainName(validWire: [0])

    /// Length octets and labels, ending in the zero octet of the root.
    package let wireOctets: [UInt8]

    /// Makes a name of octets that are known to be one.
    init(validWire octets: [UInt8]) {
        wireOctets = octets
    }

    /// Makes a name of labels in reading order, the root's not among them; nil if it passes 255
    /// octets.
    package init?(labels: some Sequence<Label>) {
        var octets: [UInt8] = []
        for label in labels {
            guard octets.count + label.octets.count + 2 <= Self.maximumOctets else { return nil }
            octets.append(UInt8(label.octets.count))
            octets.append(contentsOf: label.octets)
        }
        self.init(validWire: octets + [0])
    }

    /// Makes a name of octets in wire form without pointers, all of which it must use.
    package init(parsing octets: Span<UInt8>) throws(ParseError) {
        var cursor = Cursor(octets)
        self = try cursor.readName(octets)
        guard cursor.remaining == 0 else { throw .trailingOctets(at: cursor.offset) }
    }
}

// MARK: - Labels

extension DomainName {
    /// The labels in reading order, without the root's.
    package var labels: [Label] {
        labelOffsets.map { start in
            Label(valid: wireOctets[(start + 1)...].prefix(Int(wireOctets[start])))
        }
    }

    /// How many labels there are, the root's not counted.
    package var labelCount: Int {
        labelOffsets.reduce(0) { count, _ in count + 1 }
    }

    package var isRoot: Bool { wireOctets.count == 1 }

    /// Whether the leftmost label is `*` (RFC 4592 §2.1.1).
    package var isWildcard: Bool {
        wireOctets.starts(with: [1, UInt8(ascii: "*")])
    }

    /// The name without its leftmost label; nil for the root.
    package var parent: DomainName? {
        guard !isRoot else { return nil }
        return DomainName(validWire: Array(wireOctets[(1 + Int(wireOctets[0]))...]))
    }

    /// Where the labels begin in `wireOctets`, in reading order, without the root's.
    var labelOffsets: some Sequence<Int> {
        let octets = wireOctets
        return sequence(state: 0) { (next: inout Int) -> Int? in
            let start = next
            guard octets[start] != 0 else { return nil }
            next += 1 + Int(octets[start])
            return start
        }
    }
}

// MARK: - Joining

extension DomainName {
    /// The labels of this name before those of `suffix`; nil if that passes 255 octets.
    package func appending(_ suffix: DomainName) -> DomainName? {
        let octets = wireOctets.dropLast() + suffix.wireOctets
        guard octets.count <= Self.maximumOctets else { return nil }
        return DomainName(validWire: Array(octets))
    }

    /// The name one label below this one; nil if that passes 255 octets.
    package func prepending(_ label: Label) -> DomainName? {
        DomainName(labels: [label])?.appending(self)
    }

    /// The same name with its ASCII capital letters made small, as DNSSEC signs it (RFC 4034 §6.2).
    package var lowercased: DomainName {
        // A length octet is at most 63 and so never a letter.
        DomainName(validWire: wireOctets.map(\.lowercased))
    }
}
