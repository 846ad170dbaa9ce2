// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import EventLoop
internal import Synchronization
package import TLS
internal import Transport

/// HTTP/1.1 on any number of listening sockets, all on one queue.
///
/// Lives as long as the process.
package final class HTTPServer: @unchecked Sendable {
    // Premise of @unchecked Sendable: `listeners` is used on the loop's queue only.
    private let loop: EventLoop
    private let pool: StreamPool
    private var listeners: [Int32: StreamListener] = [:]

    /// Above `maximumConnections` the one whose deadline is nearest gives way.
    package init(label: String, maximumConnections: Int = 700) throws(SystemError) {
        loop = try EventLoop(label: label)
        var limits = StreamLimits()
        limits.maximumConnections = maximumConnections
        pool = try StreamPool(loop: loop, limits: limits)
        loop.start()
    }

    /// Serves the application on a bound descriptor that listens, until `close`.
    package func listen(
        _ descriptor: Int32, tls: TLSContext? = nil, _ application: any HTTPApplication
    ) {
        onQueue { server in
            let listener = StreamListener(
                descriptor: descriptor, pool: server.pool, tls: tls
            ) { handle, _ in HTTPConversation(application, handle) }
            listener.times = Self.times
            server.listeners[descriptor] = listener
            try? server.loop.watch(listener, for: .read)
        }
    }

    /// A newcomer has as long for its first head as a later one; the conversation says the rest.
    private static let times = {
        var times = StreamTimes()
        times.idleMilliseconds = 15_000
        times.messageMilliseconds = 10_000
        times.stallMilliseconds = 30_000
        return times
    }()

    /// Encrypts with renewed certificates.
    package func renew(_ descriptor: Int32, _ context: TLSContext) {
        onQueue { $0.listeners[descriptor]?.renew(context) }
    }

    package func close(_ descriptor: Int32) {
        onQueue { $0.listeners.removeValue(forKey: descriptor)?.close() }
    }

    private func onQueue(_ act: @escaping @Sendable (HTTPServer) -> Void) {
        loop.enqueue { act(self) }
    }
}
