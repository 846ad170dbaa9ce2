// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Foundation
import Testing

@Suite("Snippets and imports")
struct ImportTests {
    @Test("A snippet stands for its lines in server blocks, directives and other snippets")
    func snippet() throws {
        let configuration = try read(
            """
            (place) {
                cluster beijing
                region north
            }
            (all) { bind 127.0.0.1
                fabdns {
                    import place
                    catalog c.yaml
                }
            }
            global {
                errors
                import all
                multisocket 2
            }
            other {
                import all
            }
            """)
        #expect(configuration.blocks.map(\.zones) == [["global."], ["other."]])
        for block in configuration.blocks {
            #expect(block.bindings == ["127.0.0.1"])
            #expect(block.fabdns?.cluster == "beijing")
            #expect(block.fabdns?.region == "north")
        }
        #expect(configuration.workerCount == 2)
    }

    @Test("A file is looked up from the folder of the file that imports it")
    func relativeFile() throws {
        let contents = [
            "/etc/fab/Corefile": "import zones/all\nimport /abs",
            "/etc/fab/zones/all": "import global",
            "/etc/fab/zones/global": "global {\n errors\n}",
            "/abs": "absolute {\n}",
        ]
        let configuration = try Corefile.load(
            path: "/etc/fab/Corefile", environment: [:], files: files(contents))
        #expect(configuration.blocks.map(\.zones) == [["global."], ["absolute."]])
        #expect(configuration.blocks[0].location.file == "/etc/fab/zones/global")
    }

    @Test("A pattern stands for the files that match, in order; none is a warning")
    func pattern() throws {
        let configuration = try read(
            "import *.zone\nimport no*",
            files: ["b.zone": "b {\n}", "a.zone": "a {\n}", "c.other": "c {\n}"])
        #expect(configuration.blocks.map(\.zones) == [["a."], ["b."]])
        #expect(
            configuration.warnings.map(\.description)
                == ["Corefile:2:8: no file matches the pattern 'no*'"])
    }

    @Test(
        "What cannot be imported is refused at the word that asks for it",
        arguments: [
            Verdict(". {\n import\n}", "2:2: import needs a snippet's name, a file or a pattern"),
            Verdict(
                ". {\n import \"\"\n}", "2:2: import needs a snippet's name, a file or a pattern"),
            Verdict(
                ". {\n import ok b\n}",
                "2:12: wrong argument count: import takes one, a snippet, file or pattern"),
            Verdict(". {\n import ok\n}"),
            Verdict(
                ". {\n import gone\n}",
                "2:9: cannot import 'gone': gone: No such file or directory"),
            Verdict(
                ". {\n import a*b*\n}",
                "2:9: 'a*b*': a pattern may hold one '*' and no other wildcard"),
            Verdict(
                ". {\n import a?\n}", "2:9: 'a?': a pattern may hold one '*' and no other wildcard"),
            Verdict(
                ". {\n import [a]\n}",
                "2:9: '[a]': a pattern may hold one '*' and no other wildcard"),
            Verdict("(s) {\n import s\n}\n. {\n import s\n}", "2:9: 's' imports itself"),
            Verdict(
                "(a) {\n import b\n}\n(b) {\n import a\n}\n. {\n import a\n}",
                "5:9: 'a' imports itself"),
            Verdict("(s) {\n}\n(s) {\n}\n. {\n}", "3:1: the snippet '(s)' is defined twice"),
            Verdict("(s) {\n errors\n. {\n}\n", "1:5: this '{' has no '}'"),
            Verdict("(s)\n. {\n}", "1:1: expected '{' behind the snippet's name"),
            Verdict(
                ". {\n import s\n}\n(s) {\n}",
                "2:9: cannot import 's': s: No such file or directory"),
        ])
    func refused(_ verdict: Verdict) {
        #expect(
            refusal(of: verdict.text, files: ["ok": "errors"])
                == verdict.message.map { "Corefile:" + $0 })
    }

    @Test("An error in an imported file names that file")
    func errorInImport() {
        #expect(
            refusal(of: ". {\n import more\n}", files: ["more": "errors\n  nosuch\n"])
                == "more:2:3: unknown directive 'nosuch'")
    }

    @Test("Files that import each other in a circle are refused")
    func circle() {
        #expect(
            refusal(of: "import a", files: ["a": "import b", "b": "import a"])
                == "b:1:8: 'a' imports itself")
        #expect(
            refusal(of: "import c*", files: ["c1": "import c1", "c2": ""])
                == "c1:1:8: 'c1' imports itself")
        #expect(refusal(of: "import Core*", files: ["Corefile": "import Core*"]) != nil)
    }

    @Test("Snippets that multiply themselves end at a bound", .timeLimit(.minutes(1)))
    func multiplication() throws {
        var text = "(s0) {\n loop\n}\n"
        for level in 1...20 {
            text +=
                "(s\(level)) {\n" + String(repeating: " import s\(level - 1)\n", count: 10) + "}\n"
        }
        let message = try #require(refusal(of: text + ". {\n import s20\n}"))
        #expect(message.hasSuffix("more than 10000 imports"))

        let long = String(repeating: "x ", count: 100_000)
        let words = try #require(
            refusal(of: "(s) {\n whoami \(long)\n}\n. {\n import s\n import s\n}"))
        #expect(words.hasSuffix("more than 200000 words with all imports"))
    }

    @Test("Imports nest up to a bound")
    func depth() {
        var contents: [String: String] = ["f0": "errors"]
        for level in 1...100 { contents["f\(level)"] = "import f\(level - 1)" }
        #expect(refusal(of: ". {\n import f50\n}", files: contents) == nil)
        #expect(
            refusal(of: ". {\n import f100\n}", files: contents)?
                .hasSuffix("imports are nested more than 64 deep") == true)
    }

    @Test("On disk: files, patterns, folders, and files that are too long")
    func disk() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("corefile-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws {
            try text.write(
                to: folder.appendingPathComponent(name), atomically: false, encoding: .utf8)
        }
        func load(_ text: String) throws -> ServerConfiguration {
            try write("Corefile", text)
            return try Corefile.load(path: folder.path + "/Corefile", environment: [:])
        }
        func refusal(_ text: String) -> String? {
            do {
                _ = try load(text)
                return nil
            } catch {
                return (error as? ConfigurationError)?.message
            }
        }
        try write("a.zone", "a {\n}")
        try write("b.zone", "b {\n}")
        try write("long", "#" + String(repeating: " ", count: CorefileFiles.maximumOctetsPerFile))
        #expect(try load("import *.zone").blocks.map(\.zones) == [["a."], ["b."]])
        #expect(try load("c {\n}\nimport *.none").warnings.count == 1)
        #expect(refusal("import .")?.hasSuffix("Is a directory") == true)
        #expect(refusal("import long")?.hasSuffix("larger than 1048576 octets") == true)
        #expect(refusal("import gone")?.hasSuffix("No such file or directory") == true)

        let gone = folder.path + "/gone"
        let error = #expect(throws: ConfigurationError.self) {
            try Corefile.load(path: gone, environment: [:])
        }
        #expect(error?.description == "\(gone): cannot be read: No such file or directory")
    }
}
