// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The feeds of a catalog, and what they say together: a value, told the time.
///
/// Where several feeds deliver a cluster, the direct watch wins, then the hub, then
/// ServiceImports, then the file.
struct FeedSet: Sendable {
    private(set) var feeds: [KnownFeed]
    /// The feed that delivers each cluster.
    private var owners: [String: FeedIdentity] = [:]
    private var conditions: [String: ClusterCondition] = [:]

    init(_ settings: [CatalogFeed]) {
        feeds = settings.sorted { $0.identity.rank < $1.identity.rank }.map { KnownFeed($0) }
    }

    /// Feeds that have said nothing complete yet, and why.
    var awaited: [AwaitedFeed] {
        feeds.compactMap { feed in
            guard feed.settings.isAwaited, !feed.hasContent,
                case .nothing(let reason) = feed.hearing
            else { return nil }
            return AwaitedFeed(identity: feed.identity, reason: reason)
        }
    }

    /// How each cluster stands that some feed delivers.
    var clusters: [String: ClusterCondition] { conditions }

    /// For how long each cluster has not been heard that is not live.
    func silentSeconds(at moment: FeedMoment) -> [String: Double] {
        owners.compactMapValues { owner in
            feeds.first { $0.identity == owner }?.silentSeconds(at: moment)
        }
    }

    /// Names that the brake keeps, by feed.
    var held: [FeedIdentity: Int] {
        Dictionary(
            feeds.filter { !$0.held.isEmpty }.map { ($0.identity, $0.held.count) },
            uniquingKeysWith: +)
    }

    /// When something changes without an event after a moment; on the monotonic clock.
    func nextDeadline(after moment: FeedMoment) -> Double {
        feeds.map { $0.nextDeadline(after: moment) }.min() ?? .infinity
    }

    // MARK: Changes, which answer with the names whose services may differ now

    mutating func apply(
        _ events: [FeedEvent], from identity: FeedIdentity, at moment: FeedMoment
    ) -> Set<ServiceName> {
        change(at: moment) { feeds, changed in
            guard let index = feeds.firstIndex(where: { $0.identity == identity }) else { return }
            for event in events { feeds[index].apply(event, at: moment, &changed) }
        }
    }

    mutating func restore(
        _ saved: Catalog.Restored, at moment: FeedMoment
    ) -> Set<ServiceName> {
        change(at: moment) { feeds, changed in
            guard let index = feeds.firstIndex(where: { $0.identity == saved.feed }) else { return }
            feeds[index].restore(saved, at: moment, &changed)
        }
    }

    mutating func releaseBrake(
        of identity: FeedIdentity, at moment: FeedMoment
    ) -> Set<ServiceName> {
        change(at: moment) { feeds, changed in
            guard let index = feeds.firstIndex(where: { $0.identity == identity }) else { return }
            feeds[index].releaseBrake(&changed)
        }
    }

    /// Feeds come and go with a configuration; those that stay keep what they know.
    mutating func setFeeds(_ settings: [CatalogFeed], at moment: FeedMoment) -> Set<ServiceName> {
        change(at: moment) { feeds, changed in
            let kept = feeds.filter { settings.contains($0.settings) }
            for feed in feeds where !settings.contains(feed.settings) {
                changed.formUnion(feed.services.keys)
            }
            let new = settings.filter { wanted in !kept.contains { $0.settings == wanted } }
            feeds = (kept + new.map { KnownFeed($0) })
                .sorted { $0.identity.rank < $1.identity.rank }
        }
    }

    /// Time has passed.
    mutating func advance(to moment: FeedMoment) -> Set<ServiceName> {
        change(at: moment) { feeds, changed in
            for index in feeds.indices { feeds[index].advance(to: moment, &changed) }
        }
    }

    private mutating func change(
        at moment: FeedMoment, _ body: (inout [KnownFeed], inout Set<ServiceName>) -> Void
    ) -> Set<ServiceName> {
        var changed: Set<ServiceName> = []
        body(&feeds, &changed)
        let before = (owners, conditions)
        settleOwners(at: moment)
        // Whose word counts for a cluster, and whether it is dropped, matters to all its services.
        let turned = Set(before.0.keys).union(owners.keys).filter { cluster in
            before.0[cluster] != owners[cluster]
                || before.1[cluster]?.isDropped != conditions[cluster]?.isDropped
        }
        guard !turned.isEmpty else { return changed }
        for feed in feeds where !turned.isDisjoint(with: feed.clusters.keys) {
            for (name, service) in feed.services
            where !turned.isDisjoint(with: service.endpoints.clusters) { changed.insert(name) }
        }
        return changed
    }

    private mutating func settleOwners(at moment: FeedMoment) {
        owners = [:]
        conditions = [:]
        for feed in feeds where feed.hasContent {
            let condition = feed.condition(at: moment)
            var names = Set(feed.clusters.keys)
            if case .direct(let cluster) = feed.identity { names.insert(cluster) }
            for name in names where owners[name] == nil {
                owners[name] = feed.identity
                conditions[name] = condition
            }
        }
    }

    // MARK: What they say together

    typealias Merged = (service: ExportedService, conflicts: [ExportConflict])

    /// The service of a name; nil where no feed has one.
    func service(_ name: ServiceName) -> Merged? {
        var parts: [ExportedService] = []
        // By index: a copy of a feed would cost more than the look into it.
        for index in feeds.indices {
            guard let service = feeds[index].services[name] else { continue }
            let identity = feeds[index].identity
            let foreign = Set(service.endpoints.clusters.filter { !isOwner(identity, of: $0) })
            if foreign.isEmpty {
                parts.append(service)
            } else {
                let own = service.endpoints.filter {
                    $0.locality.cluster.map { !foreign.contains($0) } ?? true
                }
                guard !own.isEmpty else { continue }
                parts.append(
                    ExportedService(
                        name: name, type: service.type, ports: service.ports,
                        endpoints: PackedEndpoints(own),
                        exportedSeconds: service.exportedSeconds))
            }
        }
        return parts.isEmpty ? nil : ServiceMerge.merge(parts)
    }

    private func isOwner(_ feed: FeedIdentity, of cluster: String) -> Bool {
        owners[cluster] == feed && conditions[cluster]?.isDropped != true
    }
}

/// How a feed stands, for who asks.
package struct FeedStatus: Sendable {
    package let identity: FeedIdentity
    /// `awaited`, `absent`, `live`, `stale` or `expired`.
    package let state: String
    /// Of one that is stale, in seconds since 1970.
    package let since: Double?
    /// Why one is awaited.
    package let reason: String?
    package let serviceCount: Int
    /// Services that the shrink brake keeps.
    package let heldCount: Int
}

extension KnownFeed {
    func status(at moment: FeedMoment) -> FeedStatus {
        var state = condition(at: moment).name
        var reason: String?
        if !hasContent {
            switch hearing {
            case .nothing(let why): (state, reason) = ("awaited", why)
            case .absent: state = "absent"
            case .live, .lost: break
            }
        }
        return FeedStatus(
            identity: identity, state: state, since: condition(at: moment).since, reason: reason,
            serviceCount: services.count, heldCount: held.count)
    }
}

/// A feed that has said nothing complete yet.
package struct AwaitedFeed: Hashable, Sendable {
    package let identity: FeedIdentity
    package let reason: String

    package init(identity: FeedIdentity, reason: String) {
        self.identity = identity
        self.reason = reason
    }
}
