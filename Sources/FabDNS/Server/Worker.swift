// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import ServiceCatalog
import TLS
import Transport

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
    func open(
        _ key: ListenerKey, descriptor: Int32, _ service: ListenerService
    ) throws(SystemError) {
        let zones = service.zones
        let listener: WorkerListener
        switch key.transport {
        case .udp:
            listener = .udp(
                UDPSocket(
                    descriptor: descriptor, worker: self, zones: zones, address: key.address))
        case .tcp, .tls:
            let shared = StreamService(
                responder: responder, zones: zones,
                family: key.address.address.family == .v4 ? .v4 : .v6)
            let stream = StreamListener(
                descriptor: descriptor, pool: pool, tls: service.tls
            ) { _, asker in DNSConversation(shared, asker: asker) }
            stream.times = service.times
            shared.maximumQueries = service.maximumQueries
            listener = .stream(stream, shared)
        }
        try loop.watch(listener.watcher, for: .read)
        listeners[key] = listener
    }

    /// Serves something else on a socket that stays.
    func change(_ key: ListenerKey, _ service: ListenerService) {
        switch listeners[key] {
        case .udp(let socket): socket.zones = service.zones
        case .stream(let listener, let shared):
            shared.zones = service.zones
            shared.maximumQueries = service.maximumQueries
            listener.times = service.times
            if let tls = service.tls, tls !== listener.tls { listener.renew(tls) }
        case nil: break
        }
    }

    /// Encrypts with another certificate from the next connection on.
    func renew(_ key: ListenerKey, _ tls: TLSContext) {
        if case .stream(let listener, _) = listeners[key] { listener.renew(tls) }
    }

    func close(_ key: ListenerKey) {
        switch listeners.removeValue(forKey: key) {
        case .udp(let socket):
            closedDrops += socket.kernelDrops
            socket.close()
        case .stream(let listener, _): listener.close()
        case nil: break
        }
    }
}

/// What a worker does with the queries of a listener.
struct ListenerService: Sendable {
    let zones: ZoneSet
    var times = StreamTimes()
    /// Of one connection; nil for no end.
    var maximumQueries: Int?
    var tls: TLSContext?
}

/// A socket of a worker, and where its zones are kept.
private enum WorkerListener {
    case udp(UDPSocket)
    case stream(StreamListener, StreamService)

    var watcher: Watcher {
        switch self {
        case .udp(let socket): socket
        case .stream(let listener, _): listener
        }
    }
}
