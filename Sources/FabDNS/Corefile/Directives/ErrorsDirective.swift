// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `errors [stdout] { stacktrace; consolidate DURATION REGEXP [LEVEL] [show_first] }`: CoreDNS then
/// logs what its plugins could not do.
///
/// A server that answers from memory has no such failures, and what it could not load it always
/// says; so the directive is checked for its form alone.
enum ErrorsDirective {
    private static let levels = ["warning", "error", "info", "debug"]
    private static let usage = "consolidate DURATION REGEXP [LEVEL] [show_first]"

    static func check(
        _ statement: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        try statement.requireArguments(0...1, usage: "errors [stdout]")
        if let output = statement.arguments.first, output.text != "stdout" {
            throw output.error("invalid log file '\(output.text)', expected stdout or nothing")
        }
        for option in statement.body ?? [] {
            switch option.name.text {
            case "stacktrace":
                try option.requireArguments(0...0, usage: "stacktrace")
            case "consolidate":
                try checkConsolidate(option)
            default:
                throw option.unknownProperty(among: ["consolidate", "stacktrace"])
            }
            try option.requireNoBody()
            warnings.append(
                ConfigurationWarning(
                    location: option.name.location,
                    message:
                        "'\(option.name.text)' has no effect in fabdns: every failure is one line"))
        }
    }

    private static func checkConsolidate(_ option: Statement) throws(ConfigurationError) {
        try option.requireArguments(2...4, usage: usage)
        let duration = option.arguments[0]
        guard let nanoseconds = GoDuration.nanoseconds(duration.text), nanoseconds >= 0 else {
            throw duration.error("'\(duration.text)' is not a duration, expected as in 5m or 1m30s")
        }
        guard !option.arguments[1].text.isEmpty else {
            throw option.arguments[1].error("expected a regular expression")
        }
        var rest = option.arguments[2...]
        if let level = rest.first, levels.contains(level.text) { rest.removeFirst() }
        if rest.first?.text == "show_first" { rest.removeFirst() }
        if let surplus = rest.first {
            throw surplus.error(
                "unknown option '\(surplus.text)', expected [warning|error|info|debug] [show_first]"
            )
        }
    }
}
