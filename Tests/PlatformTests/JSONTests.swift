// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import FoundationEssentials
import JSON
import TestSupport
import Testing

@Suite("JSON")
struct JSONTests {
    /// What is wrong with a document, with line and column; nil for one that is well-formed.
    private static func verdict(_ octets: [UInt8]) -> String? {
        var reader = JSONReader(octets)
        do throws(JSONError) {
            try reader.skip()
            try reader.end()
            return nil
        } catch {
            let (line, column) = reader.position(of: error.offset)
            return "\(line):\(column): \(error.problem)"
        }
    }

    @Test(
        "A document of RFC 8259 is read, its neighbour is refused where it is bad",
        arguments: [
            ("null", nil),
            ("nul", "1:4: the document ends too early"),
            ("nulL", "1:1: expected null"),
            ("", "1:1: the document ends too early"),
            (" \t\r\n[ ] ", nil),
            ("[\u{A0}]", "1:2: expected a value"),
            ("{}", nil),
            ("{} {}", "1:4: expected the end of the document"),
            (#"{"a":1,"a":2}"#, nil),
            (#"{"a" 1}"#, "1:6: expected a colon"),
            (#"{"a":1,}"#, "1:8: expected text"),
            (#"{"a":1 "b":2}"#, "1:8: expected a comma or }"),
            ("{a:1}", "1:2: expected text"),
            ("[1,2]", nil),
            ("[1 2]", "1:4: expected a comma or ]"),
            ("[1,\n ]", "2:2: expected a value"),
            ("[1}", "1:3: expected a comma or ]"),
            ("[true,false]", nil),
            ("[True]", "1:2: expected a value"),
            ("-0", nil),
            ("-", "1:2: the document ends too early"),
            ("01", "1:2: expected the end of the document"),
            ("1.0e+9", nil),
            ("1.", "1:3: the document ends too early"),
            ("1.e1", "1:3: expected a number"),
            ("+1", "1:1: expected a value"),
            (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, nil),
            (#""\x""#, "1:2: expected an escape of RFC 8259"),
            (#""\u00g0""#, "1:2: expected an escape of RFC 8259"),
            (#""\ud83d""#, "1:2: expected an escape of RFC 8259"),
            (#""\ude00""#, "1:2: expected an escape of RFC 8259"),
            ("\"é\u{7F}\"", nil),
            ("\"é\u{1F}\"", "1:3: a control character in text must be escaped"),
            ("\"a", "1:3: the document ends too early"),
        ])
    func documents(text: String, expected: String?) {
        #expect(Self.verdict(Array(text.utf8)) == expected)
    }

    @Test(
        "Text is UTF-8 as RFC 3629 has it",
        arguments: [
            ([0xC3, 0xA9], nil), ([0xC0, 0x80], "1:2: expected UTF-8"),
            ([0xED, 0x9F, 0xBF], nil), ([0xED, 0xA0, 0x80], "1:2: expected UTF-8"),
            ([0xF4, 0x8F, 0xBF, 0xBF], nil), ([0xF4, 0x90, 0x80, 0x80], "1:2: expected UTF-8"),
            ([0x61, 0xE2, 0x82], "1:3: expected UTF-8"), ([0x80], "1:2: expected UTF-8"),
        ] as [([UInt8], String?)])
    func encoding(octets: [UInt8], expected: String?) {
        #expect(Self.verdict([0x22] + octets + [0x22]) == expected)
    }

    @Test("Levels have a bound, whatever opens them", arguments: ["[", #"{"a":"#])
    func depth(opening: String) {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: opening, count: depth) + "0"
                    + String(repeating: closing, count: depth)).utf8)
        }
        #expect(Self.verdict(nested(JSONReader.maximumDepth)) == nil)
        let refusal = Self.verdict(nested(JSONReader.maximumDepth + 1))
        #expect(refusal?.hasSuffix("expected at most 64 levels") == true)
        #expect(Self.verdict(Array(String(repeating: opening, count: 1_000_000).utf8)) == refusal)
    }

    @Test(
        "An integer is whole and fits 64 bits",
        arguments: [
            ("9223372036854775807", Int.max), ("9223372036854775808", nil),
            ("-9223372036854775808", Int.min), ("-9223372036854775809", nil),
            ("0", 0), ("-0", 0), ("1.0", nil), ("1e1", nil), ("\"1\"", nil),
        ])
    func integers(text: String, expected: Int?) {
        var reader = JSONReader(Array(text.utf8))
        #expect((try? reader.integer()) == expected)
        // A refusal has moved nothing: something else may be asked for.
        if expected == nil { #expect((try? reader.skip()) != nil) }
    }

    // MARK: Against another reader

    /// Any value, as Foundation reads it.
    private enum Value: Decodable, Equatable {
        case null
        case boolean(Bool)
        case number(Double)
        case text(String)
        case array([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .text(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        init(_ reader: inout JSONReader) throws(JSONError) {
            switch try reader.peek() {
            case .null:
                try reader.null()
                self = .null
            case .boolean: self = .boolean(try reader.boolean())
            case .number:
                self = .number(Double(String(decoding: try reader.number(), as: UTF8.self)) ?? .nan)
            case .text: self = .text(String(decoding: try reader.text(), as: UTF8.self))
            case .array:
                var elements: [Value] = []
                try reader.beginArray()
                while try reader.nextElement() { elements.append(try Value(&reader)) }
                self = .array(elements)
            case .object:
                var fields: [String: Value] = [:]
                try reader.beginObject()
                while let name = try reader.nextField() {
                    fields[String(decoding: name, as: UTF8.self)] = try Value(&reader)
                }
                self = .object(fields)
            }
        }
    }

    private static func ours(_ octets: [UInt8]) -> Value? {
        var reader = JSONReader(octets)
        guard let value = try? Value(&reader), (try? reader.end()) != nil else { return nil }
        return value
    }

    private static func theirs(_ octets: [UInt8]) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(octets))
    }

    private static let seeds = [
        #"{"kind":"List","items":[{"a":[1,-2.5e3,0],"é":"\u00e9\ud83d\ude00"},null,true,false]}"#,
        #"[[],{},"",{"a":{"b":[{"c":"\\\"\/\b\f\n\r\t"}]}},[[[3.1]]] , 12 ]"#,
    ]

    @Test("Documents and their mutations read as in Foundation, or are refused by both")
    func oracle() {
        var random = SeededRandom(seed: TestRun.seed)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let pieces = Self.seeds.joined().utf8.filter { !digits.contains($0) } + [0x20, 0x80, 0x5C]
        for number in 0..<(TestRun.isThorough ? 200_000 : 4_000) {
            var octets = Array(Self.seeds[number % Self.seeds.count].utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: 0..<octets.count, using: &random)
                // Digits stay as they are: only Foundation refuses numbers beyond a Double.
                guard !digits.contains(octets[index]) else { continue }
                switch Int.random(in: 0..<3, using: &random) {
                case 0: octets.remove(at: index)
                case 1: octets[index] = pieces.randomElement(using: &random) ?? 0
                default: octets.insert(pieces.randomElement(using: &random) ?? 0, at: index)
                }
            }
            let (ours, theirs) = (Self.ours(octets), Self.theirs(octets))
            // Foundation overlooks a comma before a closing bracket, which RFC 8259 does not have.
            let text = String(decoding: octets, as: UTF8.self)
            if ours == nil, text.contains(/,\s*[\]}]/) { continue }
            guard ours == theirs else {
                Issue.record(
                    "\(hex(octets))\n\(text)\n\(ours as Any)\n\(theirs as Any)"
                )
                return
            }
        }
    }

    @Test("What the writer writes, Foundation reads")
    func writer() throws {
        let text = "\u{0}\u{1F}\"\\/\u{7F}é\u{2028}😀"
        var writer = JSONWriter()
        writer.beginObject()
        writer.field(text)
        writer.beginArray()
        writer.text(text)
        writer.integer(.min)
        writer.boolean(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.endArray()
        writer.field("b")
        writer.boolean(false)
        writer.endObject()
        #expect(
            Self.theirs(writer.octets)
                == .object([
                    text: .array([
                        .text(text), .number(Double(Int.min)), .boolean(true), .null, .object([:]),
                        .array([]),
                    ]), "b": .boolean(false),
                ]))
        #expect(Self.ours(writer.octets) == Self.theirs(writer.octets))
    }
}
