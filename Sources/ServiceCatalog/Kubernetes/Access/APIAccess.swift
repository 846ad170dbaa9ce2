// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What an API server is told, read at one moment; equal values need no new connection.
package struct APIAccess: Sendable, Equatable {
    /// A URL of http or https without a slash at its end, as `https://10.0.0.1:6443/prefix`.
    package let server: String
    /// Certificates in PEM that the server's has to be signed by; nil leaves it to the system's.
    package let authorities: [UInt8]?
    /// Our certificate and its key in PEM: both or none.
    package let certificate: [UInt8]?
    package let key: [UInt8]?
    /// The name the server's certificate is checked for, where it is not that of the URL.
    package let serverName: String?
    package let skipsVerification: Bool
    /// A URL of http, https or socks5, maybe with a name and a password.
    package let proxy: String?
    /// Who we are: what every request says.
    package let headers: [APIHeader]
}

/// A field of the head of a request.
package struct APIHeader: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension APIAccess: CustomStringConvertible {
    /// Only what is no secret.
    package var description: String { server }
}

extension APIHeader: CustomStringConvertible {
    /// Only what is no secret.
    package var description: String { name }
}

extension APIAccess {
    /// The same server, told what a plugin answered.
    func with(_ credential: ExecCredential) -> APIAccess {
        let bearer = credential.token.map { [APIHeader.bearer($0)] } ?? []
        return APIAccess(
            server: server, authorities: authorities,
            certificate: credential.certificate ?? certificate, key: credential.key ?? key,
            serverName: serverName, skipsVerification: skipsVerification, proxy: proxy,
            headers: bearer + headers)
    }
}

extension APIHeader {
    static func bearer(_ token: String) -> APIHeader {
        APIHeader(name: "Authorization", value: "Bearer \(token)")
    }

    static func basic(name: String, password: String) -> APIHeader {
        let credentials = Base64.encode(Array("\(name):\(password)".utf8))
        return APIHeader(name: "Authorization", value: "Basic \(credentials)")
    }
}
