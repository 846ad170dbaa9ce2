// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Addresses of API servers and of proxies.
enum ServerURL {
    private static let maximumLength = 2_048

    static let expectation =
        "a URL as https://10.0.0.1:6443, with no user, query or fragment"
    static let proxyExpectation = "a URL of a proxy: http://, https:// or socks5://, host and port"

    /// The URL of an API server without slashes at its end, its scheme in lower case; nil if it is
    /// none.
    static func server(_ text: String) -> String? {
        guard
            let parts = Parts(text), ["http", "https"].contains(parts.scheme),
            !parts.authority.contains("@"), isHostAndPort(parts.authority)
        else { return nil }
        let path = parts.path.reversed().drop { $0 == "/" }.reversed()
        return "\(parts.scheme)://\(parts.authority)\(String(path))"
    }

    /// The URL of a proxy, which may have a name and a password before its host; nil if it is none.
    static func proxy(_ text: String) -> String? {
        guard
            let parts = Parts(text), ["http", "https", "socks5"].contains(parts.scheme),
            let host = parts.authority.split(separator: "@", omittingEmptySubsequences: false).last,
            isHostAndPort(host), parts.path.isEmpty || parts.path == "/"
        else { return nil }
        return "\(parts.scheme)://\(parts.authority)"
    }

    /// The URL of the server that a Pod is told of, whose IPv6 address has no brackets there.
    static func server(host: String, port: String) -> String? {
        guard !port.isEmpty, !host.utf8.contains(UInt8(ascii: "/")) else { return nil }
        let isBare = host.utf8.contains(UInt8(ascii: ":")) && !host.hasPrefix("[")
        return server("https://\(isBare ? "[\(host)]" : host):\(port)")
    }

    /// Whether a certificate may be checked for the name.
    static func isServerName(_ text: String) -> Bool { isName(text[...]) || isIPv6(text[...]) }

    private struct Parts {
        let scheme: String
        let authority: Substring
        let path: Substring

        init?(_ text: String) {
            guard
                text.utf8.count <= ServerURL.maximumLength,
                text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !"?#\\\"<>^`{|}".utf8.contains($0) }),
                let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
            else { return nil }
            scheme = text[..<colon].lowercased()
            let rest = text[colon...].dropFirst(3)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = rest[..<end]
            path = rest[end...]
        }
    }

    private static func isHostAndPort(_ text: Substring) -> Bool {
        guard text.hasPrefix("[") else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count <= 2 && isName(parts[0]) && (parts.count == 1 || isPort(parts[1]))
        }
        guard let end = text.firstIndex(of: "]") else { return false }
        let inside = text[..<end].dropFirst()
        let behind = text[end...].dropFirst()
        return isIPv6(inside)
            && (behind.isEmpty || behind.hasPrefix(":") && isPort(behind.dropFirst()))
    }

    private static func isName(_ text: Substring) -> Bool {
        1...253 ~= text.utf8.count
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
    }

    /// An address, maybe with its zone behind `%25`.
    private static func isIPv6(_ text: Substring) -> Bool {
        let address = text.prefix { $0 != "%" }
        let zone = text[address.endIndex...]
        guard address.contains(":"), IPAddress(octets: Array(address.utf8)[...]) != nil else {
            return false
        }
        return zone.isEmpty || zone.hasPrefix("%25") && isName(zone.dropFirst(3))
    }

    private static func isPort(_ text: Substring) -> Bool {
        let isDecimal = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isDecimal && UInt16(text).map { $0 > 0 } ?? false
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
