// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What nobody needs.
extension Rule {
    static let leftovers = [deadScripts, deadExamples, backups, products]

    static let deadScripts = Rule(
        "Each script is called or explained somewhere",
        refused: [["scripts/a": "# scripts/a\n", "Makefile": "run:\n\tscripts/ab\n"]],
        accepted: [["scripts/a": "", "Makefile": "run:\n\tscripts/a 1\n"]]
    ) { tree in
        let callers =
            tree.files(ending: ".md", "Makefile", ".swift") + tree.files(in: "scripts", ".ci")
        return tree.files(in: "scripts").filter { script in
            !callers.contains { caller in
                caller.path != script.path
                    && caller.text.ranges(of: script.path).contains { range in
                        caller.text[range.upperBound...].first?.isWordLike != true
                    }
            }
        }.map { $0.finding("nothing refers to it") }
    }

    static let deadExamples = Rule(
        "Each example is loaded or explained somewhere",
        refused: [["corefile-examples/a/Corefile": "# corefile-examples/a/Corefile\n"]],
        accepted: [
            ["corefile-examples/a/Corefile": "", "README.md": "corefile-examples/a/Corefile\n"]
        ]
    ) { tree in
        tree.files(in: "corefile-examples").filter { example in
            !tree.files.contains { $0.path != example.path && $0.text.contains(example.path) }
        }.map { $0.finding("nothing refers to it") }
    }

    static let backups = Rule(
        "No backups are kept",
        refused: [".orig", ".rej", ".bak", ".backup", ".swp", "~"].map { ["docs/a.md\($0)": ""] },
        accepted: [["docs/backup.md": ""]]
    ) { tree in
        tree.files.filter { $0.path.contains(/(\.orig|\.rej|\.bak|\.backup|\.swp|~)$/) }.map {
            $0.finding("is a backup")
        }
    }

    private static let maximumOctets = 1_000_000

    static let products = Rule(
        "Nothing that was built is kept, and nothing large",
        refused: [
            ["a.o": ""], ["Fuzz/.build/a": ""], ["default.profraw": ""],
            ["fabdns": "\u{7F}ELF\u{2}"],
            ["libA.a": "!<arch>\n"], ["docs/a.json": String(repeating: "a", count: 1_000_001)],
        ],
        accepted: [["Fuzz/Corpus/a": "\u{0}\u{1}ELF"], ["docs/building.md": ""]]
    ) { tree in
        let product =
            /(^|\/)\.build\/|\.(o|a|so|swiftmodule|profraw|profdata|xctest|doccarchive)(\/|$)/
        return tree.files.filter { file in
            file.path.contains(product) || file.text.hasPrefix("\u{7F}ELF")
                || file.text.utf8.count > maximumOctets
        }.map { $0.finding("was built or is large") }
    }
}

extension Character {
    /// Whether it can go on a name that began before it.
    fileprivate var isWordLike: Bool { isLetter || isNumber || self == "-" || self == "_" }
}
