// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A request in the words of the library, each checked: no text of it can become another line,
/// another header or another URL.
struct RequestPlan {
    let url: String
    let isEncrypted: Bool
    let method: String
    /// `Name: value`, as they are sent.
    let headerLines: [String]
    let content: [UInt8]?
    /// `NAME:PORT:HOST:PORT`: asks HOST for NAME.
    private(set) var connectTo: String?
    /// `HOST:PORT:ADDRESS,ADDRESS`.
    private(set) var resolve: String?
    /// Empty: none.
    let proxy: String
    /// What stands before the `@` of the proxy's URL; not to be told.
    let proxySecret: String?
    /// The proxy as messages name it, without its secret; nil: none.
    let proxyName: String?
    let target: HTTPTarget
    let acceptsGzip: Bool
    let timeoutMilliseconds: Int?
    let userAgent: String

    init(_ request: HTTPClientRequest, _ target: HTTPTarget) throws(HTTPFailure) {
        guard let origin = HTTPOrigin(target.origin) else {
            throw Self.refusal("the server's URL is malformed")
        }
        guard Self.isToken(request.method) else { throw Self.refusal("the method is malformed") }
        guard request.path.first == "/", !request.path.contains("#"),
            request.path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw Self.refusal("the path is malformed") }
        guard Self.isFieldValue(request.userAgent) else {
            throw Self.refusal("the user agent has a control octet")
        }
        var lines = try Self.lines(request.headers)
        isEncrypted = origin.scheme == "https"
        let port = origin.port
        if isEncrypted, let name = target.serverName, name != origin.plainHost {
            let host = name.contains(":") ? "[\(name)]" : name
            guard HTTPOrigin.isHost(host) else {
                throw Self.refusal("the server's TLS name is malformed")
            }
            url = "https://\(host):\(port)\(origin.prefix)\(request.path)"
            connectTo = "\(host):\(port):\(origin.host):\(port)"
            lines.append("Host: \(origin.host)" + (port == 443 ? "" : ":\(port)"))
        } else {
            url = "\(origin.scheme)://\(origin.host):\(port)\(origin.prefix)\(request.path)"
        }
        let needsContent = ["POST", "PUT", "PATCH"].contains(request.method)
        content = request.content ?? (needsContent ? [] : nil)
        if content != nil, !Self.has("content-type", request.headers) {
            // Otherwise the library says that it is a form.
            lines.append("Content-Type:")
        }
        method = request.method
        headerLines = lines
        (proxy, proxyName, proxySecret) = try Self.proxy(target.proxy)
        resolve = Self.resolve(origin, target.addresses)
        self.target = target
        acceptsGzip = request.acceptsGzip
        timeoutMilliseconds = request.timeoutMilliseconds
        userAgent = request.userAgent
    }

    private static func refusal(_ message: String) -> HTTPFailure {
        HTTPFailure(kind: .other, message: message)
    }

    // MARK: Headers

    private static func lines(
        _ headers: [(name: String, value: String)]
    ) throws(HTTPFailure) -> [String] {
        var lines: [String] = []
        for (name, value) in headers {
            guard isToken(name) else { throw refusal("the name of a header is malformed") }
            guard isFieldValue(value) else {
                throw refusal("the value of the header \(name) has a control octet")
            }
            // A blank at the end, as tokens in files may have, breaks HTTP/2.
            let trimmed = trim(value)
            // The library takes a header that ends with its colon for one to leave out.
            lines.append(trimmed.isEmpty ? "\(name);" : "\(name): \(trimmed)")
        }
        return lines
    }

    private static func has(_ name: String, _ headers: [(name: String, value: String)]) -> Bool {
        headers.contains { $0.name.lowercased() == name }
    }

    private static func trim(_ value: String) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let octets = value.utf8.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        return String(decoding: Array(octets), as: UTF8.self)
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0)
            }
    }

    /// RFC 9110 §5.5: no control octet but the tab.
    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    // MARK: The way to the server

    private static let proxySchemes = ["http": 80, "https": 443, "socks5": 1080, "socks5h": 1080]

    /// The URL for the library, the one to tell, and what of the first is secret.
    private static func proxy(_ text: String?) throws(HTTPFailure) -> (String, String?, String?) {
        guard let text, !text.isEmpty else { return ("", nil, nil) }
        let malformed = refusal("the proxy's URL is malformed, or of no scheme that is known")
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw malformed
        }
        let at = parts[1].lastIndex(of: "@")
        let server = at.map { parts[1][$0...].dropFirst() } ?? parts[1]
        guard let proxy = HTTPOrigin("\(parts[0])://\(server)", schemes: proxySchemes),
            proxy.prefix.isEmpty
        else { throw malformed }
        // The proxy looks the name up, as those of HTTP do.
        let scheme = proxy.scheme == "socks5" ? "socks5h" : proxy.scheme
        let name = "\(proxy.scheme)://\(proxy.host):\(proxy.port)"
        guard let at else { return ("\(scheme)://\(proxy.host):\(proxy.port)", name, nil) }
        let secret = parts[1][..<at]
        guard !secret.contains(where: { "/?#\\".contains($0) }) else { throw malformed }
        return ("\(scheme)://\(secret)@\(proxy.host):\(proxy.port)", name, String(secret))
    }

    /// Addresses with a zone are left out: the library's list has no place for one.
    private static func resolve(_ origin: HTTPOrigin, _ addresses: [String]) -> String? {
        let usable = addresses.filter { HTTPOrigin.isPartOfAddresses($0[...]) }
        guard !origin.isLiteral, !usable.isEmpty else { return nil }
        let list = usable.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
        return "\(origin.host):\(origin.port):\(list)"
    }
}
