// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
internal import Log
import ServiceCatalog

/// One catalog with everything that follows from it: the feeds, the catalog and the answers.
final class CatalogSource: @unchecked Sendable {
    // Premise of @unchecked Sendable: what is mutable is used on `queue` only.
    let plan: CatalogPlan
    let queue: DispatchQueue
    let publisher: AnswerPublisher
    private let catalog: Catalog
    private let counted = CatalogCount()
    private let file: FileFeed?
    private let apis: [APIFeed]

    /// `clients` are needed where the plan has an API.
    init(
        plan: CatalogPlan, table: Int, workers: [Worker], hash: NameHash,
        clients: KubernetesClients?, log: Log
    ) {
        self.plan = plan
        let queue = DispatchQueue(label: "fabdns.catalog.\(table)")
        self.queue = queue
        let publisher = AnswerPublisher(
            queue: queue, table: table, workers: workers, hash: hash, log: log)
        self.publisher = publisher
        let catalog = Catalog(queue: queue, feeds: plan.feeds) { [counted] snapshot, change in
            counted.note(snapshot)
            publisher.publish(snapshot, change)
        }
        self.catalog = catalog
        file = plan.file.map {
            FileFeed(path: $0, queue: queue, deliver: { catalog.apply($0) }, log: log)
        }
        apis =
            clients.map { clients in
                plan.apis.map { api in
                    APIFeed(api, on: clients, log: log) { events in
                        queue.async { catalog.apply(events, from: api.identity) }
                    }
                }
            } ?? []
    }

    /// Loads the file, then keeps watching it and the APIs.
    ///
    /// A file that cannot be loaded is an error; an API that cannot be reached is waited for.
    /// `earlier` are catalogs that know some of the same feeds.
    func start(knowing earlier: [CatalogSource] = []) throws(CatalogFileError) {
        try queue.sync { () -> Result<Void, CatalogFileError> in
            Result { () throws(CatalogFileError) in
                catalog.announce()
                try file?.start()
            }
        }.get()
        for api in plan.apis {
            guard let known = earlier.lazy.compactMap({ $0.content(of: api) }).first else {
                continue
            }
            queue.sync {
                catalog.restore(
                    Array(known.services.values), from: api.identity, since: known.since)
            }
        }
        for api in apis { api.start() }
    }

    /// What is known of an API that is watched in the same way.
    private func content(
        of api: APIFeedPlan
    ) -> (services: [ServiceName: ExportedService], since: Double)? {
        guard plan.apis.contains(api) else { return nil }
        return queue.sync { catalog.content(of: api.identity) }
    }

    /// Begins to rank for askers of a place.
    func add(_ place: Place, number: Int) {
        queue.sync { publisher.add(place, number: number) }
    }

    /// From now on the addresses have names too.
    func serveReverse() { queue.sync { publisher.serveReverse(counted.snapshot) } }

    /// Forgets all other places.
    func keepPlaces(_ numbers: Set<Int>) {
        queue.sync { publisher.keepPlaces(numbers) }
    }

    /// What readiness is judged by.
    var standing: CatalogStanding { counted.standing }

    /// What metrics tell of it; on `queue`.
    var figures: CatalogFigures {
        var figures = counted.figures
        figures.source = plan.description
        (figures.answerOctets, figures.tableOctets) = publisher.octets
        figures.loadFailures = file?.loadFailures ?? 0
        if let load = file?.lastLoad {
            figures.loadSeconds = load.seconds
            figures.ageSeconds = (ContinuousClock.now - load.end) / .seconds(1)
        }
        for api in apis { figures.restarts[api.plan.identity.name] = api.restarts }
        return figures
    }

    func stop() {
        for api in apis { api.stop() }
        queue.sync {
            file?.stop()
            publisher.stop()
        }
    }
}
