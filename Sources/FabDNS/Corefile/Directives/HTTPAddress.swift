// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Where a page of `health`, `ready` or `prometheus` is served: `[HOST]:PORT`.
package struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IP address; empty for every address of the host.
    package let host: String
    /// 1...65535.
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Reads `:8080`, `localhost:8080`, `10.0.0.1:8080` or `[::1]:8080`.
    init(_ token: Token) throws(ConfigurationError) {
        let text = token.text
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port > 0,
            let host = Self.host(text[..<colon])
        else {
            throw token.error(
                "'\(text)' is no address, expected [HOST]:PORT as in :8080, localhost:8080, "
                    + "10.0.0.1:8080 or [::1]:8080")
        }
        self.init(host: host, port: port)
    }

    private static func host(_ text: Substring) -> String? {
        switch text {
        case "": return ""
        case "localhost": return "127.0.0.1"
        default: break
        }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let address = isBracketed ? text.dropFirst().dropLast() : text
        guard let octets = Network.octets(ofAddress: String(address)),
            isBracketed == (octets.count == 16)
        else { return nil }
        return address.lowercased()
    }
}
