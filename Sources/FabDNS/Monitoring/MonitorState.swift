// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import EventLoop
import Synchronization

/// What the pages of a server tell, set by whoever knows it, read from any queue.
final class MonitorState: Sendable {
    /// Who is asked for metrics.
    struct Sources: Sendable {
        var workers: [Worker] = []
        var catalogs: [NamedCatalog] = []
        /// Of the meters, by number.
        var labels: [MeterLabels] = []
        var settings = MonitorSettings()
        var queryLog: QueryLog?
    }

    /// Sockets are open and catalog files loaded.
    let isServing = Atomic<Bool>(false)
    private let start = ContinuousClock.now
    /// A server that has some clusters waits so long for the others before it is ready.
    private static let patience = Duration.seconds(10)

    /// Whether a cluster that is missing may come soon.
    var isEarly: Bool { ContinuousClock.now - start < Self.patience }

    private let sources = Mutex(Sources())

    /// How the catalogs stand together; nil before anything is served.
    var standing: CatalogStanding? {
        guard isServing.load(ordering: .acquiring) else { return nil }
        return sources.withLock { $0.catalogs }.map(\.source.standing).reduce(
            into: CatalogStanding()
        ) {
            $0.awaited += $1.awaited
            $0.hasContent = $0.hasContent || $1.hasContent
            $0.stale.merge($1.stale) { first, _ in first }
            $0.held.merge($1.held) { first, _ in first }
        }
    }

    /// The catalogs that are served, in the order of their names.
    var catalogs: [NamedCatalog] {
        sources.withLock { $0.catalogs }.sorted { $0.name < $1.name }
    }

    func change(_ change: (inout Sources) -> Void) { sources.withLock { change(&$0) } }

    /// Asks every worker and every catalog on its own queue, and hands over what they say.
    func collect(_ deliver: @escaping @Sendable (MetricsSnapshot) -> Void) {
        let sources = sources.withLock { $0 }
        let collected = Collected(sources)
        let group = DispatchGroup()
        for worker in sources.workers {
            group.enter()
            worker.loop.enqueue {
                collected.add(worker.figures)
                group.leave()
            }
        }
        for catalog in sources.catalogs {
            catalog.source.queue.async(group: group) {
                var figures = catalog.source.figures
                figures.source = catalog.name
                collected.add(figures)
            }
        }
        group.notify(queue: .global(qos: .utility)) {
            var snapshot = collected.snapshot
            snapshot.process = .current()
            snapshot.lostLogLines = sources.queryLog?.lostLines ?? 0
            deliver(snapshot)
        }
    }

    /// What has come so far.
    private final class Collected: Sendable {
        private let labels: [MeterLabels]
        private let gathered: Mutex<(snapshot: MetricsSnapshot, meters: [Meter])>

        init(_ sources: Sources) {
            labels = sources.labels
            var snapshot = MetricsSnapshot()
            snapshot.settings = sources.settings
            let meters = [Meter](repeating: Meter(), count: sources.labels.count)
            gathered = Mutex((snapshot, meters))
        }

        func add(_ figures: WorkerFigures) {
            gathered.withLock { gathered in
                for (index, meter) in figures.meters.enumerated()
                where index < gathered.meters.count {
                    gathered.meters[index].add(meter)
                }
                gathered.snapshot.counters.add(figures.counters)
                gathered.snapshot.kernelDrops += figures.kernelDrops
            }
        }

        func add(_ catalog: CatalogFigures) {
            gathered.withLock { $0.snapshot.catalogs.append(catalog) }
        }

        var snapshot: MetricsSnapshot {
            gathered.withLock { gathered in
                var snapshot = gathered.snapshot
                snapshot.meters = zip(labels, gathered.meters).map { ($0, $1) }
                snapshot.catalogs.sort { $0.source < $1.source }
                return snapshot
            }
        }
    }
}

/// A catalog under a name that no other has.
struct NamedCatalog: Sendable {
    let name: String
    let source: CatalogSource
}

/// What one worker has counted.
struct WorkerFigures: Sendable {
    let counters: Counters
    let meters: [Meter]
    let kernelDrops: UInt64
}
