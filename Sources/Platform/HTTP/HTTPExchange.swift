// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Synchronization
internal import Transport

/// A request that is answered later, from any queue: with one reply, or with a stream of events.
///
/// Too late or twice does nothing.
package final class HTTPExchange: Sendable {
    /// What has been said and not yet taken by the connection.
    struct Said {
        var reply: HTTPReply?
        /// The content type of a stream that is to be opened.
        var streamType: String?
        var octets: [UInt8] = []
        var hasEnded = false
    }

    /// Octets of a stream that its client has not read; above it the client is cut off.
    private static let maximumBacklog = 256 << 10

    private let handle: StreamHandle
    private let said = Mutex(Said())

    init(_ handle: StreamHandle) { self.handle = handle }

    package func reply(_ reply: HTTPReply) {
        say { $0.reply = $0.reply ?? reply }
    }

    /// Begins a stream; what is sent follows until `end`.
    package func open(contentType: String) {
        say { $0.streamType = $0.streamType ?? contentType }
    }

    package func send(_ octets: [UInt8]) {
        let backlog = said.withLock { said in
            said.octets += octets
            return said.octets.count
        }
        if backlog > Self.maximumBacklog { handle.close() } else { handle.wake() }
    }

    package func end() { say { $0.hasEnded = true } }

    private func say(_ change: (inout Said) -> Void) {
        said.withLock { change(&$0) }
        handle.wake()
    }

    /// All that was said since the last time.
    func take() -> Said {
        said.withLock { said in
            let taken = said
            said = Said()
            return taken
        }
    }
}
