// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Suggestion

/// What a command line may say: options by name, then operands; `Values` is what they fill.
///
/// An option takes one dash or two, and its value either follows or stands behind `=`, as Go's
/// programs have it. Options and operands may be mixed; `--` ends the options. Every command
/// has `-help` and `-h`.
package struct CommandSyntax<Values>: Sendable {
    /// One option; the first name is the one that help and messages show.
    package struct Option: Sendable {
        let names: [String]
        /// How help calls its value; nil for an option without one.
        let valueName: String?
        let help: String
        let apply: @Sendable (inout Values, String) throws(UsageError) -> Void

        /// An option with a value; names are written without dashes.
        package init(
            _ names: String..., value: String, help: String,
            apply: @escaping @Sendable (inout Values, String) throws(UsageError) -> Void
        ) {
            self.names = names
            valueName = value
            self.help = help
            self.apply = apply
        }

        /// An option that is there or not.
        package init(
            _ names: String..., help: String, apply: @escaping @Sendable (inout Values) -> Void
        ) {
            self.names = names
            valueName = nil
            self.help = help
            self.apply = { values, _ in apply(&values) }
        }
    }

    let usage: [String]
    let summary: String
    let options: [Option]
    /// Names of the operands, all of which must be there.
    let operands: [String]

    /// `usage` has one line per form, beginning with the program's name.
    package init(usage: [String], summary: String, options: [Option], operands: [String] = []) {
        self.usage = usage
        self.summary = summary
        self.options = options
        self.operands = operands
    }

    /// Reads the arguments behind the program's name into `values`; the operands, or nil when help
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
        if found.count < operands.count {
            throw UsageError("\(operands[found.count]) is missing")
        }
        if found.count > operands.count {
            throw UsageError("unexpected argument '\(found[operands.count])'")
        }
        return found
    }

    private func readOption(
        _ argument: String, _ rest: inout ArraySlice<String>, _ values: inout Values
    ) throws(UsageError) {
        let parts = argument.drop { $0 == "-" }
            .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard let option = options.first(where: { $0.names.contains(name) }),
            argument.prefix(3) != "---"
        else { throw UsageError(unknown(argument, name)) }
        let attached = parts.count > 1 ? String(parts[1]) : nil
        guard option.valueName != nil else {
            // `-quiet=false` leaves a switch off.
            switch attached {
            case nil, "true", "1": try option.apply(&values, "")
            case "false", "0": break
            case let text?: throw UsageError("-\(name) is true or false, not '\(text)'")
            }
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            throw UsageError("-\(name) needs a value")
        }
        try option.apply(&values, value)
    }

    private func unknown(_ argument: String, _ name: String) -> String {
        let close = nearest(to: name, among: options.flatMap(\.names))
        return "unknown option '\(argument)'" + (close.map { ", did you mean '-\($0)'?" } ?? "")
    }

    /// What `-help` prints.
    package var help: String {
        let heads =
            options.map { option in
                option.names.map { "-\($0)" }.joined(separator: ", ")
                    + (option.valueName.map { " \($0)" } ?? "")
            } + ["-help, -h"]
        let width = heads.map(\.count).max() ?? 0
        let lines = zip(heads, options.map(\.help) + ["say this, and end"]).map { head, help in
            "  \(head)\(String(repeating: " ", count: width - head.count))  \(help)"
        }
        let forms = usage.enumerated().map { ($0 == 0 ? "usage: " : "       ") + $1 }
        return (forms + ["", summary, ""] + lines).joined(separator: "\n") + "\n"
    }
}

/// Why a command line was refused, in one line.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
