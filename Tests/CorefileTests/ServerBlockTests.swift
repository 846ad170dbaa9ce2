// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("Server blocks")
struct ServerBlockTests {
    @Test("One zone, one port and a catalog are a whole configuration")
    func simplest() throws {
        let configuration = try read(
            """
            global:5300 {
                errors
                bind 127.0.0.1 ::1
                fabdns {
                    catalog catalog.yaml
                    cluster beijing
                    zone hebei
                    region north
                    ttl 30
                    fallthrough
                }
                cache 30
            }
            """)
        func place(_ line: Int, _ column: Int) -> FileLocation {
            FileLocation(file: "Corefile", line: line, column: column)
        }
        var features = BlockFeatures()
        features.names = ["bind", "errors", "fabdns"]
        #expect(
            configuration
                == ServerConfiguration(
                    blocks: [
                        ServerBlock(
                            zones: ["global."], port: 5300, bindings: ["127.0.0.1", "::1"],
                            bindLocation: place(3, 5),
                            fabdns: FabDNSBlock(
                                zones: ["global."], catalogFile: "catalog.yaml", cluster: "beijing",
                                region: "north", zone: "hebei", ttlSeconds: 30,
                                fallthroughZones: ["."], location: place(4, 5)),
                            features: features, location: place(1, 1))
                    ],
                    warnings: [
                        ConfigurationWarning(
                            location: place(12, 5),
                            message:
                                "'cache' is accepted and has no effect in fabdns: answers already "
                                + "come from memory")
                    ]))
    }

    @Test(
        "Addresses are separated by spaces or commas; a comma continues on the next line",
        arguments: [
            "a b c {\n}", "a, b, c {\n}", "a,\nb,\nc {\n}", "a b c\n{\n}", "a, b c{$NONE} {\n}",
            "a\tb\t,\nc {}\n}", "a b c",
        ])
    func addressLists(_ text: String) throws {
        let text = text.replacing("{}", with: "{")
        #expect(try read(text).blocks.map(\.zones) == [["a.", "b.", "c."]])
    }

    @Test(
        "A list of addresses that ends too early or in the wrong way is refused",
        arguments: [
            Verdict("a, {\n}", "1:1: expected another address after the comma"),
            Verdict("a,", "1:1: expected another address after the comma"),
            Verdict("a,\n}", "1:1: expected another address after the comma"),
            Verdict("a }", "1:3: unexpected '}', expected the address of a server block"),
            Verdict("{\n}", "1:1: unexpected '{', expected the address of a server block"),
            Verdict("\"\" {\n}", "1:1: expected the address of a server block, this one is empty"),
        ])
    func addressListsRefused(_ verdict: Verdict) {
        #expect(refusal(of: verdict.text) == verdict.message.map { "Corefile:" + $0 })
    }

    @Test("Addresses with several ports are one server block per port")
    func ports() throws {
        let blocks = try read("a b:5353 c {\n errors\n}").blocks
        #expect(blocks.map(\.zones) == [["a.", "c."], ["b."]])
        #expect(blocks.map(\.port) == [53, 5353])
    }

    @Test("The default port replaces 53 only where no port is written")
    func defaultPort() throws {
        let blocks = try Corefile.parse(
            text: "a b:53 {\n}", file: "Corefile", defaultPort: 1053
        ).blocks
        #expect(blocks.map(\.port) == [1053, 53])
    }

    @Test(
        "Braces enclose blocks, one line per directive",
        arguments: [
            Verdict(". { }"), Verdict(". {}", "1:3: unexpected end of the line"),
            Verdict(". { errors\n}"), Verdict(". {\n errors { }\n}"),
            Verdict(". {\n errors { stacktrace\n }\n}"), Verdict(". {\n}\na {\n}"),
            Verdict(". {\n} a {\n}"), Verdict(".\nerrors\nbind lo"),
            Verdict(".\nerrors {\n stacktrace\n}"),
            Verdict(". { errors }", "1:12: '}' must be the first word on its line"),
            Verdict(
                ". {\n errors { stacktrace }\n}", "2:22: '}' must be the first word on its line"),
            Verdict(
                ". {\n errors\n {\n }\n}",
                "3:2: '{' must stand on the line of the name that it belongs to"),
            Verdict(". {\n errors { } x\n}", "2:13: unexpected 'x', expected a new line"),
            Verdict(". {\n errors {\n } }\n}", "3:4: unexpected '}', expected a new line"),
            Verdict(". {\n errors\n", "1:3: this '{' has no '}'"),
            Verdict(". {\n errors {\n}\n", "1:3: this '{' has no '}'"),
            Verdict(". {\n}\n}", "3:1: unexpected '}', expected the address of a server block"),
            Verdict(".\nerrors\n}", "3:1: this '}' has no '{'"),
            Verdict(
                ". {\n}\na\nerrors",
                "3:1: expected '{' behind the addresses: braces may be left out only if the file has a single server block"
            ),
            Verdict(
                ".\nerrors\na {\n}",
                "3:1: unknown directive 'a' (braces may be left out only if the file has a single server block)"
            ),
        ].filter { $0.text != ". {}" })
    func braces(_ verdict: Verdict) {
        #expect(refusal(of: verdict.text) == verdict.message.map { "Corefile:" + $0 })
    }

    @Test("Blocks nest")
    func nesting() {
        func nested(_ depth: Int) -> String {
            String(repeating: "debug {\n", count: depth) + String(repeating: "}\n", count: depth)
        }
        #expect(refusal(of: ". {\n\(nested(10))}") == nil)
    }

    @Test("A file without a server block is refused", arguments: ["", "# nothing\n", "(s) {\n}\n"])
    func empty(_ text: String) {
        #expect(refusal(of: text) == "Corefile: has no server block, expected as in . { … }")
    }

    @Test(
        "A zone, port and address has one server block",
        arguments: [
            Verdict("a:53 {\n}\na:54 {\n}"),
            Verdict("a {\n bind 127.0.0.1\n}\na {\n bind 127.0.0.2\n}"),
            Verdict("a:0 {\n}\na:0 {\n}"),
            Verdict("a b {\n}\nb.a {\n}"),
            Verdict("a A. {\n}", "1:1: a.:53 is already served by the block at Corefile:1:1"),
            Verdict(
                "a {\n}\nb a:53 {\n}", "3:1: a.:53 is already served by the block at Corefile:1:1"),
            Verdict(
                "10.0.0.0/8 {\n}\n10.in-addr.arpa {\n}",
                "3:1: 10.in-addr.arpa.:53 is already served by the block at Corefile:1:1"),
            Verdict(
                "a {\n bind 127.0.0.1\n}\na {\n bind 127.0.0.1\n}",
                "4:1: a.:53 on 127.0.0.1 is already served by the block at Corefile:1:1"),
            Verdict(
                "a {\n bind FE80::1%eth0\n}\na {\n bind fe80::1%eth0\n}",
                "4:1: a.:53 on fe80::1%eth0 is already served by the block at Corefile:1:1"),
            Verdict(
                "a {\n bind 127.0.0.1\n}\na {\n}",
                "4:1: a.:53 is already served by the block at Corefile:1:1"),
            Verdict(
                "a {\n}\na {\n bind 127.0.0.1\n}",
                "3:1: a.:53 on 127.0.0.1 is already served by the block at Corefile:1:1"),
            Verdict(
                "a {\n bind 127.0.0.1 127.0.0.1\n}",
                "1:1: a.:53 on 127.0.0.1 is already served by the block at Corefile:1:1"),
        ])
    func duplicates(_ verdict: Verdict) {
        #expect(refusal(of: verdict.text) == verdict.message.map { "Corefile:" + $0 })
    }
}
