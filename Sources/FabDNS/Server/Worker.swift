// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import ServiceCatalog
internal import Transport

/// One core's share of the server: an event loop, its sockets and the responder that answers for
/// them.
final class Worker: @unchecked Sendable {
    // Premise of @unchecked Sendable: `loop.enqueue` is for all; everything else is used on the
    // loop's queue only.
    let loop: EventLoop
    let responder: Responder
    let pool: StreamPool
    let batch: DatagramBatch
    private var listeners: [ListenerKey: WorkerListener] = [:]

    init(number: Int, hash: NameHash) throws(SystemError) {
        loop = try EventLoop(label: "fabdns.worker.\(number)")
        responder = Responder(hash: hash)
        pool = try StreamPool(loop: loop)
        batch = DatagramBatch()
    }

    /// Of sockets that are closed.
    private var closedDrops: UInt64 = 0

    // MARK: On the loop's queue

    var figures: WorkerFigures {
        WorkerFigures(
            counters: unsafe responder.counters.pointee,
            meters: unsafe responder.meters.pointee.copy,
            kernelDrops: listeners.values.reduce(closedDrops) { drops, listener in
                if case .udp(let socket) = listener { drops + socket.kernelDrops } else { drops }
            })
    }

    /// Has room for so many meters, before zones refer to them.
    func reserveMeters(_ count: Int) { unsafe responder.meters.pointee.reserve(count) }

    /// Begins to serve a bound socket.
    func open(_ key: ListenerKey, descriptor: Int32, _ zones: ZoneSet) throws(SystemError) {
        let listener: WorkerListener
        switch key.transport {
        case .udp:
            listener = .udp(
                UDPSocket(
                    descriptor: descriptor, worker: self, zones: zones, address: key.address))
        case .tcp:
            let conversation = DNSConversation(
                responder: responder, zones: zones,
                family: key.address.address.family == .v4 ? .v4 : .v6)
            listener = .tcp(
                StreamListener(descriptor: descriptor, pool: pool) { _ in conversation },
                conversation)
        }
        try loop.watch(listener.watcher, for: .read)
        listeners[key] = listener
    }

    /// Serves other zones on a socket that stays.
    func setZones(_ key: ListenerKey, _ zones: ZoneSet) {
        switch listeners[key] {
        case .udp(let socket): socket.zones = zones
        case .tcp(_, let conversation): conversation.zones = zones
        case nil: break
        }
    }

    func close(_ key: ListenerKey) {
        switch listeners.removeValue(forKey: key) {
        case .udp(let socket):
            closedDrops += socket.kernelDrops
            socket.close()
        case .tcp(let listener, _): listener.close()
        case nil: break
        }
    }
}

/// A socket of a worker, and where its zones are kept.
private enum WorkerListener {
    case udp(UDPSocket)
    case tcp(StreamListener, DNSConversation)

    var watcher: Watcher {
        switch self {
        case .udp(let socket): socket
        case .tcp(let listener, _): listener
        }
    }
}
