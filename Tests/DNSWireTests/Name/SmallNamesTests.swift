// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

/// Every name of up to three labels out of a few that are easily confused.
@Suite struct SmallNamesTests {
    static let labels = ["a", "A", "b", "ab", #"\000"#, #"a\.b"#]

    /// The labels of each name in reading order.
    static var splits: [[String]] {
        var all: [[String]] = [[]]
        var longest: [[String]] = [[]]
        for _ in 0..<3 {
            longest = longest.flatMap { rest in labels.map { [$0] + rest } }
            all += longest
        }
        return all
    }

    static func name(_ labels: [String]) throws -> DomainName {
        try DomainName(presentation: labels.isEmpty ? "." : labels.joined(separator: "."))
    }

    @Test func `labels, parent and prepending agree with the text`() throws {
        for split in Self.splits {
            let name = try Self.name(split)
            #expect(name.labels.map(\.description) == split)
            #expect(name.labelCount == split.count)
            #expect(DomainName(labels: name.labels)?.wireOctets == name.wireOctets)
            #expect(name.parent == (split.isEmpty ? nil : try Self.name(Array(split.dropFirst()))))
            if let parent = name.parent, let first = name.labels.first {
                #expect(parent.prepending(first)?.wireOctets == name.wireOctets)
            }
        }
    }

    @Test func `equality, order and subdomains agree with those of label arrays`() throws {
        func key(_ split: [String]) -> [[UInt8]] {
            split.reversed().map { label in
                switch label {
                case #"\000"#: [0]
                case #"a\.b"#: Array("a.b".utf8)
                default: Array(label.lowercased().utf8)
                }
            }
        }
        func precedes(_ left: [[UInt8]], _ right: [[UInt8]]) -> Bool {
            left.lexicographicallyPrecedes(right) { $0.lexicographicallyPrecedes($1) }
        }
        let world = try Self.splits.map { (name: try Self.name($0), key: key($0)) }
        for left in world {
            for right in world {
                guard
                    (left.name == right.name) == (left.key == right.key),
                    (left.name < right.name) == precedes(left.key, right.key),
                    left.name.isSubdomain(of: right.name) == left.key.starts(with: right.key),
                    left.name != right.name || left.name.hashValue == right.name.hashValue
                else {
                    Issue.record("\(left.name) and \(right.name)")
                    continue
                }
            }
        }
    }

    @Test func `all short octet strings of a small alphabet are names exactly when they end well`()
        throws
    {
        let alphabet: [UInt8] = [0, 1, 2, 3, 0x40, 0x61, 0xC0]
        var strings: [[UInt8]] = [[]]
        for _ in 0..<5 {
            strings = strings.flatMap { string in alphabet.map { string + [$0] } }
            for string in strings {
                let name = try? DomainName(parsing: string.span)
                #expect((name != nil) == Self.isName(string[...]), "\(hex(string))")
                #expect(name == nil || name?.wireOctets == string)
            }
        }
    }

    /// The grammar of a name, written down once more and in another way.
    static func isName(_ octets: ArraySlice<UInt8>) -> Bool {
        guard let length = octets.first else { return false }
        guard length != 0 else { return octets.count == 1 }
        return length < 64 && octets.count > Int(length)
            && isName(octets.dropFirst(1 + Int(length)))
    }
}
