// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import Dispatch
internal import Glibc

/// What is known of all services, kept up to date by feeds and published as snapshots.
///
/// Owned by one queue.
package final class Catalog: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only, which `apply`
    // checks.
    private let queue: DispatchQueue
    private let publish: (CatalogSnapshot, CatalogChange) -> Void
    private var feeds: FeedSet
    private var snapshot: CatalogSnapshot
    /// The deadline that a timer waits for, on the monotonic clock.
    private var awaitedDeadline = Double.infinity

    /// `publish` is called on the queue, once for each batch of events that changes something.
    package init(
        queue: DispatchQueue, feeds: [CatalogFeed] = [CatalogFeed(.file)],
        publish: @escaping (CatalogSnapshot, CatalogChange) -> Void
    ) {
        self.queue = queue
        self.publish = publish
        self.feeds = FeedSet(feeds)
        snapshot = CatalogSnapshot(
            generation: 0, services: ShardedMap(), awaited: self.feeds.awaited)
    }

    /// Publishes what is known before the first event: that nothing is.
    package func announce() {
        dispatchPrecondition(condition: .onQueue(queue))
        publish(snapshot, CatalogChange(names: [], concernsClusters: true))
    }

    /// Takes a batch of a feed's events; applying one twice changes nothing.
    package func apply(_ events: [FeedEvent], from feed: FeedIdentity = .file) {
        apply([(events, feed)])
    }

    /// Takes batches of several feeds in their order, and publishes them as one.
    package func apply(_ batches: [(events: [FeedEvent], feed: FeedIdentity)]) {
        change { feeds, moment in
            batches.reduce(into: Set<ServiceName>()) { names, batch in
                names.formUnion(feeds.apply(batch.events, from: batch.feed, at: moment))
            }
        }
    }

    /// What is known of a feed from another time.
    package struct Restored: Sendable {
        package let feed: FeedIdentity
        package let services: [ExportedService]
        /// When it was current, in seconds since 1970.
        package let since: Double
        /// Those of the services that the shrink brake kept.
        package let held: Set<ServiceName>

        package init(
            feed: FeedIdentity, services: [ExportedService], since: Double,
            held: Set<ServiceName> = []
        ) {
            self.feed = feed
            self.services = services
            self.since = since
            self.held = held
        }
    }

    /// Takes what was saved of feeds that have not been heard yet, all at once.
    package func restore(_ all: [Restored]) {
        change { feeds, moment in
            all.reduce(into: Set<ServiceName>()) { names, saved in
                names.formUnion(feeds.restore(saved, at: moment))
            }
        }
    }

    /// Lets go what the shrink brake keeps of a feed.
    package func releaseBrake(of feed: FeedIdentity) {
        change { feeds, moment in feeds.releaseBrake(of: feed, at: moment) }
    }

    /// Feeds come and go; those that stay keep what they know.
    package func setFeeds(_ settings: [CatalogFeed]) {
        change { feeds, moment in feeds.setFeeds(settings, at: moment) }
    }

    /// How the feeds stand.
    package var feedStatuses: [FeedStatus] {
        dispatchPrecondition(condition: .onQueue(queue))
        let moment = FeedMoment.now
        return feeds.feeds.map { $0.status(at: moment) }
    }

    /// For how long each cluster has not been heard that is not live.
    package var silentSeconds: [String: Double] {
        dispatchPrecondition(condition: .onQueue(queue))
        return feeds.silentSeconds(at: FeedMoment.now)
    }

    /// What is known of a feed, to be saved, and when it was current; nil while it is nothing.
    ///
    /// The time is told on the wall clock of now, which may have been set since.
    package func content(
        of feed: FeedIdentity
    ) -> (services: [ServiceName: ExportedService], since: Double, held: Set<ServiceName>)? {
        dispatchPrecondition(condition: .onQueue(queue))
        guard let known = feeds.feeds.first(where: { $0.identity == feed }), known.hasContent else {
            return nil
        }
        let now = FeedMoment.now
        return (
            known.services, now.wallSeconds - (known.silentSeconds(at: now) ?? 0), known.held
        )
    }

    private func change(_ body: (inout FeedSet, FeedMoment) -> Set<ServiceName>) {
        dispatchPrecondition(condition: .onQueue(queue))
        let moment = FeedMoment.now
        let names = Array(body(&feeds, moment))
        let merged = merged(names)
        var services = snapshot.services
        var conflicts = snapshot.conflicts
        var changed: [ServiceName] = []
        for (name, found) in zip(names, merged) {
            let service = found?.service
            note(found?.conflicts ?? [], of: name, in: &conflicts)
            guard services[name] != service else { continue }
            services[name] = service
            changed.append(name)
        }
        let concernsClusters =
            feeds.clusters != snapshot.clusters || feeds.awaited != snapshot.awaited
            || feeds.held != snapshot.held
        awaitDeadline(after: moment)
        let isNews = !changed.isEmpty || concernsClusters || conflicts != snapshot.conflicts
        guard isNews else { return }
        snapshot = CatalogSnapshot(
            generation: snapshot.generation + 1, services: services, clusters: feeds.clusters,
            awaited: feeds.awaited, held: feeds.held, conflicts: conflicts)
        publish(snapshot, CatalogChange(names: changed, concernsClusters: concernsClusters))
    }

    /// Nothing is copied while clusters go on disagreeing, or agreeing.
    private func note(
        _ found: [ExportConflict], of name: ServiceName,
        in conflicts: inout [ServiceName: [ExportConflict]]
    ) {
        guard conflicts[name] ?? [] != found else { return }
        conflicts[name] = found.isEmpty ? nil : found
    }

    private func merged(_ names: [ServiceName]) -> [FeedSet.Merged?] {
        guard snapshot.services.count == 0 else { return names.map { feeds.service($0) } }
        return names.mapOnAllCores { [feeds] in feeds.service($0) }
    }

    /// `moment` is the one at which the feeds were looked at last.
    private func awaitDeadline(after moment: FeedMoment) {
        let deadline = feeds.nextDeadline(after: moment)
        guard deadline < awaitedDeadline else { return }
        awaitedDeadline = deadline
        let wait = max(0, deadline - FeedMoment.now.seconds)
        queue.asyncAfter(deadline: .now() + wait) { [weak self] in
            self?.awaitedDeadline = .infinity
            self?.change { feeds, moment in feeds.advance(to: moment) }
        }
    }
}

extension FeedMoment {
    package static var now: FeedMoment {
        FeedMoment(seconds: clock(CLOCK_BOOTTIME), wallSeconds: clock(CLOCK_REALTIME))
    }

    private static func clock(_ identifier: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(identifier, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
