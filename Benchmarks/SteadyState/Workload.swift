// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Dispatch
internal import EventLoop
internal import Glibc
internal import Log
internal import ServiceCatalog
internal import Transport

@testable internal import FabDNS

/// A worker with a catalog, and queries of every kind that it answers: over a real UDP socket, and
/// as a stream's octets.
@safe
final class Workload {
    private let worker: Worker
    private let publisher: AnswerPublisher
    private let server: UDPSocket
    private let conversation: DNSConversation
    private let asker: Int32
    private var stream: [UInt8] = []
    private var count = 0
    private var output = [UInt8](repeating: 0, count: 1 << 18)
    /// Plain memory: arrays would be retained by the asking itself.
    private let queries = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    private let reply = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 8)

    /// Replies seen so far: a loop that answers nothing would cost nothing.
    private(set) var replies = 0

    struct SetUpFailure: Error {
        let text: String
    }

    init() throws {
        var generator = SystemRandomNumberGenerator()
        let hash = NameHash(using: &generator)
        worker = try Worker(number: 0, hash: hash)
        worker.loop.start()
        let queue = DispatchQueue(label: "steady-state.catalog")
        let publisher = AnswerPublisher(
            queue: queue, table: 0, workers: [worker], hash: hash, log: Log { _, _ in })
        self.publisher = publisher
        queue.sync {
            publisher.add(Place(cluster: "a", region: "north", zone: "x"), number: 0)
            Catalog(queue: queue) { publisher.publish($0, $1) }.apply([
                .replaced(Self.services), .synced,
            ])
        }
        let done = DispatchSemaphore(value: 0)
        worker.loop.enqueue { done.signal() }
        done.wait()
        let zones = ZoneSet(
            [
                ZoneSet.Node(
                    name: try DomainName(presentation: "global."),
                    zone: ServedZone(
                        name: try DomainName(presentation: "global."), table: 0, place: 0,
                        ttlSeconds: 5, face: .fabdns, v4Nameservers: [0x7F00_0001],
                        v6Nameservers: []))
            ], hash: hash)
        conversation = DNSConversation(
            StreamService(responder: worker.responder, zones: zones))
        let address = ListenAddress(address: .v4(0x7F00_0001), port: 0)
        let port = try ListenerSet.freePort(address)
        let key = ListenerKey(
            address: ListenAddress(address: .v4(0x7F00_0001), port: port), transport: .udp)
        guard let descriptor = try ListenerSet.open(key, count: 1, beside: []).first else {
            throw SetUpFailure(text: "no socket")
        }
        server = UDPSocket(
            descriptor: descriptor, worker: worker, zones: zones, address: key.address)
        asker = try Self.connect(to: port)
        try makeQueries()
    }

    private static let services: [ExportedService] = (0..<100).map { number in
        let ports = [ServicePort(name: "http", number: 80)]
        return ExportedService(
            name: ServiceName(namespace: "default", name: "s\(number)"),
            type: number.isMultiple(of: 2) ? .clusterIP : .headless, ports: ports,
            endpoints: ["a", "b", "c"].enumerated().flatMap { cluster, name in
                (1...3).map { host in
                    Endpoint(
                        addresses: [
                            .v4(0x0A00_0000 | UInt32(cluster << 16 | number << 8 | host)),
                            .v6(0xFD00 << 48, UInt64(cluster << 16 | number << 8 | host)),
                        ],
                        hostname: "h\(host)",
                        locality: Locality(cluster: name, region: "north", zone: name))
                }
            })
    }

    private static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(
                    descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw SetUpFailure(text: "connect") }
        return descriptor
    }

    private func makeQueries() throws {
        let questions: [(String, RecordType)] = [
            ("s0.default.svc.global.", .a), ("S2.Default.SVC.global.", .aaaa),
            ("s1.default.svc.global.", .a), ("s3.default.svc.global.", .srv),
            ("_http._tcp.s4.default.svc.global.", .srv), ("b.s5.default.svc.global.", .a),
            ("h1.c.s7.default.svc.global.", .aaaa), ("s8.default.b.global.", .a),
            ("nothing.default.svc.global.", .a), ("default.svc.global.", .a),
            ("s0.default.svc.global.", .txt), ("global.", .soa), ("global.", .ns),
            ("dns-version.global.", .txt), ("s0.default.svc.global.", .any), ("example.org.", .a),
        ]
        for (index, (name, type)) in questions.enumerated() {
            let query = Message(
                query: try DomainName(presentation: name), type: type, id: UInt16(index),
                opt: index.isMultiple(of: 2) ? OPT() : nil)
            let octets = query.encode()
            stream += [UInt8(octets.count >> 8), UInt8(octets.count & 0xFF)] + octets
        }
        count = questions.count
        unsafe queries.copyBytes(from: stream)
    }

    /// So many batches of one query of each kind, asked over UDP.
    func askDatagrams(batches: Int) {
        for _ in 0..<batches {
            var start = 0
            for _ in 0..<count {
                let length = unsafe Int(queries[start]) << 8 | Int(queries[start + 1])
                _ = unsafe send(asker, queries.baseAddress.unsafelyUnwrapped + start + 2, length, 0)
                start += 2 + length
            }
            server.ready(.read)
            for _ in 0..<count {
                let count = unsafe recv(asker, reply.baseAddress, reply.count, Int32(MSG_DONTWAIT))
                if count >= 12 { replies += 1 }
            }
        }
    }

    /// So many times one query of each kind, pipelined on a stream.
    func askStream(batches: Int) {
        for _ in 0..<batches {
            var room = output.mutableSpan
            var octets = unsafe room.mutableBytes
            let exchange = unsafe conversation.converse(stream.span.bytes, &octets)
            if exchange.consumed == stream.count { replies += count }
        }
    }
}
