// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An immutable catalog: what services exist where, at one moment.
package struct CatalogSnapshot: Sendable {
    /// Grows by one with each publication.
    package let generation: UInt64
    package let services: ShardedMap<ServiceName, ExportedService>
    /// How each cluster stands; one that is not here is live.
    package let clusters: [String: ClusterCondition]
    /// Feeds that have said nothing complete yet: what is not in `services` may exist all the same.
    package let awaited: [AwaitedFeed]
    /// How many services the shrink brake keeps, by feed.
    package let held: [FeedIdentity: Int]
    /// What clusters disagree on, by service; those that agree are not here.
    package let conflicts: [ServiceName: [ExportConflict]]

    package init(
        generation: UInt64, services: ShardedMap<ServiceName, ExportedService>,
        clusters: [String: ClusterCondition] = [:], awaited: [AwaitedFeed] = [],
        held: [FeedIdentity: Int] = [:], conflicts: [ServiceName: [ExportConflict]] = [:]
    ) {
        self.generation = generation
        self.services = services
        self.clusters = clusters
        self.awaited = awaited
        self.held = held
        self.conflicts = conflicts
    }
}

/// What moved between two snapshots.
package struct CatalogChange: Sendable {
    /// Services that came, went or differ.
    package let names: [ServiceName]
    /// Whether a cluster stands otherwise than before, or a feed is no longer awaited.
    package let concernsClusters: Bool

    package init(names: [ServiceName], concernsClusters: Bool = false) {
        self.names = names
        self.concernsClusters = concernsClusters
    }
}
