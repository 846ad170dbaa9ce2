// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CommandLineOptions
internal import Glibc
internal import Terminal

/// The life of the program `fabdns-query` between its command line and its exit code.
package enum QueryProgram {
    /// Reads the command line, does what it says, and ends the process.
    package static func main(_ arguments: [String], version: String) -> Never {
        // A reader who has enough is noticed where something is written.
        _ = signal(SIGPIPE, SIG_IGN)
        do throws(UsageError) {
            exit(try program(version: version).run(arguments.dropFirst()))
        } catch {
            Printer.talk("\(error)\nfabdns-query -help says what there is.")
            exit(ExitCode.usage.rawValue)
        }
    }

    private static func program(version: String) -> CommandProgram {
        CommandProgram(
            main: Command(AskCommand.syntax, QueryOptions()) {
                (options, operands) throws(UsageError) in
                try AskCommand.run(options, operands, version: version)
            },
            commands: [
                ExplainCommand.command, MatrixCommand.command, WhyCommand.command,
                ListCommand.command, LintCommand.command,
            ],
            date: "November 26, 2026",
            exitCodes: ExitCode.allCases.map { ($0.rawValue, $0.meaning) },
            write: { Output.standard.write($0) })
    }

    /// The exit code of what is done; a failure is said.
    static func running(
        _ options: QueryOptions, _ body: (Printer) throws(QueryFailure) -> ExitCode
    ) -> Int32 {
        let printer = Printer(options)
        do throws(QueryFailure) {
            return try body(printer).rawValue
        } catch {
            printer.say(error)
            return error.code.rawValue
        }
    }
}
