// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// What the workers are told of localities: their tiers for the askers of each place, and which of
/// them lie in a cluster that is stale.
struct LocalityRows {
    private struct PlaceRow {
        let number: Int
        let place: Place
        var row: LocalityRow
    }

    private static let policy = RankingPolicy.standard

    private var places: [PlaceRow] = []
    private var clusters: [String: ClusterCondition] = [:]
    /// 1 for localities of stale clusters; nil where none is.
    private(set) var stale: LocalityRow?

    /// The tiers with the numbers of their places.
    var numbered: [(number: Int, row: LocalityRow)] { places.map { ($0.number, $0.row) } }

    /// All rows that workers may see.
    var all: [LocalityRow] { places.map(\.row) + [stale].compactMap(\.self) }

    mutating func add(_ place: Place, number: Int, _ localities: [Locality]) -> LocalityRow {
        let row = tiers(for: place, localities)
        places.append(PlaceRow(number: number, place: place, row: row))
        return row
    }

    /// Forgets all other places; their rows.
    mutating func keep(_ numbers: Set<Int>) -> [LocalityRow] {
        let gone = places.filter { !numbers.contains($0.number) }
        places.removeAll { !numbers.contains($0.number) }
        return gone.map(\.row)
    }

    /// Makes every row anew; the old ones.
    mutating func renew(
        _ localities: [Locality], clusters: [String: ClusterCondition]
    ) -> [LocalityRow] {
        let old = all
        self.clusters = clusters
        for index in places.indices {
            places[index].row = tiers(for: places[index].place, localities)
        }
        let hasStale = clusters.values.contains { !$0.isLive }
        stale =
            hasStale
            ? LocalityRow(localities: localities, rest: 0) { locality in
                condition(of: locality).isLive ? 0 : 1
            } : nil
        return old
    }

    /// Clusters that are demoted are behind every other.
    private func tiers(for place: Place, _ localities: [Locality]) -> LocalityRow {
        let last = UInt8(Self.policy.rungs.count)
        return LocalityRow(localities: localities, rest: last) { locality in
            condition(of: locality).isDemoted
                ? last + 1 : Self.policy.tier(of: locality, seenFrom: place)
        }
    }

    private func condition(of locality: Locality) -> ClusterCondition {
        locality.cluster.flatMap { clusters[$0] } ?? .live
    }
}
