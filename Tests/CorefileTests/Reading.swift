// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile

/// Files that exist in a test only, by path.
func files(_ contents: [String: String]) -> CorefileFiles {
    CorefileFiles(
        read: { path in
            contents[path].map { .success(Array($0.utf8)) }
                ?? .failure(FileError("No such file or directory"))
        },
        matches: { pattern in
            let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return [] }
            return contents.keys.filter { $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1]) }
                .sorted()
        })
}

/// The configuration of a text named `Corefile`.
func read(
    _ text: String, environment: [String: String] = [:], files contents: [String: String] = [:]
) throws(ConfigurationError) -> ServerConfiguration {
    try Corefile.parse(
        text: text, file: "Corefile", environment: environment, files: files(contents))
}

/// The message that refuses a text; nil when it is accepted.
func refusal(
    of text: String, environment: [String: String] = [:], files contents: [String: String] = [:]
) -> String? {
    do {
        _ = try read(text, environment: environment, files: contents)
        return nil
    } catch {
        return error.description
    }
}

/// A text, and the message that refuses it or nil.
struct Verdict: Sendable, CustomStringConvertible {
    let text: String
    let message: String?

    init(_ text: String, _ message: String? = nil) {
        self.text = text
        self.message = message
    }

    var description: String { text }
}
