// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import Terminal
import Testing

@Suite("A command line")
struct CommandLineTests {
    struct Values: Sendable, Equatable {
        var format = ""
        var port = ""
        var isLoud = false
    }

    static let syntax = CommandSyntax<Values>(
        name: "tool", summary: "Does.", dashes: .two,
        options: [
            .init("o", "output", value: "FORMAT", .choice(["table", "json"]), help: "how") {
                $0.format = $1
            },
            .init("p", "port", value: "PORT", help: "where") { $0.port = $1 },
            .init("loud", help: "be loud") { $0.isLoud = true },
        ],
        operands: [.init("NAME"), .init("REST", .text, .many)])

    private static func read(_ line: String) -> String {
        var values = Values()
        do throws(UsageError) {
            let words = line.split(separator: " ").map(String.init)
            guard let operands = try syntax.read(words, into: &values) else { return "help" }
            let loud = values.isLoud ? " loud" : ""
            return "\(operands.joined(separator: ",")) \(values.format)/\(values.port)\(loud)"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "Options and operands mix, with one dash or two",
        arguments: [
            ("a", "a /"), ("a b c", "a,b,c /"), ("-o json a", "a json/"), ("a --o=json", "a json/"),
            ("a -output table", "a table/"), ("a --port 5 --loud", "a /5 loud"),
            ("a -loud=false", "a /"), ("-- -a", "-a /"), ("a -", "a,- /"), ("a -h", "help"),
            ("", "NAME is missing"), ("--port", "--port needs a value"),
            ("-p", "-p needs a value"), ("a --loud=5", "--loud is true or false, not '5'"),
            ("a -o jsn", "-o: 'jsn' is not table or json, did you mean 'json'?"),
            ("a -o x", "-o: 'x' is not table or json"),
            ("a --prot 5", "unknown option '--prot', did you mean '--port'?"),
            ("a ---port 5", "unknown option '---port', did you mean '--port'?"),
            ("a -q", "unknown option '-q', did you mean '-o'?"),
        ])
    func reading(_ line: String, _ result: String) {
        #expect(Self.read(line) == result)
    }

    private static let program = CommandProgram(
        main: Command(syntax, Values()) { _, operands throws(UsageError) in
            guard operands.count < 3 else { throw UsageError("too many") }
            return Int32(operands.count)
        },
        commands: [
            Command(
                CommandSyntax<Bool>(name: "tool sub", summary: "Is under.", options: []), false
            ) { _, _ in 7 }
        ], date: "May 1, 2026", exitCodes: [], write: { _ in })

    @Test("The first argument names a command, and a mistyped one is known")
    func commands() throws {
        #expect(try Self.program.run(["sub"]) == 7)
        #expect(try Self.program.run(["sub", "-h"]) == 0)
        #expect(try Self.program.run(["a", "sub"]) == 2)
        #expect(throws: UsageError("unexpected argument 'x'")) {
            try Self.program.run(["sub", "x"])
        }
        #expect(throws: UsageError("too many; did you mean the command 'sub'?")) {
            try Self.program.run(["sbu", "x", "y"])
        }
        #expect(throws: UsageError("too many")) { try Self.program.run(["other", "x", "y"]) }
    }

    @Test(
        "Colors are for terminals, unless somebody says otherwise",
        arguments: [
            (Terminal.ColorChoice.auto, true, ["TERM": "xterm"], true),
            (.auto, false, ["TERM": "xterm"], false), (.auto, true, [:], false),
            (.auto, true, ["TERM": "dumb"], false),
            (.auto, true, ["TERM": "xterm", "NO_COLOR": "1"], false),
            (.auto, true, ["TERM": "xterm", "NO_COLOR": ""], true),
            (.auto, false, ["CLICOLOR_FORCE": "1"], true),
            (.auto, false, ["FORCE_COLOR": "1"], true),
            (.auto, false, ["FORCE_COLOR": "0"], false),
            (.auto, false, ["FORCE_COLOR": "1", "NO_COLOR": "1"], false),
            (.always, false, ["NO_COLOR": "1"], true), (.never, true, ["FORCE_COLOR": "1"], false),
        ] as [(Terminal.ColorChoice, Bool, [String: String], Bool)])
    func colors(
        _ choice: Terminal.ColorChoice, _ isTerminal: Bool, _ environment: [String: String],
        _ expected: Bool
    ) {
        #expect(
            Terminal.hasColors(choice, isTerminal: isTerminal, environment: environment)
                == expected)
    }

    @Test(
        "The first variable of the locale that says something decides about UTF-8",
        arguments: [
            ([:], false), (["LANG": "C.UTF-8"], true), (["LANG": "de_DE.utf8"], true),
            (["LANG": "C"], false), (["LC_ALL": "C", "LANG": "C.UTF-8"], false),
            (["LC_ALL": "", "LANG": "C.UTF-8"], true),
        ] as [([String: String], Bool)])
    func symbols(_ environment: [String: String], _ expected: Bool) {
        #expect(Terminal.isUTF8(environment) == expected)
    }
}
