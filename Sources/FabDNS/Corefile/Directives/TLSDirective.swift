// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `tls CERTIFICATE KEY [AUTHORITIES] { client_auth HOW }`: what `tls://` addresses of the block
/// are encrypted with (RFC 7858).
package struct TLSDirective: Sendable, Equatable {
    /// Whether clients are asked for a certificate, in Go's words.
    package enum ClientCertificates: String, Sendable, CaseIterable {
        case unasked = "nocert"
        case request
        case require
        case verifyIfGiven = "verify_if_given"
        case requireAndVerify = "require_and_verify"
    }

    /// In PEM, as written, relative to the working directory.
    package let certificateFile: String
    package let keyFile: String
    package let authoritiesFile: String?
    package private(set) var clientCertificates = ClientCertificates.unasked
    package let location: SourceLocation

    init(_ statement: Statement) throws(ConfigurationError) {
        try statement.requireArguments(2...3, usage: "tls CERTIFICATE KEY [AUTHORITIES]")
        for argument in statement.arguments where argument.text.isEmpty {
            throw argument.error("expected the name of a file")
        }
        certificateFile = statement.arguments[0].text
        keyFile = statement.arguments[1].text
        authoritiesFile = statement.arguments.count > 2 ? statement.arguments[2].text : nil
        location = statement.name.location
        for line in statement.body ?? [] {
            switch line.name.text {
            case "client_auth": clientCertificates = try Self.clientCertificates(line)
            case "keylog":
                throw line.name.error("'keylog' is not supported by fabdns: it reveals all traffic")
            default: throw line.unknownProperty(among: ["client_auth"])
            }
        }
        let needsAuthorities = [.verifyIfGiven, .requireAndVerify].contains(clientCertificates)
        guard !needsAuthorities || authoritiesFile != nil else {
            throw statement.name.error(
                "client_auth \(clientCertificates.rawValue) needs the file of the authorities: "
                    + "tls CERTIFICATE KEY AUTHORITIES")
        }
    }

    private static func clientCertificates(
        _ line: Statement
    ) throws(ConfigurationError) -> ClientCertificates {
        let words = ClientCertificates.allCases.map(\.rawValue).joined(separator: "|")
        let argument = try line.onlyArgument(usage: "client_auth \(words)")
        guard let found = ClientCertificates(rawValue: argument.text) else {
            throw argument.error("'\(argument.text)': expected \(words)")
        }
        return found
    }
}
