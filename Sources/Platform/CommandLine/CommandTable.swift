// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Suggestion

/// What one command is called with, as data: help, completions and the manual read it.
package struct CommandTable: Sendable {
    /// How many dashes the longer names are shown with; both are always taken.
    package enum Dashes: Sendable {
        /// As Go's programs and CoreDNS show them.
        case one
        /// As GNU's programs show them.
        case two
    }

    struct Value: Sendable {
        let name: String
        let shape: ValueShape
    }

    struct Option: Sendable {
        let names: [String]
        /// Nil for an option that is there or not.
        let value: Value?
        let help: String
    }

    /// What a command works on.
    package struct Operand: Sendable {
        package enum Count: Sendable { case one, optional, many }

        let value: Value
        let count: Count

        /// `many` is for the last operand.
        package init(_ name: String, _ shape: ValueShape = .text, _ count: Count = .one) {
            value = Value(name: name, shape: shape)
            self.count = count
        }
    }

    /// The program's name, and behind it the command's.
    package let name: String
    let forms: [String]
    /// What it does, in a sentence or two.
    let summary: String
    /// What the manual says beside the summary.
    let details: String
    let dashes: Dashes
    let options: [Option]
    let operands: [Operand]

    static let helpOption = Option(names: ["help", "h"], value: nil, help: "say this, and end")

    var allOptions: [Option] { options + [Self.helpOption] }

    /// The command's own name behind that of the program.
    var word: String { String(name.split(separator: " ").last ?? "") }

    func dashed(_ name: String) -> String {
        (dashes == .one || name.count == 1 ? "-" : "--") + name
    }

    /// The forms in which it is called, behind its name.
    var usage: [String] {
        guard forms.isEmpty else { return forms }
        let words =
            (options.isEmpty ? [] : ["[OPTION]..."])
            + operands.map { operand in
                switch operand.count {
                case .one: operand.value.name
                case .optional: "[\(operand.value.name)]"
                case .many: "[\(operand.value.name)]..."
                }
            }
        return [words.joined(separator: " ")]
    }

    /// What `-help` prints; `commands` are those of the program.
    func help(commands: [CommandTable] = []) -> String {
        let forms = usage.enumerated().map { number, form in
            (number == 0 ? "usage: " : "       ") + (form.isEmpty ? name : "\(name) \(form)")
        }
        let heads = allOptions.map { option in
            option.names.map(dashed).joined(separator: ", ")
                + (option.value.map { " \($0.name)" } ?? "")
        }
        var lines = forms + ["", summary, ""] + Self.columns(heads, allOptions.map(\.help))
        if !commands.isEmpty {
            lines += ["", "commands, each with a -help of its own:"]
            lines += Self.columns(commands.map(\.call), commands.map(\.summary))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The command's own name and its operands.
    private var call: String {
        let operands = usage[0].split(separator: " ").filter { !$0.hasPrefix("[OPTION]") }
        return ([word] + operands.map(String.init)).joined(separator: " ")
    }

    private static func columns(_ heads: [String], _ texts: [String]) -> [String] {
        let width = heads.map(\.count).max() ?? 0
        return zip(heads, texts).map { head, text in
            "  \(head)\(String(repeating: " ", count: width - head.count))  \(text)"
        }
    }
}

/// What a value may be, for checks and completions.
package enum ValueShape: Sendable, Equatable {
    case text
    case file
    /// One of these.
    case choice([String])
    /// These are offered, others are taken too.
    case offer([String])
}

extension CommandTable.Value {
    /// The words that a completion offers.
    var offers: [String] {
        switch shape {
        case .text, .file: []
        case .choice(let words), .offer(let words): words
        }
    }

    func check(_ text: String) throws(UsageError) {
        guard case .choice(let words) = shape, !words.contains(text) else { return }
        let list = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        let close = nearest(to: text, among: words).map { ", did you mean '\($0)'?" } ?? ""
        throw UsageError("'\(text)' is not \(list)\(close)")
    }
}
