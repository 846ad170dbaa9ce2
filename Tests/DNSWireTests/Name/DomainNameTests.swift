// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

@Suite struct DomainNameTests {
    static let names: [(text: String, wire: String, printed: String)] = [
        (".", "00", "."),
        ("example", "07 'example' 00", "example."),
        ("example.", "07 'example' 00", "example."),
        ("WWW.Example.", "03 'WWW' 07 'Example' 00", "WWW.Example."),
        (#"a\.b.c."#, "03 'a.b' 01 'c' 00", #"a\.b.c."#),
        (#"a\\b."#, #"03 'a\b' 00"#, #"a\\b."#),
        (#"\097\000\255."#, "03 61 00 FF 00", #"a\000\255."#),
        (#"a\ b\;\"\(\)."#, #"07 'a b;"()' 00"#, #"a\032b\;\"\(\)."#),
        ("a@b.$c.", "03 'a@b' 02 '$c' 00", #"a\@b.\$c."#),
        (#"\@."#, "01 '@' 00", #"\@."#),
        ("*._tcp.x.", "01 '*' 04 '_tcp' 01 'x' 00", "*._tcp.x."),
    ]

    @Test("presentation format reads into wire octets and prints back", arguments: names)
    func presentation(_ row: (text: String, wire: String, printed: String)) throws {
        let name = try DomainName(presentation: row.text)
        #expect(name.wireOctets == (try octets(row.wire)))
        #expect(name.description == row.printed)
        #expect(try DomainName(presentation: row.printed).wireOctets == name.wireOctets)
    }

    static let refused: [(text: String, error: PresentationError)] = [
        ("", .unexpectedEnd(at: 0)),
        ("..", .emptyLabel(at: 0)),
        (".a", .emptyLabel(at: 0)),
        ("a..b", .emptyLabel(at: 2)),
        ("a..", .emptyLabel(at: 2)),
        ("@", .badCharacter(at: 0)),
        ("a b", .badCharacter(at: 1)),
        ("a;b", .badCharacter(at: 1)),
        ("a\"", .badCharacter(at: 1)),
        ("(a)", .badCharacter(at: 0)),
        ("é", .badCharacter(at: 0)),
        ("a\n", .badCharacter(at: 1)),
        ("a\\", .badEscape(at: 1)),
        (#"a\1"#, .badEscape(at: 1)),
        (#"a\12"#, .badEscape(at: 1)),
        (#"a\12x"#, .badEscape(at: 1)),
        (#"a\256"#, .badEscape(at: 1)),
        ("a\\é", .badEscape(at: 1)),
    ]

    @Test("a text that is no name says what is wrong where", arguments: refused)
    func refusedText(_ row: (text: String, error: PresentationError)) {
        #expect(throws: row.error) { try DomainName(presentation: row.text) }
    }

    @Test func `a label of 63 octets is read and one of 64 is not`() throws {
        let label = String(repeating: "x", count: 63)
        #expect(try DomainName(presentation: label + ".a").labels[0].octets.count == 63)
        #expect(throws: PresentationError.labelTooLong(at: 63)) {
            try DomainName(presentation: label + "x.a")
        }
        #expect(Label(label.utf8) != nil)
        #expect(Label((label + "x").utf8) == nil)
        #expect(Label("".utf8) == nil)
    }

    @Test func `a name of 255 octets is read and one of 256 is not`() throws {
        let label = String(repeating: "x", count: 63)
        let longest = [label, label, label, String(label.dropLast(2))].joined(separator: ".")
        #expect(try DomainName(presentation: longest).wireOctets.count == 255)
        #expect(try DomainName(presentation: longest + ".").wireOctets.count == 255)
        #expect(throws: PresentationError.nameTooLong(at: 253)) {
            try DomainName(presentation: longest + "x")
        }
        #expect(throws: PresentationError.nameTooLong(at: 254)) {
            try DomainName(presentation: longest + ".x")
        }
    }

    @Test func `a name has at most 127 labels`() throws {
        let most = Array(repeating: "a", count: 127).joined(separator: ".")
        let name = try DomainName(presentation: most)
        #expect(name.labelCount == 127)
        #expect(name.wireOctets.count == DomainName.maximumOctets)
        #expect(throws: PresentationError.nameTooLong(at: 254)) {
            try DomainName(presentation: most + ".a")
        }
        let label = try #require(Label("a".utf8))
        #expect(DomainName(labels: Array(repeating: label, count: 127)) == name)
        #expect(DomainName(labels: Array(repeating: label, count: 128)) == nil)
        #expect(name.prepending(label) == nil)
        #expect(name.appending("a") == nil)
        #expect(name.appending(.root) == name)
    }

    @Test func `names are equal without the case of ASCII letters, and keep it`() {
        let name: DomainName = "WwW.eXample."
        #expect(name == "www.EXAMPLE.")
        #expect(name.hashValue == DomainName("www.example.").hashValue)
        #expect(name.description == "WwW.eXample.")
        #expect(name.lowercased.description == "www.example.")
        // 0x5B and 0x7B differ as letters do, and are none; nor are 0xC0 and 0xE0.
        #expect(DomainName(#"\091."#) != DomainName(#"\123."#))
        #expect(DomainName(#"\192."#) != DomainName(#"\224."#))
        // A length octet of 65 would look like a letter; the label's text must not matter.
        #expect(DomainName("a.b.") != DomainName(#"a\001b."#))
    }

    @Test func `the order is the one of RFC 4034 §6.1`() {
        let ordered: [DomainName] = [
            "example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.",
            "z.example.", #"\001.z.example."#, "*.z.example.", #"\200.z.example."#,
        ]
        #expect(ordered.reversed().sorted() == ordered)
        #expect(DomainName.root < "a.")
    }

    @Test func `a wildcard has an asterisk as its whole leftmost label`() {
        #expect(DomainName("*.example.").isWildcard)
        #expect(!DomainName("*a.example.").isWildcard)
        #expect(!DomainName("a.*.example.").isWildcard)
        #expect(!DomainName.root.isWildcard)
    }

    @Test func `a name ends below an ancestor only where a label begins`() {
        #expect(DomainName("a.example.").isSubdomain(of: "EXAMPLE."))
        #expect(!DomainName("aexample.").isSubdomain(of: "example."))
        // The octets of the label end in those of the ancestor, length octet and all.
        #expect(!DomainName(#"x\007example."#).isSubdomain(of: "example."))
    }

    static let wireRefused: [(wire: String, error: ParseError)] = [
        ("", .truncated(at: 0)),
        ("01", .truncated(at: 0)),
        ("01 'a'", .truncated(at: 2)),
        ("02 'a' 00 00 00", .trailingOctets(at: 4)),
        ("03 'a' 00", .truncated(at: 0)),
        ("40 00", .badLabelType(at: 0)),
        ("80 00", .badLabelType(at: 0)),
        ("C0 00", .badPointer(at: 0)),
        ("01 'a' C0 00", .badPointer(at: 2)),
        ("01 'a' C0", .truncated(at: 2)),
        ("00 00", .trailingOctets(at: 1)),
    ]

    @Test("octets that are no name say what is wrong where", arguments: wireRefused)
    func refusedWire(_ row: (wire: String, error: ParseError)) throws {
        let wire = try octets(row.wire)
        #expect(throws: row.error) { try DomainName(parsing: wire.span) }
    }
}
