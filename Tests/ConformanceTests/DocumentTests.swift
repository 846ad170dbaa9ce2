// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// What the documents show is what happens.
@Suite("Documents")
struct DocumentTests {
    /// A fenced block of a document.
    struct Block: Sendable, CustomStringConvertible {
        let file: String
        let language: String
        let lines: [String]

        var description: String { "\(file): \(lines.first ?? "")" }
    }

    static let blocks: [Block] = {
        let docs = Programs.repository.appending(path: "docs")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: docs.path())) ?? []
        let files =
            ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
        return files.flatMap { file -> [Block] in
            let text = try? String(
                contentsOf: Programs.repository.appending(path: file), encoding: .utf8)
            let parts = (text ?? "").components(separatedBy: "```")
            return stride(from: 1, to: parts.count, by: 2).map { index in
                let lines = parts[index].components(separatedBy: "\n")
                return Block(
                    file: file, language: lines[0], lines: Array(lines.dropFirst().dropLast()))
            }
        }
    }()

    private static func blocks(in language: String) -> [Block] {
        blocks.filter { $0.language == language }
    }

    @Test("A session runs as it is printed", arguments: blocks(in: "console"))
    func sessions(_ block: Block) throws {
        let server = try RunningServer()
        let folder = try Folder()
        // The programs are the built ones, and the server of `make run` has another port here.
        let preamble = """
            TMP=\(folder.url.path())
            fabdns() { \(Programs.fabdns.path()) "$@" 2>&1; }
            fabdns-query() { \(Programs.built("fabdns-query").path()) "$@" 2>&1; }
            export LC_ALL=C.UTF-8

            """
        var rest = block.lines[...]
        while let line = rest.popFirst() {
            guard line.hasPrefix("$ ") else { throw Failure("no command: \(line)") }
            let expected = Array(rest.prefix { !$0.hasPrefix("$ ") })
            rest = rest.dropFirst(expected.count)
            let command = line.dropFirst(2).replacing("-p 5300", with: "-p \(server.port)")
            let ended = try Programs.run(URL(filePath: "/bin/bash"), ["-c", preamble + command])
            let printed = ended.output.split(separator: "\n").map(String.init)
            #expect(printed == expected, "\(command)\n\(ended.error)")
        }
    }

    @Test("A Corefile of a document is served", arguments: blocks(in: "corefile"))
    func corefiles(_ block: Block) throws {
        let folder = try Folder()
        let server = try RunningServer(
            corefile: try Self.here(block.lines.joined(separator: "\n"), folder))
        #expect(!server.log.contains("WARNING"), "\(server.log)")
        #expect(server.program.end() == 0)
    }

    /// The text with ports that no other test has, and with a certificate.
    private static func here(_ text: String, _ folder: Folder) throws -> String {
        if text.contains("tls://") { try Certificates.make("tls", in: folder) }
        return try text.replacing("tls://global ", with: "tls://global:0 ")
            .replacing("/etc/fabdns/tls.crt", with: folder.path("tls.pem"))
            .replacing("/etc/fabdns/", with: folder.path("")).replacing(
                /(health|ready|prometheus|admin) ([^\s{]*):\d+/
            ) { match in
                "\(match.1) \(match.2):\(try Programs.freePort())"
            }
    }

    static let examples: [String] = {
        let folder = Programs.repository.appending(path: "corefile-examples")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter {
            FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/Corefile").path())
        }
    }()

    @Test("Every example is served", arguments: examples)
    func examplesAreServed(_ name: String) throws {
        let path = "corefile-examples/\(name)/Corefile"
        let text = try String(
            contentsOf: Programs.repository.appending(path: path), encoding: .utf8)
        let folder = try Folder()
        let server = try RunningServer(corefile: try Self.here(text, folder))
        #expect(server.program.end() == 0)
    }

    @Test("There are sessions, Corefiles and examples to try")
    func someExist() {
        #expect(Self.blocks(in: "console").count > 5)
        #expect(Self.blocks(in: "corefile").count > 1)
        #expect(!Self.examples.isEmpty)
    }
}
