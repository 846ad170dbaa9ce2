// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `bind ADDRESS|INTERFACE... { except ADDRESS|INTERFACE... }`: where the block listens; may be
/// repeated.
struct BindDirective {
    /// As written, without the addresses that the line itself excludes.
    let bindings: [String]
    /// What is left out of the addresses that an interface of this line has.
    let exceptions: [String]

    /// The kernel's IFNAMSIZ without its final zero.
    private static let maximumInterfaceOctets = 15

    init(_ statement: Statement) throws(ConfigurationError) {
        guard !statement.arguments.isEmpty else {
            throw statement.name.error("at least one address or interface name is expected")
        }
        var excluded: [String] = []
        for option in statement.body ?? [] {
            guard option.name.text == "except" else {
                throw option.unknownProperty(among: ["except"])
            }
            guard !option.arguments.isEmpty else {
                throw option.name.error("at least one address or interface name is expected")
            }
            try option.requireNoBody()
            for argument in option.arguments { excluded.append(try Self.place(argument)) }
        }
        var bindings: [String] = []
        for argument in statement.arguments {
            let place = try Self.place(argument)
            if !excluded.contains(place) { bindings.append(place) }
        }
        guard !bindings.isEmpty else {
            throw statement.name.error("nothing is left to bind: 'except' excludes every address")
        }
        self.bindings = bindings
        exceptions = excluded
    }

    /// An address, with `%INTERFACE` behind it if it is link-local, or an interface name; which
    /// interfaces exist is known when the server starts.
    private static func place(_ token: Token) throws(ConfigurationError) -> String {
        let text = token.text
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        let isAddress =
            Network.octets(ofAddress: String(parts.first ?? "")) != nil
            && (parts.count == 1 || isInterfaceName(parts[1]))
        guard isAddress || isInterfaceName(text[...]) else {
            throw token.error("'\(text)' is not an IP address or an interface name")
        }
        return isAddress ? text.lowercased() : text
    }

    private static func isInterfaceName(_ text: Substring) -> Bool {
        1...maximumInterfaceOctets ~= text.utf8.count
            && text.utf8.allSatisfy { octet in
                0x21...0x7E ~= octet && octet != UInt8(ascii: "/") && octet != UInt8(ascii: ":")
            }
    }
}
