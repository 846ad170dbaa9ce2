// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How an exchange ended.
package struct HTTPOutcome: Sendable, Equatable {
    /// 0 where no head came.
    package let status: Int
    package let contentType: String?
    package let retryAfterSeconds: Int?
    /// Nil where the response ended as it should, whatever its status.
    package let failure: HTTPFailure?
    package let isHTTP2: Bool
    /// Of the content, before anything was uncompressed.
    package let wireOctets: Int

    package init(
        status: Int, contentType: String? = nil, retryAfterSeconds: Int? = nil,
        failure: HTTPFailure? = nil, isHTTP2: Bool = false, wireOctets: Int = 0
    ) {
        self.status = status
        self.contentType = contentType
        self.retryAfterSeconds = retryAfterSeconds
        self.failure = failure
        self.isHTTP2 = isHTTP2
        self.wireOctets = wireOctets
    }
}

/// Why no whole response came.
package struct HTTPFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The server was not reached: no name, no route, refused, or the proxy would not.
        case cannotConnect
        case timeout
        /// Ours or the server's is unusable or not trusted.
        case certificate
        /// The connection or the stream ended before the response did.
        case cut
        /// The receiver said stop.
        case tooLarge
        case other
    }

    package let kind: Kind
    /// The library's words, without a credential.
    package let message: String

    package init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
