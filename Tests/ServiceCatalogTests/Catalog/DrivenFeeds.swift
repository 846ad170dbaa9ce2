// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

/// A set of feeds with a clock, and what follows of its changes.
///
/// `published` follows only the names that a change answers with, as a catalog does; with each
/// change it is compared with what the feeds say in full.
struct DrivenFeeds {
    private(set) var feeds: FeedSet
    private(set) var published: [ServiceName: ExportedService] = [:]
    private var known: Set<ServiceName> = []
    /// On the monotonic clock.
    var now = 0.0
    /// What the wall clock shows when the monotonic one shows 0.
    var wallBegin = 10_000.0

    init(settings: CatalogFeed...) { feeds = FeedSet(settings) }

    init(_ identities: FeedIdentity...) { feeds = FeedSet(identities.map { CatalogFeed($0) }) }

    var moment: FeedMoment { FeedMoment(seconds: now, wallSeconds: wallBegin + now) }

    var silentSeconds: [String: Double] { feeds.silentSeconds(at: moment) }

    var nextDeadline: Double { feeds.nextDeadline(after: moment) }

    // MARK: Changes, which answer with the names of the services that differ, in order

    @discardableResult
    mutating func apply(
        _ events: FeedEvent..., from feed: FeedIdentity = .file,
        at location: SourceLocation = #_sourceLocation
    ) -> [String] {
        apply(events, from: feed, at: location)
    }

    @discardableResult
    mutating func apply(
        _ events: [FeedEvent], from feed: FeedIdentity,
        at location: SourceLocation = #_sourceLocation
    ) -> [String] {
        for event in events { note(event) }
        return follow(feeds.apply(events, from: feed, at: moment), location)
    }

    @discardableResult
    mutating func restore(
        _ services: [ExportedService], from feed: FeedIdentity, since: Double,
        held: Set<ServiceName> = [], at location: SourceLocation = #_sourceLocation
    ) -> [String] {
        known.formUnion(services.map(\.name))
        let saved = Catalog.Restored(feed: feed, services: services, since: since, held: held)
        return follow(feeds.restore(saved, at: moment), location)
    }

    @discardableResult
    mutating func setFeeds(
        _ settings: CatalogFeed..., at location: SourceLocation = #_sourceLocation
    ) -> [String] {
        setFeeds(settings, at: location)
    }

    @discardableResult
    mutating func setFeeds(
        _ settings: [CatalogFeed], at location: SourceLocation = #_sourceLocation
    ) -> [String] {
        follow(feeds.setFeeds(settings, at: moment), location)
    }

    @discardableResult
    mutating func releaseBrake(
        of feed: FeedIdentity, at location: SourceLocation = #_sourceLocation
    ) -> [String] {
        follow(feeds.releaseBrake(of: feed, at: moment), location)
    }

    /// Time passes, on both clocks.
    @discardableResult
    mutating func pass(to seconds: Double, at location: SourceLocation = #_sourceLocation)
        -> [String]
    {
        now = seconds
        return follow(feeds.advance(to: moment), location)
    }

    private mutating func note(_ event: FeedEvent) {
        switch event {
        case .replaced(let all): known.formUnion(all.map(\.name))
        case .upserted(let service): known.insert(service.name)
        case .removed, .listed, .synced, .lost, .unheard, .absent: break
        }
    }

    private mutating func follow(
        _ names: Set<ServiceName>, _ location: SourceLocation
    ) -> [String] {
        var changed: [ServiceName] = []
        for name in names {
            let service = feeds.service(name)?.service
            guard published[name] != service else { continue }
            published[name] = service
            changed.append(name)
        }
        for name in known where feeds.service(name)?.service != published[name] {
            Issue.record("\(name) differs, and nobody said so", sourceLocation: location)
        }
        return changed.sorted().map(\.name)
    }

    // MARK: What is known

    /// The names of all services, in order.
    var names: [String] { published.keys.sorted().map(\.name) }

    /// Each endpoint of a service as `address@cluster`; nil where there is no such service.
    func endpoints(_ name: String) -> [String]? {
        published[ExportSamples.name(name)]?.endpoints.map { endpoint in
            endpoint.addresses.map(\.description).joined(separator: ",") + "@"
                + (endpoint.locality.cluster ?? "")
        }
    }

    func condition(_ cluster: String) -> ClusterCondition? { feeds.clusters[cluster] }
}

/// A service of endpoints that are written as `address@cluster`.
func exported(
    _ name: String, _ endpoints: String..., type: ServiceType = .clusterIP,
    ports: [ServicePort] = [], since seconds: Double? = nil
) -> ExportedService {
    let packed = PackedEndpoints(
        endpoints.map { text in
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            let cluster = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
            return Endpoint(
                addresses: [ExportSamples.address(String(parts[0]))],
                locality: Locality(cluster: cluster, region: nil, zone: nil))
        })
    return ExportedService(
        name: ExportSamples.name(name), type: type, ports: ports, endpoints: packed,
        exportedSeconds: seconds)
}

func listed(_ names: String...) -> FeedEvent { .listed(Set(names.map { ExportSamples.name($0) })) }

func removed(_ name: String) -> FeedEvent { .removed(ExportSamples.name(name)) }
