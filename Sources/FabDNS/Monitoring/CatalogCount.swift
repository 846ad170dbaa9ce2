// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// Services and endpoints of a catalog by cluster, counted when somebody asks.
final class CatalogCount: @unchecked Sendable {
    // Premise of @unchecked Sendable: used on the catalog's queue only.
    var snapshot: CatalogSnapshot?
    private var known = CatalogFigures()

    /// Counted once for each generation.
    var figures: CatalogFigures {
        guard let snapshot, snapshot.generation != known.generation else { return known }
        known = CatalogFigures(generation: snapshot.generation)
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
