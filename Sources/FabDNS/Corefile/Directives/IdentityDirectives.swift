// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `nsid [DATA]`: which server this is, for askers that want to know (RFC 5001).
package struct NSIDDirective: Sendable, Equatable {
    /// Nil for the host's name.
    package let data: String?

    static let maximumOctets = 255

    init(_ statement: Statement) throws(ConfigurationError) {
        try statement.requireNoBody()
        let text = statement.arguments.map(\.text).joined(separator: " ")
        data = statement.arguments.isEmpty ? nil : text
        guard text.utf8.count <= Self.maximumOctets else {
            throw statement.arguments[0].error(
                "longer than \(Self.maximumOctets) octets: it goes into every answer that asks")
        }
    }
}

/// `chaos [VERSION] [AUTHORS...]`: TXT in class CH for `version.bind`, `version.server`,
/// `authors.bind`, `hostname.bind` and `id.server`.
package struct ChaosDirective: Sendable, Equatable {
    /// Nil for this server's own.
    package let version: String?
    package let authors: [String]

    /// Of a character string (RFC 1035 §3.3).
    static let maximumOctets = 255
    static let maximumAuthors = 64

    init(_ statement: Statement) throws(ConfigurationError) {
        try statement.requireNoBody()
        for argument in statement.arguments where argument.text.utf8.count > Self.maximumOctets {
            throw argument.error("longer than \(Self.maximumOctets) octets")
        }
        guard statement.arguments.count <= 1 + Self.maximumAuthors else {
            throw statement.arguments[1 + Self.maximumAuthors].error(
                "more than \(Self.maximumAuthors) authors")
        }
        version = statement.arguments.first?.text
        authors = statement.arguments.dropFirst().map(\.text)
    }
}
