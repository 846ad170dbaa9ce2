// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The parts of an origin, each free of what would mean something else in a URL.
struct HTTPOrigin: Equatable {
    /// In lower case.
    let scheme: String
    /// As a URL has it: an IPv6 address stands in brackets.
    let host: String
    let port: Int
    /// Empty, or a path that begins with a slash and does not end with one.
    let prefix: String

    /// The schemes of servers and their ports.
    static let schemes = ["http": 80, "https": 443]

    /// Nil where the text is no origin, or has a user, a query or a fragment.
    init?(_ text: String, schemes: [String: Int] = Self.schemes) {
        let octets = Array(text.utf8)
        guard octets.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let colon = text.firstIndex(of: ":"),
            text[colon...].hasPrefix("://")
        else { return nil }
        scheme = text[..<colon].lowercased()
        guard let defaultPort = schemes[scheme] else { return nil }
        let rest = text[colon...].dropFirst(3)
        guard !rest.contains(where: { "@?#\\".contains($0) }) else { return nil }
        let authority = rest.prefix { $0 != "/" }
        guard let (host, port) = Self.split(authority, defaultPort: defaultPort) else {
            return nil
        }
        self.host = host
        self.port = port
        prefix = String(rest.dropFirst(authority.count).reversed().drop { $0 == "/" }.reversed())
    }

    private static func split(_ authority: Substring, defaultPort: Int) -> (String, Int)? {
        let end: Substring.Index
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            end = authority.index(after: bracket)
        } else {
            end = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let host = String(authority[..<end])
        guard isHost(host) else { return nil }
        let rest = authority[end...]
        guard !rest.isEmpty else { return (host, defaultPort) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.allSatisfy({ "0"..."9" ~= $0 }), let port = Int(digits),
            1...65_535 ~= port
        else { return nil }
        return (host, port)
    }

    /// Whether the text is a name, an IPv4 address, or an IPv6 address in brackets.
    static func isHost(_ text: String) -> Bool {
        if text.first == "[" {
            // A zone comes after `%25` (RFC 6874).
            let parts = text.dropFirst().dropLast().split(
                separator: "%25", maxSplits: 1, omittingEmptySubsequences: false)
            guard text.last == "]", let address = parts.first, isAddress(address) else {
                return false
            }
            return parts.count == 1 || isName(parts[1])
        }
        return isName(text[...])
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func isAddress(_ text: Substring) -> Bool {
        text.contains(":") && isPartOfAddresses(text)
    }

    /// Whether the text has only what addresses consist of.
    static func isPartOfAddresses(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") }
    }

    /// The host without brackets, and a zone as other programs write it.
    var plainHost: String {
        guard host.first == "[" else { return host }
        let parts = host.dropFirst().dropLast().split(separator: "%25", maxSplits: 1)
        return parts.joined(separator: "%")
    }

    /// Whether the host is an address and needs no lookup.
    var isLiteral: Bool {
        host.first == "[" || host.allSatisfy { "0"..."9" ~= $0 || $0 == "." }
    }
}
