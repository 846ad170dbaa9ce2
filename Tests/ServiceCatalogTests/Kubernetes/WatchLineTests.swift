// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Lines of a watch, statuses, and the metadata of lists")
struct WatchLineTests {
    /// `TYPE object`; nil for a line that is none.
    static func line(_ text: String) -> String? {
        func shown(_ type: String, _ object: [UInt8]) -> String {
            "\(type) \(String(decoding: object, as: UTF8.self))"
        }
        return switch WatchLine(Array(text.utf8)) {
        case .added(let object): shown("ADDED", object)
        case .modified(let object): shown("MODIFIED", object)
        case .deleted(let object): shown("DELETED", object)
        case .bookmark(let object): shown("BOOKMARK", object)
        case .error(let object): shown("ERROR", object)
        case nil: nil
        }
    }

    @Test(
        "A line is a type and an object, whose octets are kept as they are",
        arguments: [
            (#"{"type":"ADDED","object":{"a":1}}"#, #"ADDED {"a":1}"#),
            (#"{"type":"MODIFIED","object":{"a":[{}, "}"]}}"#, #"MODIFIED {"a":[{}, "}"]}"#),
            (#"{"type":"DELETED","object":{}}"#, "DELETED {}"),
            (#"{"type":"BOOKMARK","object":{"kind":"Node"}}"#, #"BOOKMARK {"kind":"Node"}"#),
            (#"{"type":"ERROR","object":{"code":410}}"#, #"ERROR {"code":410}"#),
            // In any order, and with other fields around.
            (#"{"object":{"a":1},"type":"ADDED"}"#, #"ADDED {"a":1}"#),
            (#" { "x" : [1] , "object" :  { } , "y":null, "type":"ADDED" } "#, "ADDED { }"),
            (#"{"type":"\u0041DDED","object":{"type":"DELETED"}}"#, #"ADDED {"type":"DELETED"}"#),
            // What is no object is for the object's decoder to refuse.
            (#"{"type":"ADDED"}"#, "ADDED "), (#"{"type":"ADDED","object":null}"#, "ADDED null"),
        ])
    func lines(_ text: String, _ expected: String) { #expect(Self.line(text) == expected) }

    @Test(
        "What is cut, of an unknown type or no object is no line",
        arguments: [
            "", "{}", "null", "[]", #"{"object":{"a":1}}"#, #"{"type":"","object":{}}"#,
            #"{"type":"added","object":{}}"#, #"{"type":"SYNC","object":{}}"#,
            #"{"type":"ADDED ","object":{}}"#, #"{"type":1,"object":{}}"#,
            #"{"type":null,"object":{}}"#, #"{"type":"ADDED","object":{}}{"#,
            #"{"type":"ADDED","object":{}}x"#, #"{"type":"ADDED" "object":{}}"#,
            #"{"type":"ADDED","object":{"a":}}"#, #"{"type":"ADDED","object":{]}}"#,
        ])
    func noLines(_ text: String) { #expect(Self.line(text) == nil) }

    @Test("A line that is cut anywhere is none")
    func cutLines() throws {
        let line = Array(#"{"type":"ADDED","object":{"a":"é\n","b":[1.5,true]}}"#.utf8)
        #expect(WatchLine(line) != nil)
        for count in 0..<line.count { try #require(WatchLine(Array(line.prefix(count))) == nil) }
    }

    // MARK: Statuses

    @Test("A Status has a code, a reason and a message; other fields are stepped over")
    func status() {
        let status = APIStatus(
            Array(
                #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
                "message":"too old resource version: 1 (2)","reason":"Expired","code":410,
                "details":{"causes":[{"message":"x"}]}}
                """#.utf8))
        #expect(status.code == 410)
        #expect(status.reason == "Expired")
        #expect(status.message == "too old resource version: 1 (2)")
    }

    @Test(
        "Plain text is a message, and so is half a Status; a message is one line",
        arguments: [
            ("", ""), ("{}", ""), ("404 page not found\n", "404 page not found"),
            ("a\tb\r\nc\u{0}d\u{1B}[0m", "a b  c d [0m"), (" \n ", ""), ("  a \n", "  a"),
            (#"{"message":"a\nb\u0000c\r\n"}"#, "a b c"), (#"{"message":"é\u00e9"}"#, "éé"),
            (#"{"message":"a"#, #"{"message":"a"#), ("null", "null"), ("\"text\"", "\"text\""),
            (#"{"message":7}"#, #"{"message":7}"#), (#"{"code":"410"}"#, #"{"code":"410"}"#),
            ("<html>\n<b>502</b>", "<html> <b>502</b>"),
        ])
    func messages(_ text: String, _ message: String) {
        #expect(APIStatus(Array(text.utf8)).message == message)
    }

    @Test("A message has at most 300 characters")
    func longMessages() {
        for (sign, count) in [("x", 300), ("é", 300), ("\n", 0)] {
            let long = String(repeating: sign, count: 301)
            let escaped = sign == "\n" ? #"\n"# : sign
            let json = #"{"message":""# + String(repeating: escaped, count: 301) + #""}"#
            #expect(APIStatus(Array(json.utf8)).message.count == count)
            #expect(APIStatus(Array(long.utf8)).message.utf8.count <= 300)
        }
        let exact = String(repeating: "x", count: 300)
        #expect(APIStatus(Array(exact.utf8)).message == exact)
    }

    @Test("Octets that are no UTF-8 end nothing")
    func badUTF8() {
        #expect(APIStatus([0x61, 0xFF, 0x62]).message == "a\u{FFFD}b")
        #expect(APIStatus([UInt8](repeating: 0xC3, count: 500)).message.count == 300)
    }

    // MARK: The metadata of lists

    @Test(
        "A list has a resourceVersion; where it goes on, and with how many, is told by all but the last page",
        arguments: [
            (#"{"metadata":{"resourceVersion":"7"}}"#, "7", nil, nil),
            (#"{"items":[],"metadata":{"resourceVersion":"7"},"kind":"L"}"#, "7", nil, nil),
            (
                #"{"metadata":{"continue":"a\"b","remainingItemCount":12,"resourceVersion":"7"}}"#,
                "7", "a\"b", 12
            ),
            (#"{"metadata":{"continue":"","resourceVersion":"7","selfLink":""}}"#, "7", nil, nil),
            (
                #"{"metadata":{"resourceVersion":"7"},"other":{"resourceVersion":"8"}}"#, "7", nil,
                nil
            ),
        ] as [(String, String, String?, Int?)])
    func metadata(
        _ envelope: String, _ version: String, _ continuation: String?, _ remaining: Int?
    ) throws {
        let metadata = try #require(ListMetadata(envelope: Array(envelope.utf8)))
        #expect(metadata.resourceVersion == version)
        #expect(metadata.continuation == continuation)
        #expect(metadata.remainingItemCount == remaining)
    }

    @Test(
        "What has no resourceVersion, or is cut, is no list",
        arguments: [
            "", "{}", "[]", "null", #"{"metadata":{}}"#, #"{"resourceVersion":"7"}"#,
            #"{"metadata":{"resourceVersion":""}}"#, #"{"metadata":{"resourceVersion":7}}"#,
            #"{"metadata":null}"#, #"{"metadata":[]}"#, #"{"metadata":{"resourceVersion":"7"}"#,
            #"{"metadata":{"resourceVersion":"7"}}{"#, #"{"metadata":{"resourceVersion":"7"}}}"#,
            #"{"metadata":{"resourceVersion":"7"},"items":["#,
            #"{"metadata":{"resourceVersion":"\#(String(repeating: "7", count: 65))"}}"#,
            #"{"metadata":{"resourceVersion":"7","remainingItemCount":"1"}}"#,
        ])
    func noMetadata(_ envelope: String) {
        #expect(ListMetadata(envelope: Array(envelope.utf8)) == nil)
    }

    @Test("What a splitter leaves of a whole list has its metadata, and of a cut one it has none")
    func splitMetadata() throws {
        let list = Array(
            #"{"items":[{"metadata":{"resourceVersion":"1"}}],"metadata":{"resourceVersion":"7"}}"#
                .utf8)
        for count in 0...list.count {
            var splitter = ListSplitter()
            try #require(splitter.add(Array(list.prefix(count))) { _ in })
            let metadata = ListMetadata(envelope: splitter.envelope)
            try #require(metadata?.resourceVersion == (count == list.count ? "7" : nil))
        }
    }
}
