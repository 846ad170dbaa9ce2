// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Where a program writes what its operator should read; handed to whoever has something to say.
package struct Log: Sendable {
    /// How loud a line is.
    package enum Level: String, Sendable {
        case info = "INFO"
        case warning = "WARNING"
        case error = "ERROR"
    }

    private let write: @Sendable (Level, String) -> Void

    package init(_ write: @escaping @Sendable (Level, String) -> Void) { self.write = write }

    package func info(_ message: String) { write(.info, message) }
    package func warning(_ message: String) { write(.warning, message) }
    package func error(_ message: String) { write(.error, message) }
}
