// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
package import Dispatch
internal import Glibc
internal import Synchronization

/// One serial queue, one epoll set, and everything that is watched there.
///
/// The epoll descriptor is the queue's only Dispatch source, made once and kept: sources that come
/// and go corrupt
/// libdispatch's books on Linux, and a source per socket costs two thread changes a wake-up. When
/// Dispatch calls, the loop
/// takes what is ready and then lingers: it waits a few milliseconds over *all* its descriptors
/// before it gives the thread back,
/// so that under load Dispatch is hardly involved (docs/decisions/0001-event-loop.md).
///
/// Nothing else may be dispatched to the queue: while the loop lingers it would wait. `enqueue` is
/// the way in for others.
@safe package final class EventLoop: @unchecked Sendable {
    // Premise of @unchecked Sendable: but for `enqueue` and `start`, whose state is behind a mutex
    // or immutable, every member is
    // used on `queue` only, and checks that.
    private struct Slot {
        var watcher: Watcher?
        /// How often the slot was given away: an event taken before its watcher was forgotten finds
        /// another number.
        var generation: UInt32 = 0
    }

    package let queue: DispatchQueue
    /// The monotonic clock in milliseconds, as of the last wake-up.
    package private(set) var nowMilliseconds: UInt64 = 0

    private let epoll: Int32
    private let bell: Int32
    private let lingerMilliseconds: Int32
    private let source: any DispatchSourceRead
    private let mailbox = Mutex<[@Sendable () -> Void]>([])
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    /// What is paused: outside the epoll set, called on every turn.
    private var busy: [Watcher] = []
    private let events: UnsafeMutablePointer<clinux_event>

    private static let bellToken = UInt64.max

    package init(label: String, lingerMilliseconds: Int32 = 5) throws(SystemError) {
        epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw .last("epoll_create1") }
        bell = clinux_eventfd()
        guard bell >= 0 else {
            let error = SystemError.last("eventfd")
            close(epoll)
            throw error
        }
        guard clinux_epoll_add(epoll, bell, Readiness.read.rawValue, Self.bellToken) == 0 else {
            let error = SystemError.last("epoll_ctl")
            close(epoll)
            close(bell)
            throw error
        }
        self.lingerMilliseconds = lingerMilliseconds
        unsafe events = .allocate(capacity: Int(CLINUX_EVENTS_PER_WAIT))
        queue = DispatchQueue(label: label, autoreleaseFrequency: .never)
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
        nowMilliseconds = Self.monotonicMilliseconds()
    }

    /// Begins to serve.
    ///
    /// The loop lives as long as the process.
    package func start() {
        source.setEventHandler { self.turn() }
        source.activate()
    }

    // MARK: From any thread

    /// Runs `closure` on the queue, soon, in the order of the calls.
    package func enqueue(_ closure: @escaping @Sendable () -> Void) {
        let isFirst = mailbox.withLock { closures in
            closures.append(closure)
            return closures.count == 1
        }
        if isFirst { clinux_ring(bell) }
    }

    // MARK: On the queue

    /// Calls the watcher whenever its descriptor is ready for some of `readiness`, until `forget`.
    package func watch(_ watcher: Watcher, for readiness: Readiness) throws(SystemError) {
        dispatchPrecondition(condition: .onQueue(queue))
        let index = freeSlots.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot()) }
        let token = UInt64(slots[index].generation) << 32 | UInt64(index)
        guard clinux_epoll_add(epoll, watcher.descriptor, readiness.rawValue, token) == 0 else {
            let error = SystemError.last("epoll_ctl")
            freeSlots.append(index)
            throw error
        }
        slots[index].watcher = watcher
        watcher.token = token
    }

    /// Watches for something else.
    package func change(_ watcher: Watcher, to readiness: Readiness) {
        guard let token = watcher.token else { return }
        _ = clinux_epoll_change(epoll, watcher.descriptor, readiness.rawValue, token)
    }

    /// Calls the watcher on every turn, without asking the kernel, until `resume`.
    ///
    /// For a socket that is always ready under load: the kernel tells an epoll set of every
    /// datagram that comes, which costs each about 100 ns, and the socket is read anyway.
    package func pause(_ watcher: Watcher) {
        guard watcher.token != nil, !busy.contains(where: { $0 === watcher }) else { return }
        _ = clinux_epoll_remove(epoll, watcher.descriptor)
        busy.append(watcher)
    }

    /// Undoes `pause`; what came meanwhile is told at once.
    ///
    /// False when the kernel has no memory for it: the watcher stays paused.
    package func resume(_ watcher: Watcher, for readiness: Readiness) -> Bool {
        guard let token = watcher.token else { return false }
        guard clinux_epoll_add(epoll, watcher.descriptor, readiness.rawValue, token) == 0 else {
            return false
        }
        busy.removeAll { $0 === watcher }
        return true
    }

    /// Must come before the descriptor is closed; no call comes after it.
    package func forget(_ watcher: Watcher) {
        guard let token = watcher.token else { return }
        _ = clinux_epoll_remove(epoll, watcher.descriptor)
        let index = Int(token & 0xFFFF_FFFF)
        slots[index].watcher = nil
        slots[index].generation &+= 1
        freeSlots.append(index)
        watcher.token = nil
        busy.removeAll { $0 === watcher }
    }

    /// Takes events until none comes within the time to linger.
    private func turn() {
        while true {
            let patience = busy.isEmpty ? lingerMilliseconds : 0
            let count = unsafe clinux_epoll_wait(epoll, events, patience)
            guard count > 0 || !busy.isEmpty else { return }
            nowMilliseconds = Self.monotonicMilliseconds()
            for index in 0..<Int(count) {
                let event = unsafe events[index]
                deliver(event.token, Readiness(rawValue: event.readiness))
            }
            // From the end: a watcher may take itself out.
            for index in busy.indices.reversed() where index < busy.count {
                busy[index].ready(.read)
            }
        }
    }

    private func deliver(_ token: UInt64, _ readiness: Readiness) {
        guard token != Self.bellToken else { return emptyMailbox() }
        let index = Int(token & 0xFFFF_FFFF)
        guard slots[index].generation == UInt32(token >> 32) else { return }
        slots[index].watcher?.ready(readiness)
    }

    private func emptyMailbox() {
        clinux_drain_counter(bell)
        let closures = mailbox.withLock { closures in
            let taken = closures
            closures = []
            return taken
        }
        for closure in closures { closure() }
    }

    private static func monotonicMilliseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1000 &+ UInt64(time.tv_nsec) / 1_000_000
    }
}
