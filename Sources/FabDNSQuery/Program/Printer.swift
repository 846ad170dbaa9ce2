// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import JSON
internal import Terminal

/// Where a command's result and its talk go.
struct Printer: Sendable {
    let style: Style
    let isJSON: Bool

    init(_ options: QueryOptions) {
        style = Style(
            terminal: Terminal(
                .standard, environment: ProcessEnvironment.current(), colors: options.colors))
        isJSON = options.format == .json
    }

    /// The result; a reader who has gone away is no failure.
    func say(_ text: String) throws(QueryFailure) {
        guard !Output.standard.write(text), SystemReason.last != .readerIsGone else { return }
        throw QueryFailure(.failed, "standard output: \(SystemReason.last)")
    }

    /// What is no result.
    static func talk(_ text: String) { Output.error.write("fabdns-query: \(text)\n") }

    /// Why there is no result; an object too, where objects are expected.
    func say(_ failure: QueryFailure) {
        guard isJSON else { return Self.talk(failure.description) }
        Output.standard.write(
            JSONWriter.document { writer in
                writer.field(
                    "error",
                    object: { writer in
                        writer.field("code", Int(failure.code.rawValue))
                        writer.field("message", failure.description)
                    })
            })
    }
}
