// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing
import TestSupport

@testable import ServiceCatalog

@Suite("Lists and watches are cut while they arrive")
struct SplitterTests {
    /// What became of a list that came in chunks.
    struct Split: Equatable {
        var items: [String] = []
        var oversize: [Int] = []
        var envelope = ""
        var isList = true

        init(_ chunks: some Sequence<ArraySlice<UInt8>>) {
            var splitter = ListSplitter()
            for chunk in chunks where isList {
                isList = splitter.add(Array(chunk)) { piece in
                    switch piece {
                    case .item(let octets): items.append(String(decoding: octets, as: UTF8.self))
                    case .oversize(let octets): oversize.append(octets.count)
                    }
                }
            }
            envelope = String(decoding: splitter.envelope, as: UTF8.self)
        }

        init(_ text: String) { self.init([Array(text.utf8)[...]]) }
    }

    /// A list, its items and what it is without them.
    struct Sample: Sendable, CustomStringConvertible {
        let text: String
        let items: [String]
        let envelope: String

        init(_ text: String, _ items: [String], _ envelope: String) {
            self.text = text
            self.items = items
            self.envelope = envelope
        }

        var description: String { text }
    }

    static let head = #""kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"7"}"#

    static let samples = [
        Sample(
            #"{\#(head),"items":[{"a":1},{"b":[2]}]}"#, [#"{"a":1}"#, #"{"b":[2]}"#],
            #"{\#(head),"items":[]}"#),
        // Custom resources come in the order of the alphabet: the items before the metadata.
        Sample(
            #"{"apiVersion":"v1","items":[{"a":1}],"kind":"L","metadata":{"resourceVersion":"7"}}"#,
            [#"{"a":1}"#],
            #"{"apiVersion":"v1","items":[],"kind":"L","metadata":{"resourceVersion":"7"}}"#),
        Sample(#"{\#(head),"items":[]}"#, [], #"{\#(head),"items":[]}"#),
        Sample(#"{\#(head),"items":null}"#, [], #"{\#(head),"items":null}"#),
        Sample(#"{\#(head)}"#, [], #"{\#(head)}"#),
        Sample(
            " {\n \"items\" : [ {\"a\" : 1 } ,\n\t{ } ] ,\n \(head) }\n", [#"{"a" : 1 }"#, "{ }"],
            " {\n \"items\" : [] ,\n \(head) }\n"),
        // Brackets, quotes and escapes within texts.
        Sample(
            #"{\#(head),"items":[{"a":"]}[{\"},{"},{"b\\":"\\"},{"\u005d":"é\\\"]"}]}"#,
            [#"{"a":"]}[{\"},{"}"#, #"{"b\\":"\\"}"#, #"{"\u005d":"é\\\"]"}"#],
            #"{\#(head),"items":[]}"#),
        Sample(
            #"{"metadata":{"continue":"]}\"[{\\","resourceVersion":"7"},"items":[{}]}"#, ["{}"],
            #"{"metadata":{"continue":"]}\"[{\\","resourceVersion":"7"},"items":[]}"#),
        // Items are what the list calls so, not what something inside it does.
        Sample(
            #"{\#(head),"items":[{"items":[{"items":[]}]},{"x":"items"}]}"#,
            [#"{"items":[{"items":[]}]}"#, #"{"x":"items"}"#], #"{\#(head),"items":[]}"#),
        Sample(
            #"{"metadata":{"items":[{"a":1}],"resourceVersion":"7"},"items":[{}]}"#, ["{}"],
            #"{"metadata":{"items":[{"a":1}],"resourceVersion":"7"},"items":[]}"#),
        Sample(
            #"{"kind":"items","other":[{"a":1}],"items":[{}],"x":"items","y":[{}]}"#, ["{}"],
            #"{"kind":"items","other":[{"a":1}],"items":[],"x":"items","y":[{}]}"#),
        Sample(
            #"{"item":[{}],"itemss":[{}],"Items":[{}],"xitems":[{}],"items":{"a":[{}]}}"#, [],
            #"{"item":[{}],"itemss":[{}],"Items":[{}],"xitems":[{}],"items":{"a":[{}]}}"#),
        Sample(
            #"{"remainingItemCountOfAll-items":[{}],"items":[[1],{"a":[[]]}]}"#,
            ["[1]", #"{"a":[[]]}"#], #"{"remainingItemCountOfAll-items":[{}],"items":[]}"#),
    ]

    @Test("A list is its items and the rest", arguments: samples)
    func whole(_ sample: Sample) {
        let split = Split(sample.text)
        #expect(split.isList)
        #expect(split.items == sample.items)
        #expect(split.envelope == sample.envelope)
        #expect(split.oversize == [])
    }

    @Test("It does not matter where the chunks of a list end", arguments: samples)
    func everyCut(_ sample: Sample) throws {
        let octets = Array(sample.text.utf8)
        let whole = Split(sample.text)
        for cut in 0...octets.count {
            try #require(Split([octets[..<cut], octets[cut...]]) == whole, "cut at \(cut)")
        }
        try #require(Split(octets.indices.map { octets[$0...$0] }) == whole)
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<50 {
            try #require(Split(Self.chunks(octets, using: &random)) == whole)
        }
    }

    static func chunks(
        _ octets: [UInt8], using random: inout SeededRandom
    ) -> [ArraySlice<UInt8>] {
        var chunks: [ArraySlice<UInt8>] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...min(rest.count, 12), using: &random)
            chunks.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return chunks
    }

    @Test(
        "What closes more than it opens is no list, nor is what opens a thousand brackets",
        arguments: [
            ("{}}", false), ("]", false), (#"{"items":[{}]]}}"#, false),
            (String(repeating: "[", count: 1001), false),
            (String(repeating: "[", count: 1000), true),
            (#"{"items":["# + String(repeating: "[", count: 999), false),
            (#"{"items":["# + String(repeating: "[", count: 998), true),
            ("", true), ("nonsense", true), ("{}{}", true),
        ])
    func depth(_ text: String, _ isList: Bool) {
        #expect(Split(text).isList == isList)
    }

    @Test("An item may have 4 MiB; of a larger one the beginning is told, and the next one comes")
    func oversize() {
        func item(_ size: Int) -> String {
            #"{"a":""# + String(repeating: "x", count: size - 8) + #""}"#
        }
        for chunkSize in [1 << 10, 1 << 16, 1 << 23] {
            let limit = ListSplitter.maximumItem
            for (size, isOversize) in [(limit, false), (limit + 1, true), (limit * 2, true)] {
                let octets = Array(#"{"items":[{},\#(item(size)),{"b":2}],\#(Self.head)}"#.utf8)
                let split = Split(
                    stride(from: 0, to: octets.count, by: chunkSize).map {
                        octets[$0..<min($0 + chunkSize, octets.count)]
                    })
                #expect(split.isList)
                #expect(split.oversize == (isOversize ? [4096] : []))
                #expect(split.items.map(\.utf8.count) == (isOversize ? [2, 7] : [2, size, 7]))
                #expect(split.envelope == #"{"items":[],\#(Self.head)}"#)
            }
        }
    }

    @Test("What stands around the items may have 1 MiB")
    func envelopeSize() {
        func list(_ size: Int) -> String {
            let filler = String(repeating: "x", count: size - 18)
            return #"{"items":[],"":""# + filler + #""}"#
        }
        for (size, isList) in [(1 << 20, true), (1 << 20 + 1, false)] {
            let split = Split(list(size))
            let found = (split.envelope.utf8.count, split.isList)
            #expect(found == (size, isList))
        }
    }

    // MARK: Lines

    static func lines(_ chunks: some Sequence<ArraySlice<UInt8>>) -> ([String], Bool, Bool) {
        var splitter = LineSplitter()
        var lines: [String] = []
        var isStream = true
        for chunk in chunks where isStream {
            isStream = splitter.add(Array(chunk)) {
                lines.append(String(decoding: $0, as: UTF8.self))
            }
        }
        return (lines, splitter.isBetweenLines, isStream)
    }

    @Test(
        "A stream is its lines, wherever its chunks end; empty ones are none",
        arguments: [
            ("", [], true), ("\n", [], true), ("\n\n\n", [], true), ("a\n", ["a"], true),
            ("a", [], false), ("a\nb", ["a"], false), ("a\n\nbc\n", ["a", "bc"], true),
            ("\n{\"a\":\"\\n\"}\nd e\r\n\nf", ["{\"a\":\"\\n\"}", "d e\r"], false),
        ] as [(String, [String], Bool)])
    func lineCuts(_ text: String, _ expected: [String], _ isBetween: Bool) throws {
        let octets = Array(text.utf8)
        var random = SeededRandom(seed: TestRun.seed)
        let ways =
            (0...octets.count).map { [octets[..<$0], octets[$0...]] }
            + [octets.indices.map { octets[$0...$0] }]
            + (0..<20).map { _ in Self.chunks(octets, using: &random) }
        for way in ways {
            let (lines, isBetweenLines, isStream) = Self.lines(way)
            try #require(lines == expected)
            try #require(isBetweenLines == isBetween)
            try #require(isStream)
        }
    }

    @Test("A line may be an object of 4 MiB and 1 KiB around it, whether its end has come or not")
    func longLines() {
        let limit = LineSplitter.maximumLine
        for chunkSize in [1 << 12, 1 << 23] {
            for (size, end, isStream) in [
                (limit, "", true), (limit, "\n", true), (limit + 1, "", false),
                (limit + 1, "\n", false),
            ] {
                let octets = [UInt8](repeating: 0x61, count: size) + Array(end.utf8)
                let (lines, _, found) = Self.lines(
                    stride(from: 0, to: octets.count, by: chunkSize).map {
                        octets[$0..<min($0 + chunkSize, octets.count)]
                    })
                #expect(found == isStream)
                #expect(lines.map(\.utf8.count) == (isStream && !end.isEmpty ? [limit] : []))
            }
        }
    }
}
