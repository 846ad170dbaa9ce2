// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What makes us known to an API server, as a kubeconfig says it.
enum Credential: Sendable, Equatable {
    case token(String)
    case tokenFile(PlacedText)
    case basic(name: String, password: String)
    case plugin(ExecPlugin, TextPlace)
}

/// Octets in a document, or in a file that it names.
enum CredentialOctets: Sendable, Equatable {
    case octets([UInt8])
    case file(PlacedText)
}

/// What tokens, and keys and certificates in PEM, have to look like.
enum CredentialRule {
    static let maximumFileSize = 1 << 20
    static let maximumTokenLength = 64 << 10
    static let maximumPathLength = 4_095

    static let tokenExpectation = "a token of visible ASCII characters, at most 64 KiB"

    /// A token without the white space around it; nil where it could not be in a header.
    static func token(_ text: some Collection<UInt8>) -> String? {
        let octets = Array(text)
        guard
            let first = octets.firstIndex(where: { !isSpace($0) }),
            let last = octets.lastIndex(where: { !isSpace($0) })
        else { return nil }
        let token = octets[first...last]
        guard
            token.count <= maximumTokenLength, token.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return nil }
        return String(decoding: token, as: UTF8.self)
    }

    /// Whether a text goes into a header as it is.
    static func isHeaderValue(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumTokenLength
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && text.utf8.first != 0x20 && text.utf8.last != 0x20
    }

    static func isPath(_ text: String) -> Bool {
        text.utf8.count <= maximumPathLength && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private static func isSpace(_ octet: UInt8) -> Bool {
        [0x20, 0x09, 0x0A, 0x0D].contains(octet)
    }
}

/// What a text in PEM holds.
enum PEMContent {
    case certificates, key

    var expectation: String {
        switch self {
        case .certificates: "certificates in PEM"
        case .key: "a key in PEM, without a passphrase"
        }
    }

    /// Whether the octets may be it; whether they are is seen by the one who uses them.
    func accepts(_ octets: [UInt8]) -> Bool {
        guard octets.count <= CredentialRule.maximumFileSize, !octets.contains(0) else {
            return false
        }
        let text = String(decoding: octets, as: UTF8.self)
        return switch self {
        case .certificates: text.contains("-----BEGIN CERTIFICATE-----")
        // A library that meets a passphrase would ask for it at the terminal.
        case .key:
            text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")
                && !text.contains("ENCRYPTED")
        }
    }
}
