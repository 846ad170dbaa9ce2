// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Which server, and as whom: what decides about a connection.
package struct HTTPTarget: Sendable, Equatable {
    /// `https://10.0.0.1:6443`, perhaps with a path that comes before every request's.
    package var origin: String
    /// Who may sign the server's certificate, in PEM; nil: the system's authorities.
    package var authorities: [UInt8]?
    /// The client's certificate in PEM.
    package var certificate: [UInt8]?
    /// The certificate's key in PEM.
    package var key: [UInt8]?
    /// The name that the server is asked for and that its certificate must have; nil: the origin's.
    package var serverName: String?
    /// Whether any certificate is taken.
    package var skipsVerification: Bool
    /// A URL of http, https or socks5; nil: no proxy, not the environment's either.
    package var proxy: String?
    /// Where the origin's host is, looked up elsewhere; empty where it is an address itself.
    package var addresses: [String]

    package init(
        origin: String, authorities: [UInt8]? = nil, certificate: [UInt8]? = nil,
        key: [UInt8]? = nil, serverName: String? = nil, skipsVerification: Bool = false,
        proxy: String? = nil, addresses: [String] = []
    ) {
        self.origin = String(origin.reversed().drop { $0 == "/" }.reversed())
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.skipsVerification = skipsVerification
        self.proxy = proxy
        self.addresses = addresses
    }

    /// The host of the origin, without brackets and port; nil where the origin is malformed.
    package var host: String? { HTTPOrigin(origin)?.plainHost }
}
