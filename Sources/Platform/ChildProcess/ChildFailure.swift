// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why a program gave no output; its description is one line that names the program, never its
/// arguments.
package struct ChildFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// No such program, or none that may be executed.
        case notFound
        /// The system's reason, as "Exec format error".
        case notStarted(String)
        /// An exit code that is not 0, and the first line on standard error, maybe empty.
        case exited(code: Int32, message: String)
        case ended(signal: Int32)
        case timedOut(milliseconds: Int)
        case tooMuchOutput
        /// Somebody else has taken its exit code.
        case lost
    }

    package let program: String
    package let reason: Reason

    package var description: String {
        "\(Self.line(Array(program.utf8))): \(problem)"
    }

    private var problem: String {
        switch reason {
        case .notFound: "not found, or not executable"
        case .notStarted(let reason): reason
        case .exited(let code, ""): "exit code \(code)"
        case .exited(let code, let message): "exit code \(code): \(message)"
        case .ended(let signal): "ended by signal \(signal)"
        case .timedOut(let milliseconds): "not done within \(milliseconds) ms"
        case .tooMuchOutput: "more than \(ChildProcess.maximumOutput >> 20) MiB of output"
        case .lost: "ended unseen"
        }
    }

    /// The first line that says something, of at most 200 characters, control characters escaped.
    package static func line(_ octets: [UInt8]) -> String {
        let lines = octets.split { $0 == 0x0A || $0 == 0x0D }
        let first = lines.first { $0.contains { $0 > 0x20 } } ?? []
        let scalars = String(decoding: first.prefix(4 * 201), as: UTF8.self).unicodeScalars
        let shown = scalars.prefix(200).reduce(into: "") { text, scalar in
            let isPlain = scalar.value > 0x7E || scalar == "\"" || scalar == "'" || scalar == "\\"
            text += isPlain ? escapedIfControl(scalar) : scalar.escaped(asASCII: false)
        }
        return scalars.count > 200 ? shown + "..." : shown
    }

    /// A terminal takes U+0080 to U+009F for orders too; marks of direction reorder a line.
    private static func escapedIfControl(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: String(scalar)
        }
    }
}
