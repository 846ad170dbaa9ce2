// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How files look.
extension Rule {
    static let shapes = [longLines, longFiles, headers, trailingSpace, emptyFiles]

    private static let maximumColumns = 100
    private static let maximumLines = 400

    static let longLines = Rule(
        "Lines have at most \(maximumColumns) columns, literals of tests apart",
        refused: [
            ["Sources/FabDNS/A.swift": String(repeating: "a", count: 101) + "\n"],
            ["scripts/a": "#" + String(repeating: "-", count: 100)],
        ],
        accepted: [
            ["Sources/FabDNS/A.swift": String(repeating: "ä", count: 100) + "\n"],
            ["docs/table.md": String(repeating: "-", count: 101)],
        ]
    ) { tree in
        (tree.files(in: "Sources").filter { $0.path.hasSuffix(".swift") }
            + tree.files(ending: "Makefile") + tree.files(in: "scripts", ".ci"))
            .lines { line in
                // Octets are never fewer than characters, and cheaper to count.
                guard line.utf8.count > maximumColumns, line.count > maximumColumns else {
                    return nil
                }
                return "has \(line.count) columns"
            }
    }

    static let longFiles = Rule(
        "Files of Swift have at most \(maximumLines) lines",
        exempt: [],
        refused: [["Sources/FabDNS/A.swift": String(repeating: "\n", count: 401)]],
        accepted: [
            ["Sources/FabDNS/A.swift": String(repeating: "\n", count: 400)],
            ["docs/a.md": String(repeating: "\n", count: 401)],
        ]
    ) { tree in
        tree.files(ending: ".swift").filter { $0.lines.count > maximumLines }.map {
            $0.finding("has \($0.lines.count) lines: what second idea moved in?")
        }
    }

    private static let license: Substring = "SPDX-License-Identifier: Apache-2.0"
    private static let holders: Substring = "Copyright the FabDNS authors"

    static let headers = Rule(
        "Source files begin with the license",
        refused: [
            ["Sources/FabDNS/A.swift": "import DNSWire\n"],
            ["Sources/FabDNS/A.swift": "// \(license)\nimport DNSWire\n"],
            ["scripts/a": "#!/bin/bash\ntrue\n# \(license)\n# \(holders)\n"],
        ],
        accepted: [
            ["Sources/FabDNS/A.swift": "// \(license)\n// \(holders)\n"],
            ["scripts/a": "#!/bin/bash\n# \(license)\n# \(holders)\n"],
            ["docs/a.md": "# A\n"],
        ]
    ) { tree in
        let sources =
            tree.files(ending: ".swift", ".c", ".h", "Makefile") + tree.files(in: "scripts", ".ci")
        return sources.filter { file in
            // What a program must find in the first line goes before.
            let first = file.lines.prefix(1).filter {
                $0.hasPrefix("#!") || $0.hasPrefix("// swift-tools-version")
            }
            let header = file.lines.dropFirst(first.count).prefix(2)
            return header != ["// \(license)", "// \(holders)"]
                && header != ["# \(license)", "# \(holders)"]
        }.map { $0.finding("has no license header") }
    }

    static let trailingSpace = Rule(
        "Lines do not end with a space, files end with a line feed",
        refused: [["docs/a.md": "a \n"], ["docs/a.md": "a\r\n"], ["docs/a.md": "a"]],
        accepted: [["docs/a.md": " a\n"], ["Fuzz/Corpus/a": "a "], ["docs/a.md": ""]]
    ) { tree in
        let files = tree.files(
            ending: ".swift", ".c", ".h", ".md", ".yaml", ".sh", "Makefile", "Corefile")
        return files.lines { $0.last?.isWhitespace == true ? "ends with a space" : nil }
            + files.filter { !$0.text.isEmpty && $0.text.utf8.last != UInt8(ascii: "\n") }.map {
                $0.finding("ends without a line feed")
            }
    }

    static let emptyFiles = Rule(
        "A file of Swift says something",
        refused: [["Sources/FabDNS/A.swift": "// \(license)\n// \(holders)\n\n"]],
        accepted: [["Sources/FabDNS/A.swift": "// \(license)\nenum A {}\n"]]
    ) { tree in
        tree.files(ending: ".swift").filter { file in
            file.numberedCode.allSatisfy { $0.line.allSatisfy(\.isWhitespace) }
        }.map { $0.finding("is empty") }
    }
}
