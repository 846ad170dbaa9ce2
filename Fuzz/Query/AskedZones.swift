// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Dispatch
internal import EventLoop
internal import Fuzzing
internal import Log
internal import ServiceCatalog
internal import Transport

@testable internal import FabDNS

/// The zones of a small catalog as one worker answers them; no socket, no file.
final class AskedZones {
    private let worker: Worker
    private let zones: ZoneSet
    private let catalog: Catalog
    // Memory of exactly the sizes that the server has, so that a store past the end is found.
    private let datagram = Room(octetCount: DatagramBatch.stride)
    private let streamed = Room(octetCount: ReplyWriter.maximumMessage + ReplyWriter.slack)
    private var query = Query()

    init() throws {
        var generator = SystemRandomNumberGenerator()
        let hash = NameHash(using: &generator)
        let worker = try Worker(number: 0, hash: hash)
        self.worker = worker
        worker.loop.start()
        let queue = DispatchQueue(label: "fuzz.catalog")
        let publisher = AnswerPublisher(
            queue: queue, table: 0, workers: [worker], hash: hash, log: Log { _, _ in })
        let catalog = Catalog(queue: queue) { publisher.publish($0, $1) }
        self.catalog = catalog
        let forward = try DomainName(presentation: "global.")
        zones = ZoneSet(
            try SmallCatalog.zones.map { zone in
                let name = try DomainName(presentation: zone.name)
                return ZoneSet.Node(
                    name: name,
                    zone: zone.face.map { face in
                        ServedZone(
                            name: name, table: 0, place: 0, ttlSeconds: 5, face: face,
                            forward: face == .reverse ? forward : nil, v4Nameservers: [0x7F00_0001],
                            v6Nameservers: [(0, 1)])
                    }, settings: SmallCatalog.settings(zone.name))
            }, hash: hash,
            shared: ZoneSet.Shared(
                chaos: ChaosAnswers(version: "1", authors: ["a", "b"], host: "edge")))
        queue.sync {
            publisher.add(SmallCatalog.place, number: 0)
            publisher.serveReverse(nil)
            catalog.apply([.replaced(SmallCatalog.services), .synced])
        }
        // What was published waits in the worker's queue; afterwards nobody uses the worker but us.
        let done = DispatchSemaphore(value: 0)
        worker.loop.enqueue { done.signal() }
        done.wait()
        worker.responder.ring.open {}
    }

    /// The reply to a message; nil when there is none, or when the server would not read so much.
    func ask(_ octets: [UInt8], over transport: QueryTransport) -> [UInt8]? {
        let room = transport == .udp ? datagram : streamed
        return unsafe room.memory.withMemoryRebound(to: UInt8.self) { memory in
            // What lies behind a query must not matter.
            unsafe memory.update(repeating: 0xFF)
            _ = unsafe memory.update(fromContentsOf: octets)
            var message = unsafe UnsafeMutableRawBufferPointer(memory).mutableBytes
            let responder = worker.responder
            unsafe responder.prepare(message, length: octets.count, &query, zones, transport)
            query.asker = PeerAddress(v4: 0x7F00_0001, port: 53)
            responder.checkAccess(&query, zones)
            responder.prefetch(query, zones)
            unsafe responder.lookUp(message, &query, zones)
            let outcome = unsafe responder.answer(&message, &query, zones, transport)
            guard case .answered(let length) = outcome else { return nil }
            unsafe responder.observe(
                query, zones, reply: message,
                ObservedExchange(
                    transport: transport, family: .v4, requestLength: octets.count,
                    replyLength: length, nanoseconds: 1))
            require(0...memory.count ~= length, "a reply of \(length) octets")
            return unsafe Array(memory[..<length])
        }
    }

    /// Memory for one message.
    @safe
    private final class Room {
        let memory: UnsafeMutableRawBufferPointer

        init(octetCount: Int) {
            unsafe memory = .allocate(byteCount: octetCount, alignment: 64)
        }

        deinit { unsafe memory.deallocate() }
    }
}
