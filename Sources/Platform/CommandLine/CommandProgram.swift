// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Suggestion

/// A command: its syntax and what it does.
package struct Command: Sendable {
    let table: CommandTable
    /// The exit code; nil when help is asked for.
    let run: @Sendable (ArraySlice<String>) throws(UsageError) -> Int32?

    /// `run` is given what options filled, the operands, and returns the exit code.
    package init<Values: Sendable>(
        _ syntax: CommandSyntax<Values>, _ initial: Values,
        run: @escaping @Sendable (Values, [String]) throws(UsageError) -> Int32
    ) {
        table = syntax.table
        self.run = { (arguments) throws(UsageError) in
            var values = initial
            guard let operands = try syntax.read(arguments, into: &values) else { return nil }
            return try run(values, operands)
        }
    }
}

/// A program: what it does by itself, and its commands, which are named by the first argument.
///
/// Two commands come by themselves: `completion SHELL` and `manual`.
package struct CommandProgram: Sendable {
    let main: Command
    let commands: [Command]
    /// Of the manual's page: the day of the release, as mdoc(7) writes it.
    let date: String
    /// What the program's exit codes mean.
    let exitCodes: [(code: Int32, meaning: String)]
    private let write: @Sendable (String) -> Void

    /// `write` takes what is asked for: help, completions, the manual.
    package init(
        main: Command, commands: [Command], date: String,
        exitCodes: [(code: Int32, meaning: String)], write: @escaping @Sendable (String) -> Void
    ) {
        self.main = main
        self.commands = commands
        self.date = date
        self.exitCodes = exitCodes
        self.write = write
    }

    package var name: String { main.table.name }

    /// Does what the arguments behind the program's name say; the exit code.
    package func run(_ arguments: some Sequence<String>) throws(UsageError) -> Int32 {
        let arguments = Array(arguments)
        let all = commands + documents
        if let command = all.first(where: { $0.table.word == arguments.first }) {
            return try run(command, arguments.dropFirst(), commands: [])
        }
        do throws(UsageError) {
            return try run(main, arguments[...], commands: all.map(\.table))
        } catch {
            let close = nearest(to: arguments.first ?? "", among: all.map(\.table.word))
            guard let close else { throw error }
            throw UsageError("\(error); did you mean the command '\(close)'?")
        }
    }

    private func run(
        _ command: Command, _ arguments: ArraySlice<String>, commands: [CommandTable]
    ) throws(UsageError) -> Int32 {
        if let code = try command.run(arguments) { return code }
        write(command.table.help(commands: commands))
        return 0
    }

    /// The tables of all commands.
    var commandTables: [CommandTable] { (commands + documents).map(\.table) }

    private var documents: [Command] {
        let completion = CommandSyntax<Bool>(
            name: "\(name) completion",
            summary: "Prints what makes a shell complete the words behind \(name).",
            options: [],
            operands: [.init("SHELL", .choice(["bash", "zsh", "fish"]))])
        let manual = CommandSyntax<Bool>(
            name: "\(name) manual",
            summary: "Prints the manual's page, in mdoc(7).", options: [])
        return [
            Command(completion, false) { _, operands in
                switch operands.first {
                case "zsh": write(zshCompletion)
                case "fish": write(fishCompletion)
                default: write(bashCompletion)
                }
                return 0
            },
            Command(manual, false) { _, _ in
                write(manualPage)
                return 0
            },
        ]
    }
}
