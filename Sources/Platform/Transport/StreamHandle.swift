// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop

/// A connection as other queues know it: a name, not the connection, so that a late call finds
/// nothing and does nothing.
package struct StreamHandle: Sendable, Equatable {
    private let pool: StreamPool
    let slot: Int
    /// How often the slot had been given away.
    let generation: UInt32

    init(pool: StreamPool, slot: Int, generation: UInt32) {
        self.pool = pool
        self.slot = slot
        self.generation = generation
    }

    package static func == (one: StreamHandle, other: StreamHandle) -> Bool {
        one.pool === other.pool && one.slot == other.slot && one.generation == other.generation
    }

    /// Has the conversation called again, on its queue; for a conversation that waits for it.
    package func wake() { onQueue { $0.wake() } }

    /// Ends the connection, whatever it is at.
    package func close() { onQueue { $0.close() } }

    private func onQueue(_ act: @escaping @Sendable (StreamConnection) -> Void) {
        let handle = self
        pool.loop.enqueue {
            if let connection = handle.pool.connection(handle) { act(connection) }
        }
    }
}
