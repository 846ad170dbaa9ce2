// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import EventLoop
internal import Glibc
internal import TLS

/// The stream connections of one loop: their bounds, their deadlines, and the buffers they take
/// turns with.
@safe
package final class StreamPool: @unchecked Sendable {
    // Premise of @unchecked Sendable: other queues hold it only to reach `loop`, by a handle; all
    // else is used on the loop's queue.
    let loop: EventLoop
    let limits: StreamLimits
    /// What one read brings, after what was left unfinished; used within one event.
    let input: UnsafeMutableRawBufferPointer
    let output: UnsafeMutableRawBufferPointer
    /// Octets that connections keep between events.
    package internal(set) var keptOctets = 0

    private var connections: [StreamConnection?] = []
    /// How often each slot was given away.
    private var generations: [UInt32] = []
    /// In loop milliseconds, by slot; `max` for a free one.
    private var deadlines: [UInt64] = []
    private var freeSlots: [Int] = []
    private var paused: [StreamListener] = []
    private var timer: LoopTimer?
    private var isTimerSet = false

    /// Largest message of 65,535 octets with its length, twice.
    private static let inputOctets = 2 * (65_535 + 2)
    private static let outputOctets = 256 << 10
    private static let tickMilliseconds = 500

    /// Makes the timer at once: when descriptors run out there is one to go on with.
    ///
    /// The timer keeps the pool as long as the loop, which is as long as the process.
    package init(loop: EventLoop, limits: StreamLimits = StreamLimits()) throws(SystemError) {
        self.loop = loop
        self.limits = limits
        unsafe input = .allocate(byteCount: Self.inputOctets, alignment: 8)
        unsafe output = .allocate(byteCount: Self.outputOctets, alignment: 8)
        unsafe input.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe output.initializeMemory(as: UInt8.self, repeating: 0)
        let timer = try LoopTimer { [self] in tick() }
        self.timer = timer
        let watched = TimerReference(timer: timer)
        loop.enqueue { try? loop.watch(watched.timer, for: .read) }
    }

    deinit {
        unsafe input.deallocate()
        unsafe output.deallocate()
    }

    package var connectionCount: Int { connections.count - freeSlots.count }

    // MARK: For listeners

    /// Takes an accepted descriptor; the connection that would end first gives way when there are
    /// too many.
    func open(
        _ descriptor: Int32, of listener: StreamListener,
        _ converse: (StreamHandle) -> any Conversation
    ) {
        if connectionCount >= limits.maximumConnections, !closeNearest() {
            _ = Glibc.close(descriptor)
            return
        }
        let session = listener.tls?.makeSession(descriptor: descriptor)
        guard session != nil || listener.tls == nil else {
            _ = Glibc.close(descriptor)
            return
        }
        let slot = takeSlot()
        let handle = StreamHandle(pool: self, slot: slot, generation: generations[slot])
        let connection = StreamConnection(
            descriptor: descriptor, listener: listener, pool: self, slot: slot, tls: session,
            conversation: converse(handle))
        connections[slot] = connection
        setDeadline(slot, in: connection.firstMilliseconds)
        do {
            try loop.watch(connection, for: .read)
        } catch {
            connection.close()
        }
        setTimer()
    }

    private func takeSlot() -> Int {
        if let slot = freeSlots.popLast() { return slot }
        connections.append(nil)
        generations.append(0)
        deadlines.append(.max)
        return connections.count - 1
    }

    /// Gives up the connection whose deadline is nearest: the longest idle one.
    ///
    /// False when there is none.
    @discardableResult
    func closeNearest() -> Bool {
        var nearest: Int?
        var deadline = UInt64.max
        for slot in deadlines.indices where deadlines[slot] < deadline {
            nearest = slot
            deadline = deadlines[slot]
        }
        guard let nearest else { return false }
        connections[nearest]?.close()
        return true
    }

    /// Out of descriptors: a listener that stays readable would spin, so it rests until the next
    /// tick.
    func pause(_ listener: StreamListener) {
        loop.change(listener, to: [])
        paused.append(listener)
        setTimer()
    }

    // MARK: For connections

    /// Nil for never.
    func setDeadline(_ slot: Int, in milliseconds: UInt64?) {
        deadlines[slot] = milliseconds.map { loop.nowMilliseconds + $0 } ?? .max
    }

    func remove(_ slot: Int) {
        guard connections[slot] != nil else { return }
        connections[slot] = nil
        generations[slot] &+= 1
        deadlines[slot] = .max
        freeSlots.append(slot)
    }

    func connection(_ handle: StreamHandle) -> StreamConnection? {
        generations[handle.slot] == handle.generation ? connections[handle.slot] : nil
    }

    // MARK: All of a listener

    func closeAll(of listener: StreamListener) {
        for connection in connections where connection?.listener === listener {
            connection?.close()
        }
    }

    func retireAll(of listener: StreamListener) {
        for connection in connections where connection?.listener === listener {
            connection?.retire()
        }
    }

    // MARK: Time

    private func setTimer() {
        guard !isTimerSet else { return }
        timer?.set(milliseconds: Self.tickMilliseconds)
        isTimerSet = true
    }

    /// Ends what has run out of time.
    ///
    /// Without connections there is no tick.
    private func tick() {
        isTimerSet = false
        for listener in paused { loop.change(listener, to: .read) }
        paused = []
        let now = loop.nowMilliseconds
        for slot in deadlines.indices where deadlines[slot] <= now { connections[slot]?.expire() }
        if connectionCount > 0 { setTimer() }
    }
}

/// The timer on its way to the queue that will use it.
private struct TimerReference: @unchecked Sendable {
    // Premise of @unchecked Sendable: nobody uses the timer before the loop's queue watches it.
    let timer: LoopTimer
}
