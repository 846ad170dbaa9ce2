// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
package import EventLoop
internal import Glibc
package import TLS

/// A listening stream socket: accepts connections into a pool.
package final class StreamListener: Watcher {
    /// How long its connections may take; another value holds for connections to come.
    package var times = StreamTimes()
    /// What connections to come are encrypted with; nil: with nothing.
    package private(set) var tls: TLSContext?
    private let pool: StreamPool
    private let converse: (StreamHandle, PeerAddress) -> any Conversation

    /// So many connections are accepted before others have their turn.
    private static let acceptsPerEvent = 64

    /// Takes over a bound descriptor that listens; to be watched for `.read` by the pool's loop.
    ///
    /// `converse` gives each connection what is said on it: its own, or one for all.
    package init(
        descriptor: Int32, pool: StreamPool, tls: TLSContext? = nil,
        converse: @escaping (StreamHandle, PeerAddress) -> any Conversation
    ) {
        self.pool = pool
        self.tls = tls
        self.converse = converse
        // Accepted sockets inherit it.
        _ = clinux_set_option(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        super.init(descriptor: descriptor)
    }

    override package func ready(_ readiness: Readiness) {
        for _ in 0..<Self.acceptsPerEvent {
            var peer = sockaddr_storage()
            let client = unsafe clinux_accept(descriptor, &peer)
            if client < 0 { return acceptFailed(clinux_errno()) }
            // Premise: the kernel has written the address of what it accepted.
            let address = unsafe withUnsafePointer(to: &peer) { unsafe PeerAddress($0) }
            pool.open(client, of: self) { [converse] handle in converse(handle, address) }
        }
    }

    private func acceptFailed(_ code: Int32) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return }
        pool.closeNearest()
        pool.pause(self)
    }

    /// Encrypts with renewed certificates: connections that are idle end, the others end with what
    /// is under way.
    package func renew(_ context: TLSContext) {
        tls = context
        pool.retireAll(of: self)
    }

    /// Stops listening and ends its connections.
    package func close() {
        pool.loop.forget(self)
        pool.closeAll(of: self)
        _ = Glibc.close(descriptor)
    }
}
