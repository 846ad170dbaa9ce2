// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog
internal import Synchronization

/// Whether a catalog can be answered from.
struct CatalogStanding: Sendable, Equatable {
    /// Feeds that have delivered nothing yet, and why.
    var awaited: [AwaitedFeed] = []
    /// Whether some feed has delivered something.
    var hasContent = false
    /// How clusters stand that are not live.
    var stale: [String: ClusterCondition] = [:]
    /// How many services the shrink brake keeps, by feed.
    var held: [FeedIdentity: Int] = [:]
}

/// Services and endpoints of a catalog by cluster, counted when somebody asks.
final class CatalogCount: @unchecked Sendable {
    // Premise of @unchecked Sendable: used on the catalog's queue only, but for what is behind a
    // mutex.
    private(set) var snapshot: CatalogSnapshot?
    private var known = CatalogFigures()
    private let noted = Mutex(CatalogStanding())

    /// From any queue.
    var standing: CatalogStanding { noted.withLock { $0 } }

    func note(_ snapshot: CatalogSnapshot) {
        self.snapshot = snapshot
        let standing = CatalogStanding(
            awaited: snapshot.awaited,
            hasContent: !snapshot.clusters.isEmpty || snapshot.services.count > 0,
            stale: snapshot.clusters.filter { !$0.value.isLive },
            held: snapshot.held)
        noted.withLock { $0 = standing }
    }

    /// Counted once for each generation.
    var figures: CatalogFigures {
        guard let snapshot, snapshot.generation != known.generation else { return known }
        known = CatalogFigures()
        known.generation = snapshot.generation
        known.conditions = snapshot.clusters
        known.held = snapshot.held
        known.conflictCount = snapshot.conflicts.count
        snapshot.services.forEach { _, service in
            var clusters: Set<String> = []
            for endpoint in service.endpoints {
                guard let cluster = endpoint.locality.cluster else { continue }
                known.endpoints[cluster, default: 0] += 1
                clusters.insert(cluster)
            }
            for cluster in clusters { known.services[cluster, default: 0] += 1 }
        }
        return known
    }
}
