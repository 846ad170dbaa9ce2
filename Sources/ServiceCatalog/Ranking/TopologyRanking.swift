// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A rung of the ladder that makes endpoints near; smaller tiers are nearer.
package enum Rung: Sendable, Hashable {
    case cluster
    case zone
    case region
}

/// How near is near: which topologies are compared, in which order.
package struct RankingPolicy: Sendable, Hashable {
    package let rungs: [Rung]

    /// Own cluster, own zone, own region, then everything: a flat ladder, a zone is compared
    /// without its region.
    package static let standard = RankingPolicy(rungs: [.cluster, .zone, .region])

    /// The tier of a locality for an asker: the first rung on which both are the same, else the
    /// number of rungs.
    package func tier(of locality: Locality, seenFrom place: Place) -> UInt8 {
        let rung = rungs.firstIndex { rung in
            switch rung {
            case .cluster: Self.same(locality.cluster, place.cluster)
            case .zone: Self.same(locality.zone, place.zone)
            case .region: Self.same(locality.region, place.region)
            }
        }
        return UInt8(truncatingIfNeeded: rung ?? rungs.count)
    }

    /// What is not known is the same as nothing, not even as another unknown.
    private static func same(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return false }
        return left == right
    }
}
