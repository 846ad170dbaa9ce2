// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import EventLoop
internal import Glibc
internal import Log
internal import ServiceCatalog
internal import TLS
internal import Transport

// The sockets of a server, and what is served on them.

extension Server {
    struct Opening {
        let key: ListenerKey
        let descriptors: [Int32]
        /// Of the plan: the port may be 0 there.
        let planned: ListenAddress
    }

    /// Opens what is new; closed again when one fails.
    func openListeners(_ plan: ServerPlan) throws(ServerError) -> [Opening] {
        var opened: [Opening] = []
        do throws(SystemError) {
            for address in plan.listeners.keys.sorted(by: { $0.description < $1.description }) {
                opened += try open(address, opened)
            }
        } catch {
            Self.close(opened)
            throw ServerError(description: "\(error)")
        }
        return opened
    }

    private func open(
        _ planned: ListenAddress, _ opened: [Opening]
    ) throws(SystemError) -> [Opening] {
        let missing = planned.transports.filter { transport in
            running?.keys.contains(ListenerKey(address: planned, transport: transport)) != true
        }
        guard !missing.isEmpty else { return [] }
        if planned.port == 0 { return try openAnyPort(planned, opened) }
        do throws(SystemError) {
            return try open(planned, as: planned, missing)
        } catch {
            // A host without IPv6: the wildcard means the other family alone.
            if error.code == EAFNOSUPPORT, planned.isWildcard { return [] }
            throw error
        }
    }

    /// The sockets of some transports on one address, for every worker; none when one fails.
    private func open(
        _ address: ListenAddress, as planned: ListenAddress,
        _ transports: [ListenerKey.Transport]
    ) throws(SystemError) -> [Opening] {
        var result: [Opening] = []
        do throws(SystemError) {
            for transport in transports {
                let key = ListenerKey(address: address, transport: transport)
                result.append(
                    Opening(
                        key: key,
                        descriptors: try ListenerSet.open(
                            key, count: workers.count, beside: running?.keys ?? []),
                        planned: planned))
            }
        } catch {
            Self.close(result)
            throw error
        }
        return result
    }

    private static func close(_ openings: [Opening]) {
        for opening in openings {
            for descriptor in opening.descriptors { _ = Glibc.close(descriptor) }
        }
    }

    /// Port 0: one free port for all sockets of the address, and for the other addresses that ask
    /// for any port.
    private func openAnyPort(
        _ planned: ListenAddress, _ opened: [Opening]
    ) throws(SystemError) -> [Opening] {
        var chosen = opened.first {
            $0.planned.port == 0 && $0.planned.isEncrypted == planned.isEncrypted
        }?.key.address.port
        let isFixed = chosen != nil
        var last = SystemError(code: EADDRINUSE, call: "listen on \(planned)")
        for _ in 0..<32 {
            do throws(SystemError) {
                if !isFixed { chosen = try ListenerSet.freePort(planned) }
                let address = ListenAddress(
                    address: planned.address, port: chosen ?? 0, scope: planned.scope,
                    isEncrypted: planned.isEncrypted)
                return try open(address, as: planned, planned.transports)
            } catch {
                if error.code == EAFNOSUPPORT, planned.isWildcard { return [] }
                last = error
                if error.code != EADDRINUSE || isFixed { break }
            }
        }
        throw last
    }

    /// Gives the workers their sockets and every listener its zones.
    func install(
        _ plan: ServerPlan, _ opened: [Opening], _ contexts: [ListenAddress: TLSContext]
    ) {
        let kept = running?.keys ?? []
        announcements = []
        number(plan, opened)
        for (planned, listener) in plan.listeners {
            let server = serverLabel(planned, opened)
            let set = listener.nodes.map { node($0, server: server, local: planned) }
            let shared = shared(listener, server: server)
            for key in kept where key.address == planned {
                for worker in workers {
                    let service = service(listener, set, shared, contexts[planned])
                    worker.loop.enqueue { worker.change(key, service) }
                }
            }
            for opening in opened where opening.planned == planned {
                for (worker, descriptor) in zip(workers, opening.descriptors) {
                    let service = service(listener, set, shared, contexts[planned])
                    open(opening.key, descriptor, service, worker)
                }
            }
        }
        for (zone, planned) in plan.announcements {
            let actual = opened.first { $0.planned == planned }?.key.address ?? planned
            let place = planned.isWildcard ? "" : " on \(planned.address)"
            let scheme = planned.isEncrypted ? "tls://" : ""
            let line = "\(scheme)\(zone):\(actual.port)\(place)"
            if !announcements.contains(line) { announcements.append(line) }
        }
        var keys = Set(opened.map(\.key))
        for key in kept where plan.listeners[key.address] != nil { keys.insert(key) }
        running = Running(plan: plan, keys: keys, workerCount: workers.count)
        encryption = [:]
        for key in keys where key.transport == .tls {
            let planned = opened.first { $0.key == key }?.planned ?? key.address
            encryption[key] = plan.listeners[planned]?.tls.map(TLSConfiguration.init)
        }
    }

    private func open(
        _ key: ListenerKey, _ descriptor: Int32, _ service: ListenerService, _ worker: Worker
    ) {
        let log = log
        worker.loop.enqueue {
            do throws(SystemError) {
                try worker.open(key, descriptor: descriptor, service)
            } catch {
                log.error("\(error)")
            }
        }
    }

    /// A zone set for each worker: they share nothing that changes.
    private func service(
        _ listener: ServerPlan.PlannedListener, _ nodes: [ZoneSet.Node], _ shared: ZoneSet.Shared,
        _ tls: TLSContext?
    ) -> ListenerService {
        let timeouts = listener.timeouts ?? TimeoutsDirective()
        var times = StreamTimes()
        times.idleMilliseconds = UInt64(timeouts.idleMilliseconds)
        times.messageMilliseconds = UInt64(timeouts.readMilliseconds)
        times.stallMilliseconds = UInt64(timeouts.writeMilliseconds)
        return ListenerService(
            zones: ZoneSet(nodes, hash: hash, shared: shared), times: times,
            maximumQueries: timeouts.maximumQueries, tls: tls)
    }

    private func shared(
        _ listener: ServerPlan.PlannedListener, server: String
    ) -> ZoneSet.Shared {
        let idle = (listener.timeouts ?? TimeoutsDirective()).idleMilliseconds
        return ZoneSet.Shared(
            unmatchedMeter: listener.isMetered
                ? meterBook.number(of: .unmatched(server)) : MeterBook.none,
            chaos: listener.chaos.map { chaos in
                ChaosAnswers(
                    version: chaos.version ?? "FabDNS-\(version)", authors: chaos.authors,
                    host: hostName)
            }, payloadOctets: listener.payloadOctets, idleTenths: UInt16(clamping: idle / 100))
    }

    // MARK: Certificates

    /// What each listener with TLS is encrypted with; new files are read.
    func tlsContexts(
        _ plan: ServerPlan
    ) throws(ServerError) -> [ListenAddress: TLSContext] {
        var contexts: [ListenAddress: TLSContext] = [:]
        for (address, listener) in plan.listeners where address.isEncrypted {
            guard let tls = listener.tls else { continue }
            do throws(TLSError) {
                contexts[address] = try certificates.context(TLSConfiguration(tls))
            } catch {
                throw ServerError(description: "\(tls.location): \(error)")
            }
        }
        return contexts
    }

    /// Watches the certificates of what is served, and no others.
    func keepCertificates() {
        let users = encryption
        let workers = workers
        certificates.keep(Set(users.values)) { changed, context in
            for (key, configuration) in users where configuration == changed {
                for worker in workers { worker.loop.enqueue { worker.renew(key, context) } }
            }
        }
    }

    // MARK: Zones

    /// Gives every zone its meter and its log rule, before workers hear of them.
    private func number(_ plan: ServerPlan, _ opened: [Opening]) {
        for (planned, listener) in plan.listeners {
            let server = serverLabel(planned, opened)
            if listener.isMetered { _ = meterBook.number(of: .unmatched(server)) }
            for node in listener.nodes { _ = self.node(node, server: server, local: planned) }
        }
        let meterCount = meterBook.labels.count
        for worker in workers { worker.loop.enqueue { worker.reserveMeters(meterCount) } }
        followQueries()
    }

    /// The listener as CoreDNS's metrics name it.
    func serverLabel(_ planned: ListenAddress, _ opened: [Opening]) -> String {
        let actual = opened.first { $0.planned == planned }?.key.address ?? planned
        let scheme = planned.isEncrypted ? "tls" : "dns"
        return actual.isWildcard ? "\(scheme)://:\(actual.port)" : "\(scheme)://\(actual)"
    }

    private func node(
        _ planned: ServerPlan.PlannedNode, server: String, local: ListenAddress
    ) -> ZoneSet.Node {
        let settings = planned.settings
        return ZoneSet.Node(
            name: planned.name,
            zone: planned.zone.map { zone in
                zone.served(
                    table: sources[zone.use.catalog]?.table ?? 0, place: places[zone.use] ?? 0)
            }, fallsThrough: planned.fallsThrough,
            meter: planned.meteredZone.map { zone in
                meterBook.number(
                    of: MeterLabels(
                        server: server, zone: zone, plugin: planned.zone == nil ? "" : "fabdns"))
            } ?? MeterBook.none,
            settings: ZoneSet.NodeSettings(
                identity: settings.nsid.map { Array(($0.data ?? hostName).utf8) } ?? [],
                access: settings.access,
                log: settings.log.map { directive in
                    logBook.number(of: LogRule(directive: directive, local: "\(local.address)"))
                } ?? LogBook.none,
                answersWhoami: settings.answersWhoami))
    }

    /// After the new zones are on their way: listeners and catalogs that nothing asks for any more.
    func closeWhatIsGone(_ new: ServerPlan, _ opened: [Opening]) {
        let keys = running?.keys ?? []
        for key in knownKeys.subtracting(keys) {
            for worker in workers { worker.loop.enqueue { worker.close(key) } }
        }
        knownKeys = keys
        for use in places.keys where !new.uses.contains(use) { places[use] = nil }
        for (plan, entry) in sources {
            let numbers = Set(places.filter { $0.key.catalog == plan }.values)
            if numbers.isEmpty {
                entry.source.stop()
                sources[plan] = nil
            } else {
                entry.source.keepPlaces(numbers)
            }
        }
        closeStateFolders()
    }
}
