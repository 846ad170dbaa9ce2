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
internal import TLS

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
    struct Running {
        var plan: ServerPlan
        var keys: Set<ListenerKey>
        var workerCount: Int
    }

    let log: Log
    let hash: NameHash
    var workers: [Worker] = []
    var sources: [CatalogPlan: (table: Int, source: CatalogSource)] = [:]
    var places: [ServerPlan.CatalogUse: Int] = [:]
    var running: Running?
    /// What the kernel chose for port 0: it stays over reloads.
    var anyPorts: [ServerBlock.Transport: UInt16] = [:]
    var knownKeys: Set<ListenerKey> = []
    var logBook = LogBook()
    /// What listeners are encrypted with.
    var encryption: [ListenerKey: TLSConfiguration] = [:]
    let certificates: CertificateKeeper
    private let queryLog: QueryLog?
    /// This server in answers to those who ask which one it is.
    let hostName: String
    let version: String
    var meterBook = MeterBook()
    let monitor = Monitor()
    /// For exec plugins of kubeconfigs.
    private let environment: [String: String]
    private var clients: KubernetesClients?
    /// By the catalog whose state they keep.
    private var stateFolders: [CatalogPlan: StateFolder] = [:]

    /// `writeLines` takes the lines of the query log with their number, and says how many it lost.
    package init(
        log: Log, version: String = "", environment: [String: String] = [:],
        writeLines: (@Sendable (String, Int) -> Int)? = nil
    ) {
        self.log = log
        self.version = version
        self.environment = environment
        hostName = HostAddresses.hostName
        certificates = CertificateKeeper(log: log)
        queryLog = writeLines.map { QueryLog(write: $0) }
        var generator = SystemRandomNumberGenerator()
        hash = NameHash(using: &generator)
    }

    /// The lines that say what is served, as CoreDNS prints them: `global.:5300 on 127.0.0.1`.
    package internal(set) var announcements: [String] = []

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
            plan = try ServerPlan(configuration, host: .current(), anyPorts: anyPorts)
        } catch {
            throw ServerError(description: "\(error)")
        }
        let pages: Monitor.Opening
        do throws(SystemError) { pages = try monitor.open(plan.pages) } catch {
            throw ServerError(description: "\(error)")
        }
        // Before the first catalog is loaded the pages say that it is not.
        if running == nil { monitor.install(pages) }
        var added: [CatalogPlan] = []
        let opened: [Opening]
        let contexts: [ListenAddress: TLSContext]
        do throws(ServerError) {
            contexts = try tlsContexts(plan)
            added = try loadCatalogs(plan)
            opened = try openListeners(plan)
        } catch {
            for plan in added { sources.removeValue(forKey: plan)?.source.stop() }
            keepCertificates()
            if running != nil { monitor.cancel(pages) }
            throw error
        }
        for warning in configuration.warnings {
            log.warning("\(warning.location): \(warning.message)")
        }
        setPlaces(plan)
        for opening in opened where opening.planned.port == 0 {
            anyPorts[opening.planned.isEncrypted ? .tls : .dns] = opening.key.address.port
        }
        install(plan, opened, contexts)
        closeWhatIsGone(plan, opened)
        keepCertificates()
        monitor.install(pages)
        describe(plan, opened, configuration)
        monitor.state.isServing.store(true, ordering: .releasing)
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
            sources.catalogs = self.sources.map { catalog, entry in
                NamedCatalog(
                    name: plan.catalogNames[catalog] ?? catalog.description, source: entry.source)
            }
            sources.labels = meterBook.labels
            sources.queryLog = queryLog
            // Both families of a wildcard are one server.
            sources.settings.plugins = plugins.filter { plugin in
                seen.insert("\(plugin)").inserted
            }
        }
    }

    /// Lines of the query log that wait are written, and so is what has changed.
    package func flush() {
        queryLog?.flush()
        for entry in sources.values { entry.source.finish() }
    }

    /// Has the workers' queries logged by the rules so far.
    func followQueries() {
        guard let queryLog, !logBook.rules.isEmpty else { return }
        queryLog.know(logBook.rules)
        for worker in workers { worker.loop.enqueue { queryLog.follow(worker.responder.ring) } }
    }

    // MARK: Catalogs and places

    /// Loads the catalogs that are new; their files.
    ///
    /// None stays when one cannot be loaded.
    private func loadCatalogs(_ plan: ServerPlan) throws(ServerError) -> [CatalogPlan] {
        var added: [CatalogPlan] = []
        let planned = Set(plan.uses.map(\.catalog))
        let wanted = planned.subtracting(sources.keys)
        let clients = try kubernetesClients(for: wanted)
        let earlier = sources.values.map(\.source)
        for catalog in wanted.sorted(by: { $0.description < $1.description }) {
            let used = Set(sources.values.map(\.table))
            guard let table = (0..<Responder.maximumTables).first(where: { !used.contains($0) })
            else { throw ServerError(description: "too many catalogs at once") }
            let source = CatalogSource(
                plan: catalog, table: table, workers: workers, hash: hash, clients: clients,
                folder: stateFolder(of: catalog, among: planned), log: log)
            do throws(CatalogFileError) {
                try source.start(knowing: earlier)
            } catch {
                for plan in added { sources.removeValue(forKey: plan)?.source.stop() }
                source.stop()
                throw ServerError(description: "\(error)")
            }
            sources[catalog] = (table, source)
            added.append(catalog)
        }
        return added
    }

    /// The loop of the Kubernetes clients, made when the first API is to be watched.
    private func kubernetesClients(
        for plans: Set<CatalogPlan>
    ) throws(ServerError) -> KubernetesClients? {
        guard clients == nil, plans.contains(where: \.hasAPI) else { return clients }
        do throws(SystemError) {
            clients = try KubernetesClients(
                environment: environment, userAgent: "fabdns/\(version)")
        } catch {
            throw ServerError(description: "\(error)")
        }
        return clients
    }

    /// The folder of a catalog's state, opened once; nil where there is none or it cannot be used,
    /// which is said.
    ///
    /// A catalog takes it over from one that goes, whatever each calls it; from none that stays.
    private func stateFolder(
        of plan: CatalogPlan, among planned: Set<CatalogPlan>
    ) -> StateFolder? {
        guard let path = plan.state?.folder, plan.hasAPI else { return nil }
        let known = stateFolders.filter { $0.value.isFolder(at: path) }
        do throws(SavedStateError) {
            guard known.keys.allSatisfy({ $0 == plan || !planned.contains($0) }) else {
                throw SavedStateError(
                    path: path, reason: "another catalog keeps its state in this folder")
            }
            if let same = known.values.first {
                stateFolders[plan] = same
            } else {
                stateFolders[plan] = try StateFolder(path: path)
            }
        } catch {
            log.warning("\(error); serving goes on without saved state")
        }
        return stateFolders[plan]
    }

    /// After the catalogs that are gone have stopped.
    func closeStateFolders() {
        let gone = stateFolders.filter { sources[$0.key] == nil }
        for plan in gone.keys { stateFolders[plan] = nil }
        for folder in gone.values where !stateFolders.values.contains(where: { $0 === folder }) {
            folder.close()
        }
    }

    private func setPlaces(_ plan: ServerPlan) {
        for catalog in plan.reverseCatalogs { sources[catalog]?.source.serveReverse() }
        for use in plan.uses where places[use] == nil {
            let used = Set(places.values)
            // The plan has checked that there are no more.
            let number = (0..<Responder.maximumPlaces).first { !used.contains($0) } ?? 0
            places[use] = number
            sources[use.catalog]?.source.add(use.place, number: number)
        }
    }
}
