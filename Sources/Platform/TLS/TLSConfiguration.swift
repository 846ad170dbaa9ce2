// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a listener with TLS is made from, and made from again when the files have changed.
package struct TLSConfiguration: Sendable, Hashable {
    /// What is spoken inside, for ALPN (RFC 7301): `dot` (RFC 7858) or `http/1.1`.
    package enum Inside: Sendable {
        case dot
        case http
    }

    /// Whether clients are asked for a certificate, and what becomes of it.
    package enum ClientCertificates: Sendable {
        case unasked
        /// Asked for; any is taken, also none.
        case request
        /// One must come; any is taken.
        case require
        /// None, or one of a known authority.
        case verifyIfGiven
        case requireAndVerify
    }

    /// A chain in PEM, the server's own first.
    package var certificateFile: String
    /// In PEM.
    package var keyFile: String
    /// Authorities of client certificates in PEM.
    package var authoritiesFile: String?
    package var clientCertificates: ClientCertificates
    package var inside: Inside

    package init(
        certificateFile: String, keyFile: String, authoritiesFile: String? = nil,
        clientCertificates: ClientCertificates = .unasked, inside: Inside
    ) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.authoritiesFile = authoritiesFile
        self.clientCertificates = clientCertificates
        self.inside = inside
    }
}

/// What a client of DNS over TLS makes sure of (RFC 8310).
package struct TLSClientConfiguration: Sendable, Hashable {
    /// In PEM; the system's where it is nil.
    package var authoritiesFile: String?
    /// Whether the server's certificate has to be good.
    package var verifies: Bool
    /// A host name or an address that the certificate has to name.
    package var hostname: String

    package init(authoritiesFile: String? = nil, verifies: Bool = true, hostname: String) {
        self.authoritiesFile = authoritiesFile
        self.verifies = verifies
        self.hostname = hostname
    }
}

/// Why no context could be made: the file and what libssl says of it.
package struct TLSError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// What one transfer that does not block did.
package enum Transfer: Equatable {
    /// So many octets moved.
    case octets(Int)
    case wantsRead
    case wantsWrite
    /// The orderly end of what the peer sends.
    case ended
    case failed
}
