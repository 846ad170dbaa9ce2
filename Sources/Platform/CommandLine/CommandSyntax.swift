// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Suggestion

/// What a command line may say: options by name and operands; `Values` is what they fill.
///
/// An option takes one dash or two, and its value either follows or stands behind `=`, as Go's
/// programs have it. Options and operands may be mixed; `--` ends the options. Every command
/// has `-help` and `-h`. The table of it is what help, completions and the manual are made from.
package struct CommandSyntax<Values>: Sendable {
    /// One option; the first name is the one that help and messages show.
    package struct Option: Sendable {
        let row: CommandTable.Option
        let apply: @Sendable (inout Values, String) throws(UsageError) -> Void

        /// An option with a value; names are written without dashes.
        package init(
            _ names: String..., value: String, _ shape: ValueShape = .text, help: String,
            apply: @escaping @Sendable (inout Values, String) throws(UsageError) -> Void
        ) {
            row = CommandTable.Option(
                names: names, value: CommandTable.Value(name: value, shape: shape), help: help)
            self.apply = apply
        }

        /// An option that is there or not.
        package init(
            _ names: String..., help: String, apply: @escaping @Sendable (inout Values) -> Void
        ) {
            row = CommandTable.Option(names: names, value: nil, help: help)
            self.apply = { values, _ in apply(&values) }
        }
    }

    package let table: CommandTable
    private let options: [Option]

    /// `name` is how the command is called: the program's name, and a command's behind it.
    ///
    /// `usage` has one line per form, without the name; none for what options and operands make.
    package init(
        name: String, usage: [String] = [], summary: String, details: String = "",
        dashes: CommandTable.Dashes = .one, options: [Option],
        operands: [CommandTable.Operand] = []
    ) {
        table = CommandTable(
            name: name, forms: usage, summary: summary, details: details, dashes: dashes,
            options: options.map(\.row), operands: operands)
        self.options = options
    }

    /// Reads the arguments behind the command's name into `values`; the operands, or nil when help
    /// is asked for.
    package func read(
        _ arguments: some Sequence<String>, into values: inout Values
    ) throws(UsageError) -> [String]? {
        var found: [String] = []
        var rest = Array(arguments)[...]
        var optionsEnded = false
        while let argument = rest.popFirst() {
            if argument == "--", !optionsEnded {
                optionsEnded = true
            } else if optionsEnded || !argument.hasPrefix("-") || argument == "-" {
                found.append(argument)
            } else if ["-h", "-help", "--h", "--help"].contains(argument) {
                return nil
            } else {
                try readOption(argument, &rest, &values)
            }
        }
        try check(found)
        return found
    }

    private func check(_ operands: [String]) throws(UsageError) {
        let required = table.operands.filter { $0.count == .one }
        if operands.count < required.count {
            throw UsageError("\(required[operands.count].value.name) is missing")
        }
        if operands.count > table.operands.count, table.operands.last?.count != .many {
            throw UsageError("unexpected argument '\(operands[table.operands.count])'")
        }
        for (operand, text) in zip(table.operands, operands) { try operand.value.check(text) }
    }

    private func readOption(
        _ argument: String, _ rest: inout ArraySlice<String>, _ values: inout Values
    ) throws(UsageError) {
        let parts = argument.drop { $0 == "-" }
            .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard let option = options.first(where: { $0.row.names.contains(name) }),
            argument.prefix(3) != "---"
        else { throw UsageError(unknown(argument, name)) }
        let shown = table.dashed(name)
        let attached = parts.count > 1 ? String(parts[1]) : nil
        guard let expected = option.row.value else {
            // `-quiet=false` leaves a switch off.
            switch attached {
            case nil, "true", "1": try option.apply(&values, "")
            case "false", "0": break
            case let text?: throw UsageError("\(shown) is true or false, not '\(text)'")
            }
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            throw UsageError("\(shown) needs a value")
        }
        do { try expected.check(value) } catch { throw UsageError("\(shown): \(error)") }
        try option.apply(&values, value)
    }

    private func unknown(_ argument: String, _ name: String) -> String {
        let close = nearest(to: name, among: options.flatMap(\.row.names))
        return "unknown option '\(argument)'"
            + (close.map { ", did you mean '\(table.dashed($0))'?" } ?? "")
    }
}

/// Why a command line was refused, in one line.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
