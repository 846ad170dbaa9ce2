// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
package import EventLoop
internal import Glibc

/// A listening stream socket: accepts connections into a pool.
package final class StreamListener: Watcher {
    private let pool: StreamPool
    private let conversation: any Conversation

    /// So many connections are accepted before others have their turn.
    private static let acceptsPerEvent = 64

    /// Takes over a bound descriptor that listens; to be watched for `.read` by the pool's loop.
    package init(descriptor: Int32, pool: StreamPool, conversation: any Conversation) {
        self.pool = pool
        self.conversation = conversation
        super.init(descriptor: descriptor)
    }

    override package func ready(_ readiness: Readiness) {
        for _ in 0..<Self.acceptsPerEvent {
            var peer = sockaddr_storage()
            let client = unsafe clinux_accept(descriptor, &peer)
            if client < 0 { return acceptFailed(clinux_errno()) }
            _ = clinux_set_option(client, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            pool.open(client, conversation)
        }
    }

    private func acceptFailed(_ code: Int32) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return }
        pool.closeNearest()
        pool.pause(self)
    }

    /// Stops listening and ends its connections.
    package func close() {
        pool.loop.forget(self)
        pool.closeAll(of: conversation)
        _ = Glibc.close(descriptor)
    }
}
