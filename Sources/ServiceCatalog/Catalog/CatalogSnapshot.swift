// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An immutable catalog: what services exist where, at one moment.
package struct CatalogSnapshot: Sendable {
    /// Grows by one with each publication.
    package let generation: UInt64
    package let services: ShardedMap<ServiceName, ExportedService>
    package let freshness: Freshness

    package init(
        generation: UInt64, services: ShardedMap<ServiceName, ExportedService>,
        freshness: Freshness = .live
    ) {
        self.generation = generation
        self.services = services
        self.freshness = freshness
    }
}

/// What moved between two snapshots.
package struct CatalogChange: Sendable {
    /// Services that came, went or differ.
    package let names: [ServiceName]

    package init(names: [ServiceName]) { self.names = names }
}

/// How current a feed is.
package enum Freshness: Sendable, Equatable {
    /// Nothing complete has come yet.
    case unsynced
    case live
    /// The source has not been heard since then, in seconds since 1970.
    case stale(since: Double)
}
