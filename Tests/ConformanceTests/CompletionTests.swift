// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// Completions in real shells, and the manual under a real linter.
@Suite("Completions and manuals")
struct CompletionTests {
    static let programs = ["fabdns", "fabdns-query"]

    /// What stands before the cursor, the last word being completed, and all that is offered.
    struct Line: Sendable, CustomStringConvertible {
        let words: String
        let offers: [String]
        /// Whether more may be offered.
        var isOpen = false

        var description: String { words }
        var program: String { String(words.prefix { $0 != " " }) }
    }

    static let lines = [
        Line(words: "fabdns comp", offers: ["completion"]),
        Line(words: "fabdns zone REA", offers: ["README.md"]),
        Line(words: "fabdns --conf REA", offers: ["README.md"]),
        Line(words: "fabdns --dns", offers: ["--dns.port"]),
        Line(words: "fabdns completion ", offers: ["bash", "fish", "zsh"]),
        Line(words: "fabdns completion f", offers: ["fish"]),
        Line(words: "fabdns-query ma", offers: ["manual", "matrix"]),
        Line(words: "fabdns-query x AA", offers: ["AAAA"]),
        Line(words: "fabdns-query --tls-c", offers: ["--tls-ca"]),
        Line(words: "fabdns-query x -o ", offers: ["dig", "json", "short", "table"]),
        Line(words: "fabdns-query x --output d", offers: ["dig"]),
        Line(words: "fabdns-query list -o w", offers: ["wide"]),
        Line(words: "fabdns-query explain x --con", offers: ["--conf"]),
        Line(words: "fabdns-query explain x --conf REA", offers: ["README.md"]),
        Line(words: "fabdns-query lint REA", offers: ["README.md"]),
        Line(words: "fabdns-query why -", offers: ["--catalog", "--conf", "-o"], isOpen: true),
    ]

    @Test("Bash offers what fits", arguments: lines)
    func bash(_ line: Line) throws {
        let script = """
            source <(\(Programs.built(line.program).path()) completion bash)
            COMP_WORDS=(\(line.words)\(line.words.hasSuffix(" ") ? "''" : ""))
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _\(line.program.replacing("-", with: "_"))
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let ended = try Programs.run(URL(filePath: "/bin/bash"), ["-c", script])
        #expect(ended.error == "")
        check(ended.output, line)
    }

    @Test(
        "Fish offers what fits", .enabled(if: Programs.installed("fish") != nil), arguments: lines)
    func fish(_ line: Line) throws {
        let program = Programs.built(line.program).path()
        let script = "\(program) completion fish | source; complete -C '\(line.words)'"
        let ended = try Programs.run(try Programs.required("fish"), ["--no-config", "-c", script])
        check(ended.output, line)
    }

    private func check(_ output: String, _ line: Line) {
        // Fish puts a description behind a tab.
        let offers = output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }.sorted()
        if line.isOpen {
            #expect(Set(offers).isSuperset(of: line.offers), "\(offers)")
        } else {
            #expect(offers == line.offers)
        }
    }

    /// Types into an interactive zsh; the program is replaced by a function that says its
    /// arguments.
    @Test(
        "Zsh completes what is unique", .enabled(if: Programs.installed("zsh") != nil),
        arguments: [
            ("fabdns", "comp\\tz\\t", "completion zsh"),
            ("fabdns", "-conf READM\\t", "-conf README.md"), ("fabdns", "--pl\\t", "--plugins"),
            ("fabdns", "zo\\tREADM\\tglobal", "zone README.md global"),
            ("fabdns-query", "mat\\t-o j\\tx", "matrix -o json x"),
            ("fabdns-query", "lint READM\\t", "lint README.md"),
            ("fabdns-query", "explain --as\\tx", "explain --as-cluster=x"),
            ("fabdns-query", "name AAA\\t-o d\\t", "name AAAA -o dig"),
        ])
    func zsh(_ program: String, _ keys: String, _ arguments: String) throws {
        let script = """
            zmodload zsh/zpty
            zpty session zsh -f -i
            zpty -w session 'PS1= RPS1=; autoload -Uz compinit; compinit -D -u'
            zpty -w session 'source <(\(Programs.built(program).path()) completion zsh)'
            zpty -w session '\(program)() { print -r -- "GOT:$*" }; print READY$((1+1))'
            zpty -r session text '*READY2*'
            zpty -w session $'\(program) \(keys)'
            zpty -r session text $'*GOT:*\\n'
            print -r -- "${${text##*GOT:}%%$'\\r'*}"
            zpty -d session
            """
        let ended = try Programs.run(
            try Programs.required("timeout"), ["20", "zsh", "-f", "-c", script])
        #expect(ended.output.trimmingCharacters(in: .whitespacesAndNewlines) == arguments)
    }

    @Test("A completion is for a shell that exists", arguments: programs)
    func unknownShell(_ program: String) throws {
        let ended = try Programs.run(Programs.built(program), ["completion", "bsh"])
        #expect(ended.status == 2)
        #expect(ended.error.contains("'bsh' is not bash, zsh or fish, did you mean 'bash'?"))
    }

    @Test(
        "The manual has nothing that mandoc objects to",
        .enabled(if: Programs.installed("mandoc") != nil), arguments: programs)
    func manual(_ program: String) throws {
        let script = "\(Programs.built(program).path()) manual | mandoc -Tlint"
        let ended = try Programs.run(URL(filePath: "/bin/bash"), ["-o", "pipefail", "-c", script])
        #expect(ended.status == 0)
        #expect(ended.output + ended.error == "")
    }
}
