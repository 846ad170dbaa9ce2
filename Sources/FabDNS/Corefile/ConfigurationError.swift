// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why a Corefile was refused: `Corefile:12:5: message`.
///
/// The first error ends the reading; the message says what was expected.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// As the file was named to us.
    package let file: String
    /// Nil when the file as a whole is at fault, as when it cannot be read.
    package let location: SourceLocation?
    package let message: String

    package init(_ location: SourceLocation, _ message: String) {
        self.file = location.file
        self.location = location
        self.message = message
    }

    package init(file: String, _ message: String) {
        self.file = file
        self.location = nil
        self.message = message
    }

    package var description: String {
        location.map { "\($0): \(message)" } ?? "\(file): \(message)"
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `Corefile:12:5`.
    package var description: String { "\(file):\(line):\(column)" }
}

extension ConfigurationWarning: CustomStringConvertible {
    /// `Corefile:12:5: message`.
    package var description: String { "\(location): \(message)" }
}
