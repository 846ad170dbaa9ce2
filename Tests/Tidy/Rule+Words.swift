// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What may not stand in a line.
extension Rule {
    static let words = [postponed, traps, premises, typeNames, machinePaths]

    /// This file, which spells the words out that it looks for.
    private static let patterns = "Tests/Tidy/Rule+Words.swift"

    static let postponed = Rule(
        "Nothing is postponed in a comment",
        exempt: [patterns],
        refused: ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].map {
            ["Sources/DNSWire/A.swift": "// \($0): later\n"]
        },
        accepted: [
            ["Sources/DNSWire/A.swift": "// ToDo is a word of the hackathon, XXXV a number\n"]
        ]
    ) { tree in
        let pattern = /\b(TODO|FIXME|XXX|HACK)\b/
        return tree.files.lines { $0.contains(pattern) ? "is postponed" : nil }
    }

    static let traps = Rule(
        "Nothing that can be false traps",
        exempt: [patterns],
        refused: [
            ["Sources/FabDNS/A.swift": "let a = try! f()\n"],
            ["Sources/FabDNS/A.swift": "let a = b as! Int\n"],
            ["Sources/FabDNS/A.swift": "default: fatalError(\"never\")\n"],
            ["Tests/FabDNSTests/A.swift": "// swift-format-" + "ignore\n"],
        ],
        accepted: [
            ["Sources/FabDNS/A.swift": "let a = try? f()\nlet b = a as? Int\n// no try! here\n"],
            ["Sources/FabDNS/A.swift": "let isSame = try !f()\n"],
        ]
    ) { tree in
        let pattern = /\b(try!|as!|fatalError\()/
        let swift = tree.files(ending: ".swift")
        return swift.code { $0.contains(pattern) ? "traps" : nil }
            + swift.lines { $0.contains("// swift-format-" + "ignore") ? "hides a finding" : nil }
    }

    static let premises = Rule(
        "What the compiler cannot check has its premise in the line above",
        refused: [
            ["Sources/FabDNS/A.swift": "\nfinal class A: @unchecked Sendable {}\n"],
            ["Sources/FabDNS/A.swift": "\n    nonisolated(unsafe) var a = 1\n"],
        ],
        accepted: [
            ["Sources/FabDNS/A.swift": "// One queue owns it.\nclass A: @unchecked Sendable {}\n"],
            [
                "Sources/FabDNS/A.swift":
                    "/// Set once.\n@usableFromInline\nunowned(unsafe) let a: A\n"
            ],
        ]
    ) { tree in
        tree.files(ending: ".swift").flatMap { file in
            file.numberedCode.compactMap { number, line in
                let isUnchecked =
                    line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)")
                    || line.contains("unowned(unsafe)")
                guard isUnchecked, !file.hasReason(at: number) else { return nil }
                return file.finding(at: number, "on what premise?")
            }
        }
    }

    static let typeNames = Rule(
        "Types are named for what they are",
        refused: ["Manager", "Helper", "Utils", "Handler", "Processor"].map {
            ["Sources/FabDNS/A.swift": "package struct Zone\($0)<A>: Sendable {}\n"]
        },
        accepted: [["Sources/FabDNS/A.swift": "struct HandlerTable {}\nlet zoneManager = 1\n"]]
    ) { tree in
        let pattern =
            #/
            \b (?: struct|class|enum|actor|protocol|typealias ) \s+
            \w* (?: Manager|Helpers?|Util|Utils|Utilities|Handler|Processor ) \b
            /#
        return tree.files(ending: ".swift").code { $0.contains(pattern) ? "names nothing" : nil }
    }

    static let machinePaths = Rule(
        "No path of one machine is mentioned",
        // It looks for real peers beside the checkout.
        exempt: [".ci/run"],
        refused: machineFolders.map { ["README.md": "See `\($0)x`.\n"] },
        accepted: [["README.md": "See docs/work/x, ../x and /tmp.\n"]]
    ) { tree in
        tree.files.lines { line in
            let path = machineFolders.first { folder in
                line.ranges(of: folder).contains { range in
                    // What goes on from a word is the end of another path.
                    line[..<range.lowerBound].last?.isLetter != true
                }
            }
            return path.map { "mentions \($0)" }
        }
    }

    private static let machineFolders = [
        "/wo" + "rk/", "/tmp/fa" + "b", "/opt/sw" + "ift", "../sha" + "red",
    ]
}

extension [TextFile] {
    /// What `judge` says about lines.
    func lines(_ judge: (Substring) -> String?) -> [Finding] {
        flatMap { file in
            file.numberedLines.compactMap { number, line in
                judge(line).map { file.finding(at: number, $0) }
            }
        }
    }

    /// What `judge` says about lines without their literals and comments.
    func code(_ judge: (String) -> String?) -> [Finding] {
        flatMap { file in
            file.numberedCode.compactMap { number, line in
                judge(line).map { file.finding(at: number, $0) }
            }
        }
    }
}
