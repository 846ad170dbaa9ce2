// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
internal import Log
import ServiceCatalog
internal import Synchronization

/// One catalog with everything that follows from it: the feeds, the catalog and the answers.
final class CatalogSource: @unchecked Sendable {
    // Premise of @unchecked Sendable: what is mutable is used on `queue` only.
    private struct Delivery: Sendable {
        let feed: FeedIdentity
        let events: [FeedEvent]
        let receipt: FeedReceipt
    }

    let plan: CatalogPlan
    let queue: DispatchQueue
    let publisher: AnswerPublisher
    private let catalog: Catalog
    private let counted = CatalogCount()
    private let file: FileFeed?
    private let clients: KubernetesClients?
    private var apis: [APIFeed] = []
    /// The feeds that the catalog has now.
    private var feeds: [CatalogFeed]
    private var secretMembers: SecretMembers?
    private let propagation = PropagationBook()
    /// What APIs have said and the queue has not taken yet.
    private let waiting = Mutex<[Delivery]>([])
    private var isStopped = false
    private let keeper: StateKeeper?
    private let log: Log

    /// `clients` are needed where the plan has an API, `folder` where it has state.
    init(
        plan: CatalogPlan, table: Int, workers: [Worker], hash: NameHash,
        clients: KubernetesClients?, folder: StateFolder? = nil, log: Log
    ) {
        self.plan = plan
        self.clients = clients
        feeds = plan.feeds
        self.log = log
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
        keeper = folder.map { folder in
            StateKeeper(
                folder, feeds: plan.feeds,
                intervalSeconds: plan.stateSeconds, log: log
            ) { feed in
                queue.sync { catalog.saved(feed) }
            }
        }
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
        let known = plan.apis.compactMap { api in
            restored(api.identity, earlier.filter { $0.watches(api) })?.cut(to: api.namespaces)
        }
        queue.sync { catalog.restore(known) }
        // The next save may be an hour away, and the one who knew it before does not save it.
        for restored in known { keeper?.noteChange(restored.feed) }
        for api in plan.apis { watch(api) }
        guard let clients, let secrets = plan.secrets else { return }
        let fixed = plan.feeds.compactMap { feed -> String? in
            if case .direct(let cluster) = feed.identity { cluster } else { nil }
        }
        let members = SecretMembers(
            secrets, of: self, fixed: Set(fixed), keeper: keeper, log: log)
        secretMembers = members
        members.start(
            on: clients, knowing: earlier.filter { $0.plan.secrets?.isSame(as: secrets) == true })
    }

    /// The clusters that Secrets name, or have named until lately.
    var secretClusters: [String] { secretMembers?.clusters ?? [] }

    // MARK: Feeds that come and go, from any queue but the catalog's

    /// Feeds come; what `earlier` catalogs know of them, or what was saved, is served.
    func add(_ new: [CatalogFeed], knowing earlier: [CatalogSource] = []) {
        let known = new.compactMap { restored($0.identity, earlier) }
        queue.sync {
            feeds += new.filter { !feeds.contains($0) }
            catalog.setFeeds(feeds)
            catalog.restore(known)
        }
        for restored in known { keeper?.noteChange(restored.feed) }
    }

    /// A feed goes, with all that it said.
    func remove(_ feed: CatalogFeed) {
        queue.sync {
            feeds.removeAll { $0 == feed }
            catalog.setFeeds(feeds)
        }
    }

    /// Watches an API, in place of the one that has delivered the same feed.
    func watch(_ api: APIFeedPlan) { queue.sync { open(api) } }

    /// Stops to watch: what is known is stale from now on.
    func unwatch(_ feed: FeedIdentity) {
        queue.sync {
            close(feed)
            takeWaiting()
            catalog.apply([.lost(since: FeedMoment.now.wallSeconds)], from: feed)
        }
    }

    private func close(_ feed: FeedIdentity) {
        for api in apis where api.plan.identity == feed { api.stop() }
        apis.removeAll { $0.plan.identity == feed }
    }

    private func open(_ api: APIFeedPlan) {
        guard let clients, !isStopped else { return }
        close(api.identity)
        let feed = APIFeed(api, on: clients, log: log) { [weak self] events, receipt in
            self?.take(events, receipt, of: api.identity)
        }
        apis.append(feed)
        feed.start()
    }

    private func take(_ events: [FeedEvent], _ receipt: FeedReceipt, of feed: FeedIdentity) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(Delivery(feed: feed, events: events, receipt: receipt))
            return waiting.count == 1
        }
        if isFirst { queue.async { [weak self] in self?.takeWaiting() } }
        keeper?.noteChange(feed)
    }

    /// Takes what came while the queue was busy all at once: it is published once.
    private func takeWaiting() {
        let all = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !all.isEmpty, !isStopped else { return }
        catalog.apply(all.map { ($0.events, $0.feed) })
        let measured = all.filter { $0.receipt.uptimeNanoseconds != nil }
        guard !measured.isEmpty else { return }
        publisher.whenSeen { [propagation] in
            for delivery in measured { propagation.note(delivery.receipt, of: delivery.feed.name) }
        }
    }

    /// What an earlier catalog knows of an API, or what was saved: it is served until it is heard.
    ///
    /// The catalogs are those that have it from the same source.
    private func restored(
        _ feed: FeedIdentity, _ earlier: [CatalogSource]
    ) -> Catalog.Restored? {
        guard let known = earlier.lazy.compactMap({ $0.content(of: feed) }).first else {
            return saved(feed)
        }
        return Catalog.Restored(
            feed: feed, services: Array(known.services.values), since: known.since,
            held: known.held)
    }

    private func saved(_ feed: FeedIdentity) -> Catalog.Restored? {
        guard let saved = keeper?.load(feed) else { return nil }
        log.info(
            "\(feed.description): \(saved.services.count) services of saved state, "
                + "current at \(RFC3339.text(saved.currentSeconds))")
        return Catalog.Restored(
            feed: feed, services: saved.services, since: saved.currentSeconds, held: saved.held)
    }

    /// Saves what has changed, before the process ends.
    func finish() { keeper?.finish() }

    /// Whether it watches that API, however it takes what that says.
    private func watches(_ api: APIFeedPlan) -> Bool {
        plan.apis.contains { own in
            own.identity == api.identity && own.access == api.access
                && own.masterURL == api.masterURL
        }
    }

    private func content(
        of feed: FeedIdentity
    ) -> (services: [ServiceName: ExportedService], since: Double, held: Set<ServiceName>)? {
        queue.sync { catalog.content(of: feed) }
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

    /// How its feeds stand; on `queue`.
    var feedStatuses: [FeedStatus] { catalog.feedStatuses }

    /// What is served; on `queue`.
    var snapshot: CatalogSnapshot? { counted.snapshot }

    /// Lets go what the shrink brake keeps of a feed; false where it keeps nothing.
    func releaseBrake(of name: String) -> Bool {
        let held = standing.held.keys.filter { $0.name == name }
        queue.async { [self] in
            for feed in held {
                catalog.releaseBrake(of: feed)
                log.info("\(feed.description): the shrink brake was released")
                keeper?.noteChange(feed)
            }
        }
        return !held.isEmpty
    }

    /// What metrics tell of it; on `queue`.
    var figures: CatalogFigures {
        var figures = counted.figures
        figures.source = plan.description
        figures.silentSeconds = catalog.silentSeconds
        (figures.answerOctets, figures.tableOctets) = publisher.octets
        figures.loadFailures = file?.loadFailures ?? 0
        if let load = file?.lastLoad {
            figures.loadSeconds = load.seconds
            figures.ageSeconds = (ContinuousClock.now - load.end) / .seconds(1)
        }
        figures.propagation = propagation.figures
        for api in apis { figures.restarts[api.plan.identity.name] = api.restarts }
        return figures
    }

    func stop() {
        secretMembers?.stop()
        keeper?.stop()
        queue.sync {
            isStopped = true
            for api in apis { api.stop() }
            apis = []
            file?.stop()
            publisher.stop()
        }
    }
}

extension Catalog.Restored {
    /// Without what the feed may no longer export: a list would be held to have lost it.
    fileprivate func cut(to namespaces: Set<String>?) -> Catalog.Restored {
        guard let namespaces else { return self }
        return Catalog.Restored(
            feed: feed, services: services.filter { namespaces.contains($0.name.namespace) },
            since: since, held: held)
    }
}

extension Catalog {
    /// What is to be saved of a feed; nil while nothing is known.
    fileprivate func saved(_ feed: FeedIdentity) -> SavedFeed? {
        guard let name = feed.stateName, let content = content(of: feed) else { return nil }
        return SavedFeed(
            feed: name, currentSeconds: content.since, services: Array(content.services.values),
            held: content.held)
    }
}
