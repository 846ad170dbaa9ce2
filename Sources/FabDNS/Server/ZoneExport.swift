// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import DNSWire
internal import Dispatch
internal import EventLoop
internal import Log
internal import ServiceCatalog
internal import Transport

/// The records of a zone, as a server of this configuration gives them to who asks.
///
/// Nothing is written from the catalog directly: every name of the zone is put to a worker that has
/// no sockets, and its answers are printed. So the zone file is what is served, ranking included,
/// and a secondary that loads it answers the same.
struct ZoneExport {
    private let zone: DomainName
    private let worker: Worker
    private let source: CatalogSource
    private let zones: ZoneSet
    private let face: NameFace

    private static let types: [RecordType] = [.soa, .ns, .a, .aaaa, .srv, .txt, .ptr]
    private static let ownNames = ["dns-version", "ns.dns"]

    /// Loads the catalog of the zone; where several listeners serve it, the first in the file
    /// counts.
    init(
        _ zone: DomainName, of configuration: ServerConfiguration, log: Log
    ) throws(ServerError) {
        let planned = try Self.find(zone, configuration)
        var generator = SystemRandomNumberGenerator()
        let hash = NameHash(using: &generator)
        do throws(SystemError) {
            worker = try Worker(number: 0, hash: hash)
        } catch {
            throw ServerError(description: "\(error)")
        }
        worker.loop.start()
        guard let file = planned.use.catalog.file, planned.use.catalog.apis.isEmpty else {
            throw ServerError(
                description: "zone \(zone) comes from an API; expected one from a catalog file")
        }
        source = CatalogSource(
            plan: CatalogPlan(file: file), table: 0, workers: [worker], hash: hash, clients: nil,
            log: log)
        do throws(CatalogFileError) {
            try source.start()
        } catch {
            throw ServerError(description: "\(error)")
        }
        source.add(planned.use.place, number: 0)
        if planned.forward != nil { source.serveReverse() }
        face = planned.face
        self.zone = planned.name
        zones = ZoneSet(
            [ZoneSet.Node(name: planned.name, zone: planned.served(table: 0, place: 0))],
            hash: hash)
    }

    private static func find(
        _ zone: DomainName, _ configuration: ServerConfiguration
    ) throws(ServerError) -> ServerPlan.PlannedZone {
        let plan: ServerPlan
        do throws(ConfigurationError) {
            plan = try ServerPlan(configuration, host: .current())
        } catch {
            throw ServerError(description: "\(error)")
        }
        var known: [String] = []
        for (_, address) in plan.announcements {
            for served in (plan.listeners[address]?.nodes ?? []).compactMap(\.zone) {
                if served.name == zone { return served }
                let name = served.name.description
                if !known.contains(name) { known.append(name) }
            }
        }
        throw ServerError(
            description: "no zone \(zone) is served; there are: "
                + known.joined(separator: ", "))
    }

    /// Gives the zone's lines to `write`, SOA first, then in canonical order (RFC 4034 §6.1); false
    /// as soon as `write` says so.
    func write(_ write: @escaping @Sendable (String) -> Bool) -> Bool {
        let result = DispatchSemaphore(value: 0)
        let answer = Answer()
        worker.loop.enqueue { [self] in
            answer.isWhole = unsafe export(write)
            result.signal()
        }
        result.wait()
        return answer.isWhole
    }

    /// What the worker's queue leaves for the thread that waits.
    private final class Answer: @unchecked Sendable {
        // Premise of @unchecked Sendable: read after the semaphore that the writer signals.
        var isWhole = false
    }

    // MARK: On the worker's queue

    @unsafe
    private func export(_ write: (String) -> Bool) -> Bool {
        var names: [DomainName] = []
        unsafe worker.responder.tables[0].forEach { _, owner in
            let view = unsafe OwnerView(owner)
            guard unsafe face.hasData(view.flags) else { return }
            if let name = unsafe below(Array(view.nameOctets)) { names.append(name) }
        }
        for text in Self.ownNames {
            if let name = try? DomainName(presentation: "\(text).\(zone)") { names.append(name) }
        }
        var lines = ""
        let asker = ZoneAsker(responder: worker.responder, zones: zones)
        for name in [zone] + names.sorted() {
            for type in Self.types {
                let records = asker.records(of: name, type).map(\.description).sorted()
                for record in records { lines += record + "\n" }
            }
            guard lines.utf8.count > 1 << 16 else { continue }
            guard write(lines) else { return false }
            lines = ""
        }
        return write(lines)
    }

    /// A relative name of the table, in this zone; nil when it is too long to be there.
    private func below(_ relative: [UInt8]) -> DomainName? {
        let isReverse = face == .reverse
        let octets = relative + (isReverse ? Array("\u{4}arpa\0".utf8) : zone.wireOctets)
        let name = try? DomainName(parsing: octets.span)
        return name.flatMap { $0 != zone && $0.isSubdomain(of: zone) ? $0 : nil }
    }
}

/// Puts questions to a responder without a socket.
private final class ZoneAsker {
    private let conversation: DNSConversation
    private var output = [UInt8](repeating: 0, count: 1 << 17)

    init(responder: Responder, zones: ZoneSet) {
        conversation = DNSConversation(StreamService(responder: responder, zones: zones))
    }

    /// The records of the answer section.
    func records(of name: DomainName, _ type: RecordType) -> [ResourceRecord] {
        let query = Message(query: name, type: type).encode()
        let framed = [UInt8(query.count >> 8), UInt8(query.count & 0xFF)] + query
        var room = output.mutableSpan
        var octets = unsafe room.mutableBytes
        let exchange = unsafe conversation.converse(framed.span.bytes, &octets)
        let reply = Array(output[..<exchange.produced].dropFirst(2))
        return (try? Message(parsing: reply.span))?.answer ?? []
    }
}
