// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("Words")
struct WordTests {
    /// How the words of `raw` are read: as the arguments of `bind`, which keeps them as they are.
    private func words(_ raw: String) throws -> [String] {
        try read(". {\nbind \(raw)\n}").blocks[0].bindings
    }

    @Test(
        "White space separates words, quotes hold them together, # ends the line",
        arguments: [
            ("a b\tc", ["a", "b", "c"]),
            ("a#b c", ["a"]),
            ("a # b", ["a"]),
            (#""a" "b""#, ["a", "b"]),
            (#""a"b"#, ["a", "b"]),
            (#"a"b"#, [#"a"b"#]),
            (##""a#b""##, ["a#b"]),
            (#""a\"b""#, [#"a"b"#]),
            (#""a\b" "a\\""#, [#"a\b"#, #"a\\"#]),
            ("a\rb\r", ["ab"]),
            ("'a' b", ["'a'", "b"]),
            (#""{" "}""#, ["{", "}"]),
            ("{a} b{", ["{a}", "b{"]),
        ])
    func separation(_ raw: String, _ expected: [String]) throws {
        #expect(try words(raw) == expected)
    }

    @Test("A quoted word may span lines and the next word still stands on its line")
    func severalLines() throws {
        let configuration = try read(
            ". {\nfabdns {\ncatalog \"a\nb\"\n}\nmultisocket \"1\" # one\n}")
        #expect(configuration.blocks[0].fabdns?.catalogFile == "a\nb")
        #expect(configuration.workerCount == 1)
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog \"a\nb\" c\n}\n}")
                == "Corefile:4:4: wrong argument count, expected: catalog FILE")
    }

    @Test("A byte order mark at the start of the file is skipped, elsewhere it is a part of a word")
    func byteOrderMark() {
        #expect(refusal(of: "\u{FEFF}. {\n}") == nil)
        #expect(refusal(of: "\u{FEFF}\u{FEFF}. {\n}")?.contains("not a valid domain name") == true)
    }

    @Test("Carriage returns before line feeds change nothing")
    func carriageReturns() throws {
        let text = "global {\n  errors # x\n  bind \"127.0.0.1\"\n}\n"
        let configuration = try read(text)
        let withReturns = text.split(separator: "\n").joined(separator: "\r\n")
        #expect(try read(withReturns) == configuration)
    }

    @Test("A quote without an end is refused where it begins")
    func openQuote() {
        #expect(
            refusal(of: ". {\n  bind \"a\n}\n")
                == "Corefile:2:8: this quote has no end, expected a closing \"")
    }

    @Test("Columns count characters, not octets")
    func columns() {
        #expect(
            refusal(of: ". {\n  errors  \"ä\u{301}ö\" x\n}")
                == "Corefile:2:17: wrong argument count, expected: errors [stdout]")
    }
}

@Suite("Environment")
struct EnvironmentTests {
    private let variables = [
        "A": "alpha", "TWO": "log errors", "BRACE": "{", "SELF": "{$SELF}", "ZONE": "global",
        "IMPORT": "import",
    ]

    private func catalogFile(_ word: String) throws -> String? {
        try read(". {\nfabdns {\ncatalog \(word)\n}\n}", environment: variables)
            .blocks[0].fabdns?.catalogFile
    }

    @Test(
        "A reference is replaced inside a word, once, by both spellings",
        arguments: [
            ("{$A}", "alpha"), ("{%A%}", "alpha"), ("x{$A}y{%A%}z", "xalphayalphaz"),
            ("x{$UNSET}", "x"), ("{$}", "{$}"), ("{%%}", "{%%}"), ("{$A", "{$A"), ("{%A}", "{%A}"),
            ("{$SELF}", "{$SELF}"), ("{A}", "{A}"), ("\"{$TWO}\"", "log errors"),
            ("{$A}{$", "alpha{$"), ("{{$A}}", "{alpha}"), ("ä{$A}ö", "äalphaö"),
        ])
    func references(_ word: String, _ expected: String) throws {
        #expect(try catalogFile(word) == expected)
    }

    @Test("References work in addresses, names, arguments and imports")
    func everywhere() throws {
        let configuration = try read(
            "{$ZONE}:{$P} {\n{$E}\nimport {$F}\n}",
            environment: ["ZONE": "global", "P": "5300", "E": "errors", "F": "rest"],
            files: ["rest": "bind 127.0.0.1"])
        #expect(configuration.blocks[0].zones == ["global."])
        #expect(configuration.blocks[0].port == 5300)
        #expect(configuration.blocks[0].bindings == ["127.0.0.1"])
    }

    @Test(
        "A value is one word and no part of the grammar",
        arguments: [
            Verdict(". {\n{$TWO}\n}", "Corefile:2:1: unknown directive 'log errors'"),
            Verdict(". {\nbind {$BRACE}\n}"),
            Verdict(". {\n{$IMPORT} a\n}", "Corefile:2:1: unknown directive 'import'"),
            Verdict(
                "{$UNSET} {\n}",
                "Corefile:1:1: expected the address of a server block, this one is empty"),
        ])
    func values(_ verdict: Verdict) {
        #expect(refusal(of: verdict.text, environment: variables) == verdict.message)
    }

    @Test(
        "The cost of a word full of references grows with its length only", .timeLimit(.minutes(1)))
    func linear() throws {
        for piece in ["{$", "{%", "{$}", "{%}", "{%a", "{$A}"] {
            let word = String(repeating: piece, count: 100_000)
            _ = try catalogFile("\"x\(word)\"")
        }
    }
}
