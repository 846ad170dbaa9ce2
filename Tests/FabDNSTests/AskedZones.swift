// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Dispatch
import EventLoop
import Log
import ServiceCatalog
import TestSupport
import Transport

@testable import FabDNS

/// Zones that one worker answers from services given by a test; no socket, no file.
final class AskedZones: @unchecked Sendable {
    // Premise of @unchecked Sendable: a test uses it from one task; the worker and the catalog are
    // used on their queues.
    struct Zone {
        var name: DomainName
        var place = Place()
        var ttlSeconds: UInt32 = 5
        /// Refused, as a server block without `fabdns`.
        var isServed = true
        var fallsThrough = false
        var settings = ZoneSet.NodeSettings()
        /// Of a reverse zone.
        var forward: DomainName?
        var face = NameFace.fabdns
    }

    /// Who asks.
    var asker = PeerAddress(v4: 0xC000_0201, port: 5300)

    private let worker: Worker
    private let queue = DispatchQueue(label: "test.catalog")
    private let catalog: Catalog
    private let publisher: AnswerPublisher
    private let zones: ZoneSet
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)
    private var query = Query()

    init(
        _ services: [ExportedService], zones names: [Zone],
        shared: ZoneSet.Shared = ZoneSet.Shared()
    ) throws {
        var generator = SystemRandomNumberGenerator()
        let hash = NameHash(using: &generator)
        let worker = try Worker(number: 0, hash: hash)
        worker.loop.start()
        let publisher = AnswerPublisher(
            queue: queue, table: 0, workers: [worker], hash: hash, log: Log { _, _ in })
        self.publisher = publisher
        catalog = Catalog(queue: queue) { publisher.publish($0, $1) }
        let nodes = names.enumerated().map { number, zone in
            ZoneSet.Node(
                name: zone.name,
                zone: zone.isServed
                    ? ServedZone(
                        name: zone.name, table: 0, place: number, ttlSeconds: zone.ttlSeconds,
                        face: zone.forward == nil ? zone.face : .reverse, forward: zone.forward,
                        v4Nameservers: [0x7F00_0001], v6Nameservers: [(0, 1)])
                    : nil, fallsThrough: zone.fallsThrough, settings: zone.settings)
        }
        zones = ZoneSet(nodes, hash: hash, shared: shared)
        self.worker = worker
        queue.sync {
            for (number, zone) in names.enumerated() { publisher.add(zone.place, number: number) }
        }
        if names.contains(where: { $0.forward != nil }) {
            queue.sync { publisher.serveReverse(nil) }
        }
        apply([.replaced(services), .synced])
    }

    /// One zone `testzone.` for askers in a place.
    convenience init(_ services: [ExportedService], from place: Place = Place()) throws {
        try self.init(services, zones: [Zone(name: "testzone.", place: place)])
    }

    /// Changes the catalog; what is asked next sees the change.
    func apply(_ events: [FeedEvent]) { queue.sync { catalog.apply(events) } }

    /// As when a reload takes the catalog away.
    func stop() { queue.sync { publisher.stop() } }

    /// The reply to these octets; nil when there is none.
    func ask(octets: [UInt8], over transport: QueryTransport = .udp) -> [UInt8]? {
        let done = DispatchSemaphore(value: 0)
        let result = Result()
        worker.loop.enqueue { [self] in
            result.reply = answer(octets, transport)
            done.signal()
        }
        done.wait()
        return result.reply
    }

    /// What the worker leaves for the test that waits.
    private final class Result: @unchecked Sendable {
        // Premise of @unchecked Sendable: read after the semaphore that the writer signals.
        var reply: [UInt8]?
    }

    private func answer(_ octets: [UInt8], _ transport: QueryTransport) -> [UInt8]? {
        buffer.replaceSubrange(0..<octets.count, with: octets)
        // What lies behind a query must not matter.
        for offset in octets.count..<octets.count + 600 { buffer[offset] = 0xFF }
        let responder = worker.responder
        var span = buffer.mutableSpan
        var message = unsafe span.mutableBytes
        unsafe responder.prepare(message, length: octets.count, &query, zones, transport)
        if zones.needsAskers {
            query.asker = asker
            responder.checkAccess(&query, zones)
        }
        responder.prefetch(query, zones)
        unsafe responder.lookUp(message, &query, zones)
        let outcome = unsafe responder.answer(&message, &query, zones, transport)
        guard case .answered(let length) = outcome else { return nil }
        if zones.isObserved {
            unsafe responder.observe(
                query, zones, reply: message,
                ObservedExchange(
                    transport: transport, family: .v4, requestLength: octets.count,
                    replyLength: length, nanoseconds: 1_000_005))
            responder.ring.tellReader()
        }
        return Array(buffer[..<length])
    }

    /// The reply to a message.
    func ask(_ message: Message, over transport: QueryTransport = .udp) throws -> Message? {
        guard let reply = ask(octets: message.encode(), over: transport) else { return nil }
        return try Message(parsing: reply.span)
    }

    /// The reply to a question in presentation format, `nginx.default.svc.testzone. IN A`, asked
    /// with id 7 and RD.
    func ask(
        _ question: String, opt: OPT? = nil, over transport: QueryTransport = .udp
    ) throws -> Message {
        let parsed = try Question(presentation: question)
        let query = Message(
            query: parsed.name, type: parsed.type, class: parsed.class, id: 7, opt: opt)
        guard let reply = try ask(query, over: transport) else {
            throw NoReply(question: question)
        }
        return reply
    }

    struct NoReply: Error {
        let question: String
    }

    /// The data of the answers, sorted, with the response code before them unless it is NOERROR.
    func answers(
        to question: String, opt: OPT? = nil, over transport: QueryTransport = .udp
    ) throws -> String {
        let reply = try ask(question, opt: opt, over: transport)
        let code = reply.header.responseCode
        let data = reply.answer.map { "\($0.data)" }.sorted()
        return ((code == .noError ? [] : ["\(code)"]) + data).joined(separator: " ")
    }

    var counters: Counters { unsafe worker.responder.counters.pointee }
    var ring: QueryRing { worker.responder.ring }

    /// On the worker's queue.
    func onWorker(_ act: @escaping @Sendable (Responder) -> Void) {
        let done = DispatchSemaphore(value: 0)
        worker.loop.enqueue { [worker] in
            act(worker.responder)
            done.signal()
        }
        done.wait()
    }
}

/// A service of a test: `namespace/name [headless]`, with endpoints as
/// `address[,address] cluster/region/zone [host] [unready]`.
func service(
    _ name: String, ports: [ServicePort] = [], _ endpoints: String...
) throws -> ExportedService {
    try service(name, ports: ports, endpoints: endpoints)
}

func service(
    _ name: String, ports: [ServicePort] = [], endpoints: [String]
) throws -> ExportedService {
    let words = name.split(separator: " ")
    let parts = words[0].split(separator: "/").map(String.init)
    return ExportedService(
        name: ServiceName(namespace: parts[0], name: parts[1]),
        type: words.count > 1 ? .headless : .clusterIP, ports: ports,
        endpoints: try endpoints.map(endpoint))
}

private func endpoint(_ text: String) throws -> Endpoint {
    let words = text.split(separator: " ").map(String.init)
    let addresses = words[0].split(separator: ",").compactMap { IPAddress(String($0)) }
    let locality = words[1].split(separator: "/", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? nil : String($0) }
    guard locality.count == 3, !addresses.isEmpty else { throw EndpointText(text: text) }
    let rest = words.dropFirst(2)
    return Endpoint(
        addresses: addresses, hostname: rest.first { $0 != "unready" },
        locality: Locality(cluster: locality[0], region: locality[1], zone: locality[2]),
        conditions: rest.contains("unready") ? [] : .ready)
}

/// A text of a test that is no endpoint.
struct EndpointText: Error {
    let text: String
}

/// A place as `cluster/region/zone`, where an empty part is unknown.
func place(_ text: String) -> Place {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? nil : String($0) }
    return Place(cluster: parts[0], region: parts[1], zone: parts[2])
}

/// A question and what `AskedZones.answers` makes of its reply.
struct Asked: Sendable, CustomStringConvertible {
    let place: String
    let question: String
    let answers: String

    init(_ question: String, _ answers: String, from place: String = "//") {
        self.place = place
        self.question = question
        self.answers = answers
    }

    var description: String { "\(question) from \(place)" }
}
