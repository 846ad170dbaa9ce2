// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import Corefile
internal import DNSWire
internal import Dispatch
internal import EventLoop
internal import Glibc
package import Log
internal import ServiceCatalog
internal import Synchronization

/// Why a server does not start, or a reload changes nothing.
package struct ServerError: Error, CustomStringConvertible {
    package let description: String
}

/// The server: workers, catalogs and listeners as a configuration wants them.
///
/// `start` and `reload` run on the caller's thread, one at a time; what they decide reaches the
/// workers as closures.
package final class Server {
    /// What is running, to compare a new configuration with.
    private struct Running {
        var plan: ServerPlan
        var keys: Set<ListenerKey>
        var workerCount: Int
    }

    private let log: Log
    private let hash: NameHash
    private var workers: [Worker] = []
    private var sources: [String: (table: Int, source: CatalogSource)] = [:]
    private var places: [ServerPlan.CatalogUse: Int] = [:]
    private var running: Running?
    /// What the kernel chose for port 0: it stays over reloads.
    private var anyPort: UInt16?
    private var meterBook = MeterBook()
    private let monitor = Monitor()

    package init(log: Log) {
        self.log = log
        var generator = SystemRandomNumberGenerator()
        hash = NameHash(using: &generator)
    }

    /// The lines that say what is served, as CoreDNS prints them: `global.:5300 on 127.0.0.1`.
    package private(set) var announcements: [String] = []

    /// Begins to serve; every catalog is loaded and every socket bound when it returns.
    package func start(_ configuration: ServerConfiguration) throws(ServerError) {
        let count = configuration.workerCount ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        do throws(SystemError) {
            for number in 0..<count { workers.append(try Worker(number: number, hash: hash)) }
        } catch {
            throw ServerError(description: "\(error)")
        }
        for worker in workers { worker.loop.start() }
        try apply(configuration, workerCount: count)
    }

    /// Serves another configuration; listeners that stay are never closed.
    ///
    /// When it throws, nothing has changed.
    package func reload(_ configuration: ServerConfiguration) throws(ServerError) {
        if let wanted = configuration.workerCount, wanted != workers.count {
            log.warning("multisocket \(wanted): takes effect when the server is started again")
        }
        try apply(configuration, workerCount: workers.count)
    }

    /// How long to go on after the end was asked for.
    package var lameduckMilliseconds: Int { running?.plan.lameduckMilliseconds ?? 0 }

    private func apply(
        _ configuration: ServerConfiguration, workerCount: Int
    ) throws(ServerError) {
        let plan: ServerPlan
        do throws(ConfigurationError) {
            plan = try ServerPlan(configuration, host: .current(), anyPort: anyPort)
        } catch {
            throw ServerError(description: "\(error)")
        }
        let pages: Monitor.Opening
        do throws(SystemError) { pages = try monitor.open(plan.pages) } catch {
            throw ServerError(description: "\(error)")
        }
        // Before the first catalog is loaded the pages say that it is not.
        if running == nil { monitor.install(pages) }
        var added: [String] = []
        let opened: [Opening]
        do throws(ServerError) {
            added = try loadCatalogs(plan)
            opened = try openListeners(plan)
        } catch {
            for file in added { sources.removeValue(forKey: file)?.source.stop() }
            if running != nil { monitor.cancel(pages) }
            throw error
        }
        for warning in configuration.warnings {
            log.warning("\(warning.location): \(warning.message)")
        }
        setPlaces(plan)
        anyPort = anyPort ?? opened.first { $0.planned.port == 0 }?.key.address.port
        install(plan, opened)
        closeWhatIsGone(plan, opened)
        monitor.install(pages)
        describe(plan, opened, configuration)
        monitor.state.isReady.store(true, ordering: .releasing)
    }

    /// Counts a reload that changed nothing.
    package func noteFailedReload() {
        monitor.state.change { $0.settings.failedReloads += 1 }
    }

    /// What metrics tell of a configuration beside its queries.
    package func describe(version: String, digest: String) {
        monitor.state.change { sources in
            sources.settings.version = version
            sources.settings.digest = digest
        }
    }

    private func describe(
        _ plan: ServerPlan, _ opened: [Opening], _ configuration: ServerConfiguration
    ) {
        let plugins = plan.plugins.map { plugin in
            (server: serverLabel(plugin.address, opened), zone: plugin.zone, name: plugin.name)
        }
        var seen: Set<String> = []
        monitor.state.change { sources in
            sources.workers = workers
            sources.catalogs = self.sources.values.map(\.source)
            sources.labels = meterBook.labels
            // Both families of a wildcard are one server.
            sources.settings.plugins = plugins.filter { plugin in
                seen.insert("\(plugin)").inserted
            }
        }
    }

    // MARK: Catalogs and places

    /// Loads the catalogs that are new; their files.
    ///
    /// None stays when one cannot be loaded.
    private func loadCatalogs(_ plan: ServerPlan) throws(ServerError) -> [String] {
        var added: [String] = []
        for file in Set(plan.uses.map(\.file)).subtracting(sources.keys).sorted() {
            let used = Set(sources.values.map(\.table))
            guard let table = (0..<Responder.maximumTables).first(where: { !used.contains($0) })
            else { throw ServerError(description: "too many catalogs at once") }
            let source = CatalogSource(
                file: file, table: table, workers: workers, hash: hash, log: log)
            do throws(CatalogFileError) {
                try source.start()
            } catch {
                for file in added { sources.removeValue(forKey: file)?.source.stop() }
                source.stop()
                throw ServerError(description: "\(error)")
            }
            sources[file] = (table, source)
            added.append(file)
        }
        return added
    }

    private func setPlaces(_ plan: ServerPlan) {
        for use in plan.uses where places[use] == nil {
            let used = Set(places.values)
            // The plan has checked that there are no more.
            let number = (0..<Responder.maximumPlaces).first { !used.contains($0) } ?? 0
            places[use] = number
            sources[use.file]?.source.add(use.place, number: number)
        }
    }

    // MARK: Listeners

    private struct Opening {
        let key: ListenerKey
        let descriptors: [Int32]
        /// Of the plan: the port may be 0 there.
        let planned: ListenAddress
    }

    /// Opens what is new; closed again when one fails.
    private func openListeners(_ plan: ServerPlan) throws(ServerError) -> [Opening] {
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
        let missing = ListenerKey.Transport.allCases.filter { transport in
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
        var chosen = opened.first { $0.planned.port == 0 }?.key.address.port
        let isFixed = chosen != nil
        var last = SystemError(code: EADDRINUSE, call: "listen on \(planned)")
        for _ in 0..<32 {
            do throws(SystemError) {
                if !isFixed { chosen = try ListenerSet.freePort(planned) }
                let address = ListenAddress(
                    address: planned.address, port: chosen ?? 0, scope: planned.scope)
                return try open(address, as: planned, ListenerKey.Transport.allCases)
            } catch {
                if error.code == EAFNOSUPPORT, planned.isWildcard { return [] }
                last = error
                if error.code != EADDRINUSE || isFixed { break }
            }
        }
        throw last
    }

    /// Gives the workers their sockets and every listener its zones.
    private func install(_ plan: ServerPlan, _ opened: [Opening]) {
        let kept = running?.keys ?? []
        announcements = []
        for (planned, _) in plan.listeners where plan.meteredListeners.contains(planned) {
            numberMeters(plan, planned, opened)
        }
        let meterCount = meterBook.labels.count
        for worker in workers { worker.loop.enqueue { worker.reserveMeters(meterCount) } }
        for (planned, nodes) in plan.listeners {
            let server = serverLabel(planned, opened)
            let set = nodes.map { node($0, server: server) }
            let unmatched =
                plan.meteredListeners.contains(planned)
                ? meterBook.number(of: .unmatched(server)) : MeterBook.none
            for key in kept where key.address == planned {
                for worker in workers {
                    let zones = ZoneSet(set, hash: hash, unmatchedMeter: unmatched)
                    worker.loop.enqueue { worker.setZones(key, zones) }
                }
            }
            for opening in opened where opening.planned == planned {
                for (worker, descriptor) in zip(workers, opening.descriptors) {
                    let zones = ZoneSet(set, hash: hash, unmatchedMeter: unmatched)
                    let log = log
                    worker.loop.enqueue {
                        do throws(SystemError) {
                            try worker.open(opening.key, descriptor: descriptor, zones)
                        } catch {
                            log.error("\(error)")
                        }
                    }
                }
            }
        }
        for (zone, planned) in plan.announcements {
            let actual = opened.first { $0.planned == planned }?.key.address ?? planned
            let place = planned.isWildcard ? "" : " on \(planned.address)"
            let line = "\(zone):\(actual.port)\(place)"
            if !announcements.contains(line) { announcements.append(line) }
        }
        var keys = Set(opened.map(\.key))
        for key in kept where plan.listeners[key.address] != nil { keys.insert(key) }
        running = Running(plan: plan, keys: keys, workerCount: workers.count)
    }

    /// Gives every zone that is counted its meter, before workers hear of it.
    private func numberMeters(
        _ plan: ServerPlan, _ planned: ListenAddress, _ opened: [Opening]
    ) {
        let server = serverLabel(planned, opened)
        _ = meterBook.number(of: .unmatched(server))
        for node in plan.listeners[planned] ?? [] { _ = self.node(node, server: server) }
    }

    /// The listener as CoreDNS's metrics name it.
    private func serverLabel(_ planned: ListenAddress, _ opened: [Opening]) -> String {
        let actual = opened.first { $0.planned == planned }?.key.address ?? planned
        return actual.isWildcard ? "dns://:\(actual.port)" : "dns://\(actual)"
    }

    private func node(_ planned: ServerPlan.PlannedNode, server: String) -> ZoneSet.Node {
        ZoneSet.Node(
            name: planned.name,
            zone: planned.zone.map { zone in
                zone.served(
                    table: sources[zone.use.file]?.table ?? 0, place: places[zone.use] ?? 0)
            }, fallsThrough: planned.fallsThrough,
            meter: planned.meteredZone.map { zone in
                meterBook.number(
                    of: MeterLabels(
                        server: server, zone: zone, plugin: planned.zone == nil ? "" : "fabdns"))
            } ?? MeterBook.none)
    }

    /// After the new zones are on their way: listeners and catalogs that nothing asks for any more.
    private func closeWhatIsGone(_ plan: ServerPlan, _ opened: [Opening]) {
        let keys = running?.keys ?? []
        for key in knownKeys.subtracting(keys) {
            for worker in workers { worker.loop.enqueue { worker.close(key) } }
        }
        knownKeys = keys
        for use in places.keys where !plan.uses.contains(use) { places[use] = nil }
        for (file, entry) in sources {
            let numbers = Set(places.filter { $0.key.file == file }.values)
            if numbers.isEmpty {
                entry.source.stop()
                sources[file] = nil
            } else {
                entry.source.keepPlaces(numbers)
            }
        }
    }

    private var knownKeys: Set<ListenerKey> = []
}
