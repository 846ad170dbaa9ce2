// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A header field; the name of a received one is in lower case.
package struct HTTPField: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request as far as it is known before its content (RFC 9112 §3).
package struct HTTPRequestHead: Sendable, Equatable {
    package var method: String
    /// Decoded, from the first slash on; `*` for the whole server.
    package var path: String
    /// As sent, without the question mark; nil when there is none.
    package var query: String?
    package var fields: [HTTPField]

    /// The value of the first field of that name, which is in lower case.
    package subscript(field name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}

package struct HTTPRequest: Sendable {
    package let head: HTTPRequestHead
    package let content: [UInt8]
}

/// What a request is answered with.
package struct HTTPReply: Sendable, Equatable {
    package var status: Int
    package var contentType: String
    /// Beside those that the conversation sets itself.
    package var fields: [HTTPField]
    package var content: [UInt8]

    package init(
        status: Int = 200, contentType: String = "text/plain; charset=utf-8",
        fields: [HTTPField] = [], content: [UInt8]
    ) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.content = content
    }

    package init(status: Int = 200, text: String, fields: [HTTPField] = []) {
        self.init(status: status, fields: fields, content: Array(text.utf8))
    }

    /// A status in words, for a person.
    package init(error status: Int, fields: [HTTPField] = []) {
        self.init(status: status, text: "\(HTTPStatus.reason(status))\n", fields: fields)
    }
}

enum HTTPStatus {
    /// The phrase behind a status, which carries no meaning (RFC 9112 §4).
    static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }
}

/// A request that breaks the protocol or a bound: the status it is refused with.
struct HTTPError: Error, Equatable {
    let status: Int

    static let badRequest = HTTPError(status: 400)
    static let contentTooLarge = HTTPError(status: 413)
    static let targetTooLong = HTTPError(status: 414)
    static let unknownExpectation = HTTPError(status: 417)
    static let fieldsTooLarge = HTTPError(status: 431)
    static let notImplemented = HTTPError(status: 501)
    static let unknownVersion = HTTPError(status: 505)
}
