// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One address of a server block: `[SCHEME://]ZONE[:PORT]`.
struct ServerAddress: Equatable {
    /// Domain names in lower case with the final dot; several for a network.
    let zones: [String]
    let transport: ServerBlock.Transport
    /// Nil where none is written.
    let port: UInt16?

    /// Where DNS over TLS is served if no port is written.
    static let tlsPort: UInt16 = 853

    /// Reads an address as `global`, `dns://global:5353` or `10.0.0.0/8`.
    init(_ token: Token) throws(ConfigurationError) {
        var text = token.text[...]
        if let schemeEnd = text.firstRange(of: "://") {
            transport = try Self.transport(text[..<schemeEnd.lowerBound], at: token)
            text = text[schemeEnd.upperBound...]
        } else {
            transport = .dns
        }
        guard !text.contains(",") else {
            throw token.error("'\(text)': expected a space or a new line behind a comma")
        }
        guard !text.hasSuffix("{") else {
            throw token.error("'\(text)': expected a space before '{'")
        }
        if let (host, digits) = Self.splitPort(text) {
            port = try Self.port(digits, at: token)
            guard !host.isEmpty else {
                throw token.error(
                    "expected a zone before ':\(digits)', as in .:\(digits) for all zones")
            }
            text = host
        } else {
            port = nil
        }
        zones = try ZoneName.zones(String(text), at: token)
    }

    private static func transport(
        _ scheme: Substring, at token: Token
    ) throws(ConfigurationError) -> ServerBlock.Transport {
        if let transport = ServerBlock.Transport(rawValue: scheme.lowercased()) { return transport }
        let expected = "expected dns://, tls:// or no scheme"
        switch scheme.lowercased() {
        case "https", "https3", "grpc", "quic":
            throw token.error("\(scheme):// is not supported by fabdns, \(expected)")
        default:
            throw token.error("unknown scheme '\(scheme)://', \(expected)")
        }
    }

    /// Splits at the last colon; an IPv6 network has colons of its own and its port behind the
    /// slash.
    private static func splitPort(_ text: Substring) -> (host: Substring, digits: Substring)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        if let slash = text.lastIndex(of: "/"), slash > colon { return nil }
        return (host, text[text.index(after: colon)...])
    }

    private static func port(
        _ digits: Substring, at token: Token
    ) throws(ConfigurationError) -> UInt16 {
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let port = UInt16(digits)
        else {
            throw token.error(
                "'\(digits)' is not a port, expected a number from 0 to 65535 after ':'")
        }
        return port
    }
}
