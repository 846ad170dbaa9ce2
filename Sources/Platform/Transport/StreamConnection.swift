// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import Glibc
internal import TLS

/// One accepted connection: moves octets between the socket and its conversation, and keeps only
/// what is unfinished.
///
/// While output waits for the peer nothing more is read.
@safe
final class StreamConnection: Watcher {
    private enum Phase {
        case shakingHands
        /// As the last exchange says.
        case talking
        /// Nothing more is said; what still comes is read past.
        case lingering(octetsLeft: Int)
        case closed
    }

    /// Octets a peer may still send behind its last answer, and how long.
    private static let lingerOctets = 1 << 20
    private static let lingerMilliseconds: UInt64 = 2_000

    let listener: StreamListener
    private unowned let pool: StreamPool
    private let slot: Int
    private let conversation: any Conversation
    private let times: StreamTimes
    private let stream: OctetStream
    private var phase: Phase
    private var interest: Readiness = .read
    private var next = Exchange.Next.input
    private var patience = Exchange.Patience.standard
    /// The front of a message whose rest has not come, or input that waits for its turn.
    private var unfinished: [UInt8] = []
    /// Replies the kernel did not take yet.
    private var pending: [UInt8] = []
    private var pendingStart = 0
    /// The conversation is called again when the others have had their turn; nothing is read
    /// before, not even the end.
    private var isTurnDue = false
    private var peerHasEnded = false
    private var isRetired = false

    init(
        descriptor: Int32, listener: StreamListener, pool: StreamPool, slot: Int, tls: TLSSession?,
        conversation: any Conversation
    ) {
        self.listener = listener
        self.pool = pool
        self.slot = slot
        self.conversation = conversation
        times = listener.times
        stream = OctetStream(descriptor: descriptor, tls: tls)
        phase = tls == nil ? .talking : .shakingHands
        super.init(descriptor: descriptor)
    }

    /// Milliseconds that a newcomer has for its first message, or to shake hands.
    var firstMilliseconds: UInt64 {
        if case .shakingHands = phase { times.messageMilliseconds } else { times.idleMilliseconds }
    }

    override func ready(_ readiness: Readiness) {
        switch phase {
        case .closed: break
        case .shakingHands: shakeHands()
        case .lingering(let left): readPast(left)
        case .talking:
            if readiness.contains(.write), !pending.isEmpty, !flush() { return }
            guard pending.isEmpty, !isTurnDue else { return }
            if next == .wake {
                if readiness.contains(.broken) { return close() }
                if readiness.contains(.peerEnded) { peerEnds() }
            } else {
                // With TLS, reading may have waited for the socket to take something.
                read()
            }
        }
    }

    func close() {
        if case .closed = phase { return }
        if pending.isEmpty { stream.tls?.shutDown() }
        phase = .closed
        pool.loop.forget(self)
        _ = Glibc.close(descriptor)
        pool.keptOctets -= unfinished.count + pending.count
        unfinished = []
        pending = []
        pool.remove(slot)
        conversation.closed()
    }

    // MARK: From the pool

    /// The deadline has passed.
    ///
    /// Not inlined: Swift 6.3's optimizer crashes over the span in the pool's loop.
    @inline(never)
    func expire() {
        guard case .talking = phase, pending.isEmpty else { return close() }
        var output = unsafe pool.output.mutableBytes
        let exchange = conversation.expired(&output)
        unsafe act(on: exchange, rest: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Ends it now if it is idle, else with what is under way.
    func retire() {
        isRetired = true
        if isIdle { close() }
    }

    private var isIdle: Bool {
        guard case .talking = phase else { return false }
        return unfinished.isEmpty && pending.isEmpty && next == .input
    }

    /// What the conversation waited for has come.
    func wake() {
        guard case .talking = phase, next == .wake else { return }
        if pending.isEmpty { takeTurn() } else { next = .turn }
    }

    // MARK: Input

    private func shakeHands() {
        switch stream.tls?.shakeHands() {
        case .octets:
            phase = .talking
            pool.setDeadline(slot, in: times.idleMilliseconds)
            watch(for: .read)
            // The first message may have come behind the handshake already.
            read()
        case .wantsRead: watch(for: .read)
        case .wantsWrite: watch(for: .write)
        // What the peer still sends is read past, so that it sees our alert.
        default: linger()
        }
    }

    private func read() {
        let kept = unfinished.count
        unsafe pool.input.copyBytes(from: unfinished)
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: pool.input[kept...])
        switch unsafe stream.read(into: room) {
        case .octets(let count): process(kept + count, isNew: kept == 0)
        case .wantsRead: break
        case .wantsWrite: watch(for: .write)
        case .ended: peerEnds()
        case .failed: close()
        }
    }

    private func peerEnds() {
        guard !peerHasEnded else { return close() }
        peerHasEnded = true
        let exchange = conversation.peerEnded()
        if exchange.next == .wake {
            apply(exchange.patience)
            watch(for: [])
        } else {
            close()
        }
    }

    /// Lets the conversation take what lies in the pool's input, `total` octets.
    private func process(_ total: Int, isNew: Bool) {
        let input = unsafe UnsafeRawBufferPointer(rebasing: pool.input[..<total])
        var output = unsafe pool.output.mutableBytes
        let exchange = unsafe conversation.converse(input.bytes, &output)
        let rest = unsafe UnsafeRawBufferPointer(rebasing: input[exchange.consumed...])
        let isSameMessage = !isNew && exchange.consumed == 0
        unsafe act(on: exchange, rest: rest, isSameMessage: isSameMessage)
    }

    private func act(
        on exchange: Exchange, rest: UnsafeRawBufferPointer, isSameMessage: Bool = false
    ) {
        next = exchange.next
        patience = exchange.patience
        unsafe keep(rest)
        if exchange.produced > 0 { send(exchange.produced) }
        if case .closed = phase { return }
        guard pool.keptOctets <= pool.limits.maximumOctets else { return close() }
        if pending.isEmpty { goOn(isSameMessage: isSameMessage) }
    }

    /// Does what the conversation asked for, once its output is sent.
    private func goOn(isSameMessage: Bool) {
        switch next {
        case .end: return close()
        case .lingeringEnd: return linger()
        case .turn: continueLater()
        // With TLS, decrypted octets may wait of which the socket tells nothing.
        case .input where stream.tls?.hasPending == true: continueLater()
        case .input: watch(for: .read)
        case .wake: watch(for: peerHasEnded ? [] : .peerEnded)
        }
        if !isSameMessage || patience != .standard { apply(patience) }
        if isRetired || peerHasEnded, isIdle { close() }
    }

    private func apply(_ patience: Exchange.Patience) {
        switch patience {
        case .unchanged: break
        case .endless: pool.setDeadline(slot, in: nil)
        case .milliseconds(let time): pool.setDeadline(slot, in: time)
        case .standard:
            pool.setDeadline(
                slot, in: unfinished.isEmpty ? times.idleMilliseconds : times.messageMilliseconds)
        }
    }

    private func keep(_ rest: UnsafeRawBufferPointer) {
        pool.keptOctets += rest.count - unfinished.count
        unsafe unfinished = rest.isEmpty ? [] : Array(rest)
    }

    /// Others have their turn first.
    private func continueLater() {
        guard !isTurnDue else { return }
        isTurnDue = true
        let connection = ConnectionReference(connection: self)
        pool.loop.enqueue { connection.connection.turnComes() }
    }

    private func turnComes() {
        isTurnDue = false
        guard case .talking = phase, pending.isEmpty else { return }
        if next == .input { read() } else { takeTurn() }
    }

    private func takeTurn() {
        unsafe pool.input.copyBytes(from: unfinished)
        process(unfinished.count, isNew: true)
    }

    // MARK: Output

    /// Sends the front of the pool's output; keeps what the kernel does not take and stops reading.
    private func send(_ count: Int) {
        let output = unsafe UnsafeRawBufferPointer(rebasing: pool.output[..<count])
        guard let sent = unsafe stream.write(output) else { return close() }
        guard sent < count else { return }
        unsafe pending = Array(output[sent...])
        pendingStart = 0
        pool.keptOctets += pending.count
        watch(for: .write)
        pool.setDeadline(slot, in: times.stallMilliseconds)
    }

    /// Sends what waits; true when nothing does any more and the conversation goes on.
    private func flush() -> Bool {
        let sent = unsafe pending.withUnsafeBytes { octets in
            unsafe stream.write(UnsafeRawBufferPointer(rebasing: octets[pendingStart...]))
        }
        guard let sent else {
            close()
            return false
        }
        pendingStart += sent
        guard pendingStart == pending.count else {
            if sent > 0 { pool.setDeadline(slot, in: times.stallMilliseconds) }
            return false
        }
        pool.keptOctets -= pending.count
        pending = []
        goOn(isSameMessage: false)
        if case .talking = phase { return true }
        return false
    }

    // MARK: The end

    private func linger() {
        stream.endSending()
        phase = .lingering(octetsLeft: Self.lingerOctets)
        pool.keptOctets -= unfinished.count
        unfinished = []
        pool.setDeadline(slot, in: Self.lingerMilliseconds)
        watch(for: .read)
    }

    private func readPast(_ left: Int) {
        let plain = OctetStream(descriptor: descriptor, tls: nil)
        switch unsafe plain.read(into: pool.input) {
        case .octets(let count) where count < left: phase = .lingering(octetsLeft: left - count)
        case .wantsRead: break
        default: close()
        }
    }

    private func watch(for readiness: Readiness) {
        guard readiness != interest else { return }
        interest = readiness
        pool.loop.change(self, to: readiness)
    }
}

/// A connection on its way through the mailbox back to its own queue.
private struct ConnectionReference: @unchecked Sendable {
    // Premise of @unchecked Sendable: the closure that holds it runs on the queue that owns the
    // connection.
    let connection: StreamConnection
}
