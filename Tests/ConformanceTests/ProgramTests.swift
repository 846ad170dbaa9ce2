// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// The command line, exit codes and messages of `fabdns`.
@Suite("The program fabdns")
struct ProgramTests {
    private static let example = "corefile-examples/file/Corefile"

    struct Line: Sendable, CustomStringConvertible {
        let arguments: [String]
        let status: Int32
        /// Parts of what is written; to standard error unless the status is 0.
        let parts: [String]

        init(_ arguments: String, _ status: Int32, _ parts: String...) {
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.status = status
            self.parts = parts
        }

        var description: String { arguments.joined(separator: " ") }
    }

    @Test(
        "Options end as they should",
        arguments: [
            Line("-version", 0, "FabDNS-"),
            Line("--version", 0, "FabDNS-"),
            Line("-plugins", 0, "  dns.bind\n", "  dns.errors\n", "  dns.fabdns\n"),
            Line("-help", 0, "usage: fabdns", "-dns.port, -p PORT", "-pidfile FILE"),
            Line("--help", 0, "usage: fabdns"),
            Line("-h", 0, "usage: fabdns"),
            Line("zone -h", 0, "usage: fabdns zone FILE ZONE"),
            Line("-confg x", 2, "unknown option '-confg', did you mean '-conf'?"),
            Line("-conf", 2, "-conf needs a value"),
            Line("-p 65536", 2, "'65536' is not a port"),
            Line("-quiet=maybe", 2, "-quiet is true or false, not 'maybe'"),
            Line("Corefile", 2, "unexpected argument 'Corefile'"),
            Line("zone \(example)", 2, "ZONE is missing"),
            Line("zone \(example) a..b", 2, "'a..b' is not a domain name"),
            Line("zone \(example) globl", 1, "no zone globl. is served; there are: global."),
            Line("zone missing global", 1, "missing: cannot be read: No such file or directory"),
            Line("-conf missing", 1, "missing: cannot be read: No such file or directory"),
            Line("-conf=missing", 1, "missing: cannot be read"),
            Line("-conf /", 1, "/: cannot be read: Is a directory"),
            Line("-conf \(example) -p 0 -pidfile /nowhere/pid", 1, "pidfile /nowhere/pid"),
        ])
    func options(_ line: Line) throws {
        let ended = try Programs.run(Programs.fabdns, line.arguments)
        #expect(ended.status == line.status)
        let said = line.status == 0 ? ended.output : ended.error
        for part in line.parts { #expect(said.contains(part), "\(said)") }
        if line.status == 1 { #expect(said.split(separator: "\n").count == 1, "\(said)") }
    }

    struct Refused: Sendable, CustomStringConvertible {
        let corefile: String
        let message: String

        init(_ corefile: String, _ message: String) {
            self.corefile = corefile
            self.message = message
        }

        var description: String { message }
    }

    @Test(
        "A Corefile that cannot be served ends the program with one line",
        arguments: [
            Refused("global {\n    fabdn\n}\n", "Corefile:2:5: unknown directive 'fabdn'"),
            Refused("global {\n    fabdns {\n        ttl 5000\n    }\n}\n", "out of range"),
            Refused("global {\n    fabdns {\n        foo\n    }\n}\n", "unknown property 'foo'"),
            Refused("global {\n    acl\n}\n", "Corefile:2:5: "),
            Refused("global {\n    fabdns\n}\n", "catalog"),
            Refused(
                "global {\n    bind 127.0.0.1 {\n  except lo\n  }\n    fabdns {\n catalog \(catalog)\n }\n}\n",
                "Corefile:2:5: nothing is left to bind: 'except' excludes every address"),
            Refused(
                "global {\n    bind 192.0.2.1\n    fabdns {\n        catalog \(catalog)\n    }\n}\n",
                "192.0.2.1"),
            Refused(
                "global {\n    fabdns {\n        catalog none\n    }\n}\n",
                "none: No such file or directory"),
            Refused("global {\n    fabdns {\n        catalog README.md\n    }\n}\n", "README.md:"),
            Refused("", "has no server block"),
            Refused(String(repeating: "a {\n", count: 100_000), "Corefile:"),
        ])
    func corefiles(_ row: Refused) throws {
        let folder = try Folder(["Corefile": row.corefile])
        let ended = try Programs.run(
            Programs.fabdns, ["-conf", folder.path("Corefile"), "-p", "0"])
        #expect(ended.status == 1)
        #expect(ended.error.contains(row.message), "\(ended.error)")
        #expect(ended.error.split(separator: "\n").count == 1, "\(ended.error)")
        #expect(ended.error.utf8.count < 1000)
    }

    private static let catalog = "corefile-examples/catalog.yaml"

    @Test("A port that another server has ends the program with one line")
    func portTaken() throws {
        let server = try RunningServer()
        let ended = try Programs.run(
            Programs.fabdns, ["-conf", Self.example, "-p", "\(server.port)"])
        #expect(ended.status == 1)
        #expect(ended.error.contains("127.0.0.1:\(server.port)"), "\(ended.error)")
        #expect(ended.error.contains("Address already in use"), "\(ended.error)")
        #expect(ended.error.split(separator: "\n").count == 1)
    }

    @Test(
        "The pid file has the process id, and goes with the server", arguments: [SIGTERM, SIGINT])
    func pidFile(_ signal: Int32) throws {
        let folder = try Folder()
        let program = try RunningProgram(
            Programs.fabdns,
            ["-conf", Self.example, "-dns.port=0", "-pidfile", folder.path("pid")])
        #expect(program.output.waits(for: "FabDNS-"))
        let text = try String(contentsOfFile: folder.path("pid"), encoding: .utf8)
        #expect(text == "\(program.identifier)\n")
        #expect(program.end(signal) == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path("pid")))
    }

    @Test("-quiet says nothing of what is served, and warnings stay")
    func quiet() throws {
        let folder = try Folder([
            "Corefile": "global {\n bind 127.0.0.1\n cache 30\n"
                + " fabdns {\n catalog \(Self.catalog)\n }\n}\n"
        ])
        let program = try RunningProgram(
            Programs.fabdns, ["-quiet", "-conf", folder.path("Corefile"), "-p", "0"])
        #expect(program.output.waits(for: "[WARNING]"))
        #expect(program.output.soFar.contains("Corefile:3:2: "))
        Thread.sleep(forTimeInterval: 0.2)
        #expect(program.end() == 0)
        #expect(!program.output.untilEnd().contains("FabDNS-"))
    }
}
