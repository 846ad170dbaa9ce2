// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import EventLoop
internal import Glibc

/// One accepted connection: moves octets between the socket and its conversation, and keeps only
/// what is unfinished.
///
/// While output waits for the peer nothing more is read.
@safe
final class StreamConnection: Watcher {
    let conversation: any Conversation
    private unowned let pool: StreamPool
    private let slot: Int
    /// The front of a message whose rest has not come, or input that waits for its turn.
    private var unfinished: [UInt8] = []
    /// Replies the kernel did not take yet.
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var closesWhenSent = false
    /// Whole messages are kept until the others had their turn; nothing is read before, not even
    /// the end.
    private var isTurnDue = false
    private var isClosed = false

    init(descriptor: Int32, pool: StreamPool, slot: Int, conversation: any Conversation) {
        self.pool = pool
        self.slot = slot
        self.conversation = conversation
        super.init(descriptor: descriptor)
    }

    override func ready(_ readiness: Readiness) {
        if readiness.contains(.write), !flush() { return }
        guard !isClosed, pending.isEmpty, !isTurnDue else { return }
        if !readiness.isDisjoint(with: [.read, .broken]) { read() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        pool.loop.forget(self)
        _ = Glibc.close(descriptor)
        pool.keptOctets -= unfinished.count + pending.count
        unfinished = []
        pending = []
        pool.remove(slot)
    }

    // MARK: Input

    private func read() {
        let kept = unfinished.count
        unsafe pool.input.copyBytes(from: unfinished)
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: pool.input[kept...])
        let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
        if count > 0 { return process(kept + count, isNew: kept == 0) }
        if count < 0, [EAGAIN, EINTR].contains(clinux_errno()) { return }
        close()
    }

    /// Lets the conversation take what lies in the pool's input, `total` octets.
    private func process(_ total: Int, isNew: Bool) {
        let input = unsafe UnsafeRawBufferPointer(rebasing: pool.input[..<total])
        var output = unsafe pool.output.mutableBytes
        let exchange = unsafe conversation.converse(input.bytes, &output)
        let rest = unsafe UnsafeRawBufferPointer(rebasing: input[exchange.consumed...])
        let hadRest = !isNew && exchange.consumed == 0
        unsafe keep(rest)
        if exchange.produced > 0 { send(exchange.produced) }
        guard !isClosed else { return }
        if exchange.ends {
            closesWhenSent = true
            if pending.isEmpty { close() }
            return
        }
        guard pool.keptOctets <= pool.limits.maximumOctets else { return close() }
        guard pending.isEmpty else { return }
        if !exchange.needsInput, !unfinished.isEmpty { continueLater() }
        if unfinished.isEmpty {
            pool.setDeadline(slot, in: pool.limits.idleMilliseconds)
        } else if !hadRest {
            pool.setDeadline(slot, in: pool.limits.messageMilliseconds)
        }
    }

    private func keep(_ rest: UnsafeRawBufferPointer) {
        pool.keptOctets += rest.count - unfinished.count
        unsafe unfinished = rest.isEmpty ? [] : Array(rest)
    }

    /// Whole messages wait: others have their turn first.
    private func continueLater() {
        isTurnDue = true
        let connection = ConnectionReference(connection: self)
        pool.loop.enqueue { connection.connection.processKept() }
    }

    private func processKept() {
        isTurnDue = false
        guard !isClosed, pending.isEmpty, !unfinished.isEmpty else { return }
        unsafe pool.input.copyBytes(from: unfinished)
        process(unfinished.count, isNew: true)
    }

    // MARK: Output

    /// Sends the front of the pool's output; keeps what the kernel does not take and stops reading.
    private func send(_ count: Int) {
        var sent = 0
        while sent < count {
            let taken = unsafe clinux_send(
                descriptor, pool.output.baseAddress.map { unsafe $0 + sent }, count - sent)
            if taken > 0 {
                sent += taken
            } else if taken < 0, clinux_errno() == EINTR {
                continue
            } else if taken < 0, clinux_errno() == EAGAIN {
                break
            } else {
                return close()
            }
        }
        guard sent < count else { return }
        unsafe pending = Array(UnsafeRawBufferPointer(rebasing: pool.output[sent..<count]))
        pendingStart = 0
        pool.keptOctets += pending.count
        pool.loop.change(self, to: .write)
        pool.setDeadline(slot, in: pool.limits.stallMilliseconds)
    }

    /// Sends what waits; true when nothing does any more.
    private func flush() -> Bool {
        while pendingStart < pending.count {
            let taken = unsafe pending.withUnsafeBytes { octets in
                unsafe clinux_send(
                    descriptor, octets.baseAddress.map { unsafe $0 + pendingStart },
                    octets.count - pendingStart)
            }
            if taken > 0 {
                pendingStart += taken
                pool.setDeadline(slot, in: pool.limits.stallMilliseconds)
            } else if taken < 0, clinux_errno() == EINTR {
                continue
            } else if taken < 0, clinux_errno() == EAGAIN {
                return false
            } else {
                close()
                return false
            }
        }
        pool.keptOctets -= pending.count
        pending = []
        if closesWhenSent {
            close()
            return false
        }
        pool.loop.change(self, to: .read)
        pool.setDeadline(slot, in: pool.limits.idleMilliseconds)
        if !unfinished.isEmpty { continueLater() }
        return true
    }
}

/// A connection on its way through the mailbox back to its own queue.
private struct ConnectionReference: @unchecked Sendable {
    // Premise of @unchecked Sendable: the closure that holds it runs on the queue that owns the
    // connection.
    let connection: StreamConnection
}
