// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A feed as a catalog is configured with it.
package struct CatalogFeed: Hashable, Sendable {
    package let identity: FeedIdentity
    package let stale: StalePolicy
    /// Seconds after which the shrink brake lets go by itself; nil: never.
    package let brakeSeconds: Double?
    /// Whether names that nobody knows wait for it: one that came while others are served does not
    /// hold them up.
    package let isAwaited: Bool

    package init(
        _ identity: FeedIdentity, stale: StalePolicy = StalePolicy(), brakeSeconds: Double? = nil,
        isAwaited: Bool = true
    ) {
        self.identity = identity
        self.stale = stale
        self.brakeSeconds = brakeSeconds
        self.isAwaited = isAwaited
    }
}

/// A moment on both clocks: durations are measured on the one that nobody sets.
package struct FeedMoment: Hashable, Sendable {
    /// Of a monotonic clock.
    package let seconds: Double
    /// Since 1970.
    package let wallSeconds: Double

    package init(seconds: Double, wallSeconds: Double) {
        self.seconds = seconds
        self.wallSeconds = wallSeconds
    }
}

/// What one feed has said, and how it stands.
struct KnownFeed {
    /// Whether the source is heard.
    enum Hearing: Equatable {
        /// Nothing complete has come, neither from the source nor from saved state.
        case nothing(reason: String)
        /// Nothing will come, and nobody waits for it.
        case absent
        case live
        /// `deadline` is on the monotonic clock, `since` on both as they then were.
        case lost(since: FeedMoment, deadline: Double)
    }

    let settings: CatalogFeed
    private(set) var services: [ServiceName: ExportedService] = [:]
    /// What a list no longer had, kept by the brake.
    private(set) var held: Set<ServiceName> = []
    private var heldDeadline = Double.infinity
    private(set) var hearing = Hearing.nothing(reason: "no list has come yet")
    /// How many localities of services name each cluster.
    private(set) var clusters: [String: Int] = [:]

    init(_ settings: CatalogFeed) { self.settings = settings }

    var identity: FeedIdentity { settings.identity }
    /// Whether something complete has come, from the source or from saved state.
    private(set) var hasContent = false

    func condition(at moment: FeedMoment) -> ClusterCondition {
        guard case .lost(let since, let deadline) = hearing else { return .live }
        return moment.seconds >= deadline && settings.stale.action != .hold
            ? .expired(since: since.wallSeconds, settings.stale.action)
            : .stale(since: since.wallSeconds)
    }

    /// How long the source has not been heard, however the wall clock was set meanwhile; nil while
    /// it is.
    func silentSeconds(at moment: FeedMoment) -> Double? {
        guard case .lost(let since, _) = hearing else { return nil }
        return max(0, moment.seconds - since.seconds)
    }

    /// When something changes without an event after a moment; on the monotonic clock.
    func nextDeadline(after moment: FeedMoment) -> Double {
        guard case .lost(_, let deadline) = hearing, settings.stale.action != .hold,
            deadline > moment.seconds
        else { return heldDeadline }
        return min(deadline, heldDeadline)
    }

    /// Takes an event; `changed` gathers the names whose services differ now.
    mutating func apply(
        _ event: FeedEvent, at moment: FeedMoment, _ changed: inout Set<ServiceName>
    ) {
        switch event {
        case .replaced(let all):
            let kept = Set(all.map(\.name))
            let gone = services.keys.filter { !kept.contains($0) }
            for name in gone { remove(name, &changed) }
            for service in all { put(service, &changed) }
            hasContent = true
        case .upserted(let service): put(service, &changed)
        case .removed(let name): remove(name, &changed)
        case .listed(let names):
            sweep(names, at: moment, &changed)
            hasContent = true
        case .synced:
            hearing = .live
            hasContent = true
        case .lost(let since): lose(since: since, at: moment)
        case .unheard(let reason):
            guard !hasContent else { return lose(since: moment.wallSeconds, at: moment) }
            hearing = .nothing(reason: reason)
        case .absent:
            guard !hasContent else { return lose(since: moment.wallSeconds, at: moment) }
            hearing = .absent
        }
    }

    /// Takes what was saved, unless the source has been heard already.
    ///
    /// What the brake kept it keeps: a few services that had come back would make the next list
    /// look whole. Its time begins anew.
    mutating func restore(
        _ saved: Catalog.Restored, at moment: FeedMoment, _ changed: inout Set<ServiceName>
    ) {
        guard !hasContent, services.isEmpty else { return }
        services.reserveCapacity(saved.services.count)
        for service in saved.services { put(service, &changed) }
        hasContent = true
        hold(saved.held.filter { services[$0] != nil }, at: moment)
        lose(since: saved.since, at: moment)
    }

    /// Lets what the brake holds go.
    mutating func releaseBrake(_ changed: inout Set<ServiceName>) {
        for name in held { remove(name, &changed) }
    }

    /// Lets go what was held for long enough.
    mutating func advance(to moment: FeedMoment, _ changed: inout Set<ServiceName>) {
        if moment.seconds >= heldDeadline { releaseBrake(&changed) }
    }

    // MARK: Changes

    private mutating func put(_ service: ExportedService, _ changed: inout Set<ServiceName>) {
        letGo(of: service.name)
        guard services[service.name] != service else { return }
        set(service, for: service.name)
        changed.insert(service.name)
    }

    private mutating func remove(_ name: ServiceName, _ changed: inout Set<ServiceName>) {
        letGo(of: name)
        guard services[name] != nil else { return }
        set(nil, for: name)
        changed.insert(name)
    }

    private mutating func letGo(of name: ServiceName) {
        guard held.remove(name) != nil, held.isEmpty else { return }
        heldDeadline = .infinity
    }

    private mutating func sweep(
        _ names: Set<ServiceName>, at moment: FeedMoment, _ changed: inout Set<ServiceName>
    ) {
        for name in held where names.contains(name) { letGo(of: name) }
        let missing = services.keys.filter { !names.contains($0) }
        guard
            ShrinkBrake.holds(
                missing: missing.count, of: services.count, isHolding: !held.isEmpty)
        else {
            for name in missing { remove(name, &changed) }
            return
        }
        hold(missing, at: moment)
    }

    private mutating func hold(_ names: some Collection<ServiceName>, at moment: FeedMoment) {
        guard !names.isEmpty else { return }
        if held.isEmpty {
            heldDeadline = settings.brakeSeconds.map { moment.seconds + $0 } ?? .infinity
        }
        held.formUnion(names)
    }

    private mutating func lose(since: Double, at moment: FeedMoment) {
        if case .lost = hearing { return }
        // A clock that was set back makes no time pass, and nothing was lost in the future: what
        // says so would be as fresh at each start as at the first.
        let gone = max(0, moment.wallSeconds - since)
        hearing = .lost(
            since: FeedMoment(
                seconds: moment.seconds - gone, wallSeconds: min(since, moment.wallSeconds)),
            deadline: moment.seconds + max(0, settings.stale.afterSeconds - gone))
    }

    private mutating func set(_ service: ExportedService?, for name: ServiceName) {
        for cluster in services[name]?.endpoints.clusters ?? [] {
            let count = (clusters[cluster] ?? 1) - 1
            clusters[cluster] = count > 0 ? count : nil
        }
        services[name] = service
        for cluster in service?.endpoints.clusters ?? [] { clusters[cluster, default: 0] += 1 }
    }
}

extension PackedEndpoints {
    /// The clusters that the endpoints are in, once for each locality there.
    var clusters: [String] { localities.compactMap(\.cluster) }
}
