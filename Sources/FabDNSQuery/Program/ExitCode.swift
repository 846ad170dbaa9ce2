// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How the program ends.
enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    case nothing = 1
    case usage = 2
    case refused = 3
    case noReply = 9
    case failed = 10

    var meaning: String {
        switch self {
        case .done: "There is an answer, or nothing was found wrong."
        case .nothing:
            "The name or the type does not exist, lint has findings, or the server disagrees."
        case .usage: "The command line is not understood."
        case .refused: "The server said SERVFAIL, REFUSED or another error."
        case .noReply: "No server replied."
        case .failed: "A file cannot be read, or nothing can be written."
        }
    }
}

/// Why a command did not do what it was told.
struct QueryFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let code: ExitCode
    let description: String

    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }
}
