// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The text of a DNS zone in a Corefile: a domain name, `.`, or a network that stands for reverse
/// zones.
enum ZoneName {
    /// The octets of a label and of a name in wire format (RFC 1035 §2.3.4).
    static let maximumLabelOctets = 63
    static let maximumNameOctets = 255

    /// The zones of one word, in lower case with the final dot.
    static func zones(_ token: Token) throws(ConfigurationError) -> [String] {
        try zones(token.text, at: token)
    }

    /// The zones that `text`, a part of the word `token`, stands for.
    static func zones(_ text: String, at token: Token) throws(ConfigurationError) -> [String] {
        guard text.contains("/") else { return [try domainName(text, at: token)] }
        guard let network = Network(text) else {
            throw token.error(
                "'\(text)' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24")
        }
        return network.reverseZones
    }

    /// All zones of a list of arguments, each once.
    static func zones(_ tokens: [Token]) throws(ConfigurationError) -> [String] {
        var result: [String] = []
        var seen: Set<String> = []
        for token in tokens {
            for zone in try zones(token) where seen.insert(zone).inserted { result.append(zone) }
        }
        return result
    }

    /// Letters, digits, `-` and `_`: whatever else a label may hold would have to be escaped.
    private static func domainName(
        _ text: String, at token: Token
    ) throws(ConfigurationError) -> String {
        func refuse(_ reason: String) -> ConfigurationError {
            token.error("'\(text)' is not a valid domain name: \(reason)")
        }
        guard text != "." else { return text }
        guard !text.isEmpty else { throw token.error("expected the name of a zone, '.' for all") }
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.last == "" { labels.removeLast() }
        for label in labels {
            guard !label.isEmpty else { throw refuse("a label is empty") }
            guard label.utf8.count <= maximumLabelOctets else {
                throw refuse("a label is longer than \(maximumLabelOctets) octets")
            }
            guard label.utf8.allSatisfy(isLabelOctet) else {
                throw refuse("a label holds something else than letters, digits, '-' and '_'")
            }
        }
        // One length octet per label, and the root's.
        let octetCount = labels.reduce(1) { $0 + 1 + $1.utf8.count }
        guard octetCount <= maximumNameOctets else {
            throw refuse("it is longer than \(maximumNameOctets) octets")
        }
        return labels.joined(separator: ".").lowercased() + "."
    }

    private static func isLabelOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
