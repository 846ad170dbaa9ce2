// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a server says to requests.
///
/// Called on the server's queue, where nothing may block.
package protocol HTTPApplication: AnyObject, Sendable {
    /// Judges a request by its head, before its content comes.
    func admit(_ head: HTTPRequestHead) -> HTTPAdmission

    /// Answers a request; nil: later, through the exchange, from any queue.
    func answer(_ request: HTTPRequest, _ exchange: HTTPExchange) -> HTTPReply?

    /// The client of a request that was to be answered later, or of a stream, is gone.
    func aborted(_ exchange: HTTPExchange)
}

extension HTTPApplication {
    package func aborted(_ exchange: HTTPExchange) {}
}

package enum HTTPAdmission: Sendable {
    /// With content of so many octets at most.
    case accept(maximumContent: Int)
    case refuse(HTTPReply)
}

/// An application as a table: what each path answers to which methods.
///
/// GET answers HEAD too. Other paths are 404, other methods 405 with what is allowed.
package final class HTTPRoutes: HTTPApplication {
    package typealias Answer = @Sendable (HTTPRequest, HTTPExchange) -> HTTPReply?

    private let routes: [String: [String: Answer]]
    private let maximumContent: Int

    /// Answers by path and method.
    package init(_ routes: [String: [String: Answer]], maximumContent: Int = 4 << 10) {
        self.routes = routes
        self.maximumContent = maximumContent
    }

    package func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        guard let methods = routes[head.path] else {
            return .refuse(HTTPReply(error: 404))
        }
        guard methods[effective(head.method)] == nil else {
            return .accept(maximumContent: maximumContent)
        }
        let allowed = methods.keys.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }.sorted()
        return .refuse(
            HTTPReply(
                error: 405, fields: [HTTPField("Allow", allowed.joined(separator: ", "))]))
    }

    package func answer(_ request: HTTPRequest, _ exchange: HTTPExchange) -> HTTPReply? {
        guard let answer = routes[request.head.path]?[effective(request.head.method)] else {
            return HTTPReply(error: 404)
        }
        return answer(request, exchange)
    }

    private func effective(_ method: String) -> String { method == "HEAD" ? "GET" : method }
}
