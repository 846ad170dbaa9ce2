// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import CLinux
import Glibc
import Synchronization
import TestSupport

/// Answers the first request of each connection with octets of the test's choice.
final class RawServer: Sendable {
    private struct State {
        var requests: [String] = []
        var held: [Int32] = []
    }

    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())

    /// Closes after the reply unless it `holds` the connection.
    init(_ reply: [UInt8], holds: Bool = false) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try Socket.listen(descriptor)
        let queue = DispatchQueue(label: "raw-server")
        let (descriptor, weak) = (descriptor, WeakServer(server: self))
        queue.async {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0, let server = weak.server else {
                    if client >= 0 { close(client) }
                    break
                }
                server.serve(client, reply, holds)
            }
            close(descriptor)
        }
    }

    convenience init(_ reply: String, holds: Bool = false) throws {
        try self.init(Array(reply.utf8), holds: holds)
    }

    /// Wakes `accept`, and whoever waits there closes the descriptor.
    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        for client in state.withLock({ $0.held }) { close(client) }
    }

    /// The heads that came.
    var requests: [String] { state.withLock { $0.requests } }

    var origin: String { "http://127.0.0.1:\(port)" }

    private func serve(_ client: Int32, _ reply: [UInt8], _ holds: Bool) {
        var head: [UInt8] = []
        var octets = [UInt8](repeating: 0, count: 1 << 12)
        while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = unsafe recv(client, &octets, octets.count, 0)
            guard count > 0 else { break }
            head += octets[..<count]
        }
        state.withLock { $0.requests.append(String(decoding: head, as: UTF8.self)) }
        var sent = 0
        while sent < reply.count {
            let rest = Array(reply[sent...])
            let count = unsafe send(client, rest, rest.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { break }
            sent += count
        }
        if holds {
            state.withLock { $0.held.append(client) }
        } else {
            close(client)
        }
    }
}

/// The thread that accepts does not keep the server.
private struct WeakServer: Sendable {
    weak let server: RawServer?
}
