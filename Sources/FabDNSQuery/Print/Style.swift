// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Terminal

/// How text stands out: colors and symbols, where they arrive.
struct Style: Sendable {
    let terminal: Terminal

    func bold(_ text: String) -> String { paint(text, "1") }
    func good(_ text: String) -> String { paint(text, "32") }
    func bad(_ text: String) -> String { paint(text, "31") }

    var tick: String { good(terminal.hasSymbols ? "✓" : "+") }
    var cross: String { bad(terminal.hasSymbols ? "✗" : "-") }
    var branch: String { terminal.hasSymbols ? "├─ " : "|- " }
    var lastBranch: String { terminal.hasSymbols ? "└─ " : "`- " }
    var trunk: String { terminal.hasSymbols ? "│  " : "|  " }
    var gap: String { "   " }

    /// As much of a line as fits.
    func cut(_ line: String) -> String {
        let mark = terminal.hasSymbols ? "…" : "..."
        guard let columns = terminal.columns, line.count > columns, columns > mark.count else {
            return line
        }
        return line.prefix(columns - mark.count) + mark
    }

    private func paint(_ text: String, _ code: String) -> String {
        terminal.hasColors ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// A line with lines below it.
struct Branch {
    let text: String
    var children: [Branch] = []

    /// The tree, its own line first.
    func drawn(_ style: Style) -> String {
        var lines = text + "\n"
        draw(children, behind: "", style, into: &lines)
        return lines
    }

    private func draw(
        _ branches: [Branch], behind indent: String, _ style: Style, into lines: inout String
    ) {
        for (number, branch) in branches.enumerated() {
            let isLast = number == branches.count - 1
            lines += indent + (isLast ? style.lastBranch : style.branch) + branch.text + "\n"
            draw(
                branch.children, behind: indent + (isLast ? style.gap : style.trunk), style,
                into: &lines)
        }
    }
}
