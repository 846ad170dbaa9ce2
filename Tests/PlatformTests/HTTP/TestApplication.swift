// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CLinux
import Glibc
import HTTP
import Synchronization
import TLS
import TestSupport

/// An application with every kind of answer: at once, later from another queue, and as a stream.
///
/// `/now` has 12 octets, `/big` a megabyte, `/upload` tells how much came, `/watch` and `/events`
/// wait for `publish`.
final class TestApplication: HTTPApplication {
    struct State {
        var held: [HTTPExchange] = []
        var streams: [HTTPExchange] = []
        var aborted = 0
    }

    static let uploadLimit = 100_000
    private let state = Mutex(State())
    private let server: HTTPServer
    private let descriptor: Int32
    let port: UInt16

    init(maximumConnections: Int = 700, tls: TLSContext? = nil) throws {
        server = try HTTPServer(label: "http-test", maximumConnections: maximumConnections)
        descriptor = clinux_socket(AF_INET, Int32(SOCK_STREAM.rawValue))
        port = try Socket.listen(descriptor)
        server.listen(descriptor, tls: tls, self)
    }

    var held: Int { state.withLock { $0.held.count } }
    var streams: Int { state.withLock { $0.streams.count } }
    var aborted: Int { state.withLock { $0.aborted } }

    func renew(_ context: TLSContext) { server.renew(descriptor, context) }

    func close() { server.close(descriptor) }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        switch head.path {
        case "/upload": .accept(maximumContent: Self.uploadLimit)
        case "/refused": .refuse(HTTPReply(error: 403))
        default: .accept(maximumContent: 0)
        }
    }

    func answer(_ request: HTTPRequest, _ exchange: HTTPExchange) -> HTTPReply? {
        switch request.head.path {
        case "/now": return HTTPReply(text: "hello world\n")
        case "/big": return HTTPReply(content: [UInt8](repeating: 0x61, count: 1 << 20))
        case "/upload": return HTTPReply(text: "\(request.content.count)\n")
        case "/watch":
            state.withLock { $0.held.append(exchange) }
            return nil
        case "/events":
            state.withLock { $0.streams.append(exchange) }
            exchange.open(contentType: "text/event-stream")
            return nil
        default: return HTTPReply(error: 404)
        }
    }

    func aborted(_ exchange: HTTPExchange) {
        state.withLock { state in
            state.held.removeAll { $0 === exchange }
            state.streams.removeAll { $0 === exchange }
            state.aborted += 1
        }
    }

    /// Answers all that is held, and tells all streams.
    func publish(_ text: String, ends: Bool = false) {
        let (held, streams) = state.withLock { state in
            let held = state.held
            state.held = []
            let streams = state.streams
            if ends { state.streams = [] }
            return (held, streams)
        }
        for exchange in held { exchange.reply(HTTPReply(text: text)) }
        for exchange in streams {
            exchange.send(Array(text.utf8))
            if ends { exchange.end() }
        }
    }
}
