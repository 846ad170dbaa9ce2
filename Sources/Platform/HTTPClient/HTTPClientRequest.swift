// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a server is asked.
package struct HTTPClientRequest: Sendable {
    package var method = "GET"
    /// Path and query, which come after the origin.
    package var path: String
    package var headers: [(name: String, value: String)]
    package var content: [UInt8]?
    /// Whether the response may come compressed; it is delivered uncompressed.
    package var acceptsGzip: Bool
    /// For the whole exchange; nil where the response has no end, as that of a watch.
    package var timeoutMilliseconds: Int?
    package var userAgent: String

    package init(
        method: String = "GET", path: String, headers: [(name: String, value: String)] = [],
        content: [UInt8]? = nil, acceptsGzip: Bool = false, timeoutMilliseconds: Int? = nil,
        userAgent: String = "fabdns"
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.content = content
        self.acceptsGzip = acceptsGzip
        self.timeoutMilliseconds = timeoutMilliseconds
        self.userAgent = userAgent
    }
}
