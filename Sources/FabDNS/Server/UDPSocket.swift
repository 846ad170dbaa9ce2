// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import EventLoop
internal import Glibc
internal import ServiceCatalog
internal import Transport

/// One UDP socket of a worker: takes datagrams in batches, answers them in place, sends the replies
/// in batches.
@safe
final class UDPSocket: Watcher {
    var zones: ZoneSet
    private let loop: EventLoop
    private let batch: DatagramBatch
    private let responder: Responder
    /// On a wildcard address the reply must come from the address that was asked.
    private let isWildcard: Bool
    private let family: AskerFamily
    /// More came than an event's batches held: the socket is read on every turn of the loop.
    private var isBusy = false

    /// So many batches are answered before the worker's other descriptors have their turn.
    private static let batchesPerEvent = 16

    /// Takes over a bound descriptor.
    init(descriptor: Int32, worker: Worker, zones: ZoneSet, address: ListenAddress) {
        loop = worker.loop
        batch = worker.batch
        responder = worker.responder
        self.zones = zones
        isWildcard = address.isWildcard
        family = address.address.family == .v4 ? .v4 : .v6
        super.init(descriptor: descriptor)
    }

    /// Datagrams that came while the receive buffer was full.
    var kernelDrops: UInt64 { UInt64(clinux_socket_drops(descriptor)) }

    func close() {
        loop.forget(self)
        _ = Glibc.close(descriptor)
    }

    override func ready(_ readiness: Readiness) {
        // Premise: nothing replaces the zones while this runs, so they need not be retained.
        let isDrained = unsafe Unmanaged.passUnretained(zones)._withUnsafeGuaranteedRef { zones in
            serve(zones, batch, responder)
        }
        if isDrained {
            calmDown()
        } else if !isBusy {
            isBusy = true
            loop.pause(self)
        }
    }

    /// Answers what there is, up to a bound; whether nothing is left.
    private func serve(
        _ zones: ZoneSet, _ batch: DatagramBatch, _ responder: Responder
    ) -> Bool {
        for _ in 0..<Self.batchesPerEvent {
            batch.prepareToReceive(wantsDestination: isWildcard)
            let count = unsafe Int(
                clinux_recvmmsg(descriptor, batch.messages, UInt32(DatagramBatch.count)))
            guard count > 0 else { return true }
            if zones.isObserved { batch.beginCounting(count) }
            send(batch, answer(batch, count, responder, zones), responder)
            if zones.isObserved { endCounting(batch, count, responder, zones) }
            guard count == DatagramBatch.count else { return true }
        }
        return false
    }

    /// Counts and logs the queries of a batch, each of which took as long as all.
    @inline(never)
    private func endCounting(
        _ batch: DatagramBatch, _ count: Int, _ responder: Responder, _ zones: ZoneSet
    ) {
        let nanoseconds = clinux_nanoseconds() &- batch.countingStart
        var position = 0
        for index in 0..<count {
            if case .drop = unsafe batch.queries[index].verdict { continue }
            unsafe responder.observe(
                batch.queries[index], zones, reply: batch.slot(position).mutableBytes,
                ObservedExchange(
                    transport: .udp, family: family, requestLength: batch.requestLength(index),
                    replyLength: batch.replyLength(position), nanoseconds: nanoseconds))
            position &+= 1
        }
        if zones.isLogged { responder.ring.tellReader() }
    }

    /// The queue of the socket is empty: the kernel tells again when something comes.
    private func calmDown() {
        if isBusy, loop.resume(self, for: .read) { isBusy = false }
    }

    /// Answers a batch step by step; the number of replies.
    ///
    /// Not inlined: what is counted around it would cost it registers.
    @inline(never)
    private func answer(
        _ batch: DatagramBatch, _ count: Int, _ responder: Responder, _ zones: ZoneSet
    ) -> Int {
        for index in 0..<count {
            let message = unsafe batch.slot(index).mutableBytes
            unsafe responder.prepare(
                message, length: Int(batch.messages[index].length), &batch.queries[index], zones,
                .udp)
            if unsafe clinux_is_cut(batch.messages + index) != 0,
                Int(unsafe batch.messages[index].length) >= 12
            {
                unsafe refuseCut(&batch.queries[index])
            }
        }
        if zones.needsAskers { admitAskers(batch, count, responder, zones) }
        for index in 0..<count { unsafe responder.prefetch(batch.queries[index], zones) }
        for index in 0..<count {
            let message = unsafe batch.slot(index).mutableBytes
            unsafe responder.lookUp(message, &batch.queries[index], zones)
        }
        var replies = 0
        for index in 0..<count {
            var message = unsafe batch.slot(index).mutableBytes
            let outcome = unsafe responder.answer(
                &message, &batch.queries[index], zones, .udp)
            guard case .answered(let length) = outcome else { continue }
            if isWildcard {
                unsafe clinux_reply_from_destination(&batch.messages[index].header)
            }
            batch.keepReply(index, length: length, at: replies)
            replies &+= 1
        }
        return replies
    }

    /// Stages 1 and 3 of a batch: who asks, and whether `acl` lets them.
    @inline(never)
    private func admitAskers(
        _ batch: DatagramBatch, _ count: Int, _ responder: Responder, _ zones: ZoneSet
    ) {
        for index in 0..<count {
            // Premise: the kernel has written the address of a datagram that came.
            guard let name = unsafe batch.messages[index].header.msg_name else { continue }
            unsafe batch.queries[index].asker = PeerAddress(name)
            unsafe responder.checkAccess(&batch.queries[index], zones)
        }
    }

    /// A datagram longer than any query is not read to its end, so it is not well-formed as far as
    /// it is known.
    private func refuseCut(_ query: inout Query) {
        if case .drop = query.verdict { return }
        query.verdict = .header(ReplyCode.formatError)
    }

    /// What the kernel does not take is dropped: the asker asks again, and the next queries are not
    /// kept waiting.
    @inline(__always)
    private func send(_ batch: DatagramBatch, _ count: Int, _ responder: Responder) {
        var sent = 0
        while sent < count {
            let taken = unsafe Int(
                clinux_sendmmsg(descriptor, batch.messages + sent, UInt32(count &- sent)))
            if taken > 0 {
                sent &+= taken
                continue
            }
            if clinux_errno() == EINTR { continue }
            // A full buffer concerns all that is left, any other error the first message only.
            let lost = clinux_errno() == EAGAIN ? count &- sent : 1
            unsafe responder.counters.pointee.unsent &+= UInt64(lost)
            sent &+= lost
        }
    }
}
