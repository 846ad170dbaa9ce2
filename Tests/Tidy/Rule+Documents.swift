// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What documents promise.
extension Rule {
    static let documents = [paths, links, verbs]

    private static let folders: Set<Substring> = [
        ".ci", "Benchmarks", "Fuzz", "Sources", "Tests", "corefile-examples", "deploy", "docs",
        "scripts",
    ]

    static let paths = Rule(
        "A path that a document names exists",
        refused: [
            ["README.md": "See `docs/a.md`.\n"],
            ["docs/a.md": "```\nscripts/gone --all\n```\n"],
            ["Makefile": "run:\n\tscripts/gone 1\n"],
            ["README.md": "Read `Sources/DNSWire` first.\n", "Sources/DNSWireA/A.swift": ""],
        ],
        accepted: [
            ["README.md": "See `docs/a.md` and `docs/`.\n", "docs/a.md": ""],
            [
                "README.md":
                    "It writes `docs/benchmarks/*.md`, and `docs/decisions/NNNN-title.md`.\n"
            ],
            ["Makefile": "run:\n\tBenchmarks/.build/release/a\n"],
            ["README.md": "Prose about Sources/none is prose, `example.org/docs/a` elsewhere.\n"],
        ]
    ) { tree in
        let path = /(?:^|[\s"'(=])(?:\.\/)?((?:\.?[A-Za-z-]+)\/[^\s"'`),;:]*)/
        return (tree.files(ending: ".md") + tree.files(ending: "Makefile")).flatMap { file in
            file.spansOfCode.flatMap { number, span in
                span.matches(of: path).compactMap { match -> Finding? in
                    var named = match.1
                    while named.last == "/" || named.last == "." { named.removeLast() }
                    guard let folder = named.split(separator: "/").first, folders.contains(folder),
                        // Patterns, and what will be built.
                        !named.contains(/[*<>{}$]|NNNN|\/\.build\//), !tree.holds(String(named))
                    else { return nil }
                    return file.finding(at: number, "\(named) does not exist")
                }
            }
        }
    }

    static let links = Rule(
        "A link within the repository leads somewhere",
        refused: [
            ["README.md": "[a](docs/a.md)\n"],
            ["docs/a.md": "[b](../b.md#part)\n"],
        ],
        accepted: [
            ["README.md": "[a](docs/a.md#part) [b](https://example.org/b)\n", "docs/a.md": ""],
            ["docs/a.md": "[b](../b.md) [here](#here)\n", "b.md": ""],
        ]
    ) { tree in
        tree.files(ending: ".md").flatMap { file in
            file.numberedLines.flatMap { number, line in
                line.matches(of: /\]\(([^)#\s]+)[^)]*\)/).compactMap { match -> Finding? in
                    let target = match.1
                    guard !target.contains(":") else { return nil }
                    let path = file.resolve(target)
                    return tree.holds(path) ? nil : file.finding(at: number, "\(path) is missing")
                }
            }
        }
    }

    static let verbs = Rule(
        "A verb of make that a document names exists",
        refused: [
            ["README.md": "Say `make tea`.\n", "Makefile": "test: ## run\n"],
            ["README.md": "```\nmake test tea\n```\n", "Makefile": "test: ## run\n"],
        ],
        accepted: [
            ["README.md": "Make tea with `make test QUICK=1`.\n", "Makefile": "test: ## run\n"],
            ["README.md": "```\nmake test  # make sure\n```\n", "Makefile": "test: ## run\n"],
        ]
    ) { tree in
        let makefile = tree["Makefile"]?.lines ?? []
        let known = Set(makefile.compactMap { $0.firstMatch(of: /^([a-z-]+):/)?.1 })
        return tree.files(ending: ".md").flatMap { file in
            file.spansOfCode.flatMap { number, span in
                span.matches(of: /\bmake((?:\s+[a-z-]+\b(?!=))+)/).flatMap { match in
                    match.1.split(separator: " ").filter { !known.contains($0) }.map {
                        file.finding(at: number, "the Makefile has no verb \($0)")
                    }
                }
            }
        }
    }
}

extension TextFile {
    /// What is set as code in a document, with its line; in a Makefile, every line.
    ///
    /// A comment of the shell is not part of it.
    var spansOfCode: [(number: Int, span: Substring)] {
        var spans: [(number: Int, span: Substring)] = []
        var isFenced = !path.hasSuffix(".md")
        for (number, line) in numberedLines {
            if path.hasSuffix(".md"), line.drop(while: \.isWhitespace).hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced {
                spans.append(
                    (
                        number,
                        line.firstRange(of: /(?:^|\s)#/).map { line[..<$0.lowerBound] } ?? line
                    ))
            } else {
                spans += line.matches(of: /`([^`]+)`/).map { (number, $0.1) }
            }
        }
        return spans
    }

    /// A path that is written relative to this file's folder, from the top of the repository.
    func resolve(_ target: Substring) -> String {
        var folders = path.split(separator: "/").dropLast()
        for step in target.split(separator: "/") where step != "." {
            if step == ".." { folders = folders.dropLast() } else { folders.append(step) }
        }
        return folders.joined(separator: "/")
    }
}
