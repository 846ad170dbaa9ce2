// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// Why a name answers what it answers to an asker in a place.
///
/// The server's ranking decides; this listens to it and tells what it heard.
struct Explanation: Sendable {
    /// Why an address is in the answer or is not.
    enum Verdict: String, Sendable {
        case chosen
        /// The same address stands in an answered endpoint already.
        case repeated
        case notReady = "not-ready"
        /// A nearer tier has an answer.
        case farther
        case otherFamily = "other-family"
    }

    /// One address of an endpoint, as one family sees it.
    struct Candidate: Sendable {
        let address: IPAddress
        let endpoint: Endpoint
        let tier: Int
        let verdict: Verdict
    }

    struct Family: Sendable {
        enum Status: String, Sendable { case answered, nodata, nxdomain }

        let family: AddressFamily
        let status: Status
        /// The ready addresses of each tier, nearest first; the last tier is everything.
        let readyCounts: [Int]
        let chosenTier: Int?
        let candidates: [Candidate]

        var addresses: [IPAddress] { candidates.filter { $0.verdict == .chosen }.map(\.address) }
    }

    let served: ServedName
    let place: Place
    let policy: RankingPolicy
    let families: [Family]

    init(_ served: ServedName, from place: Place, policy: RankingPolicy = .standard) {
        self.served = served
        self.place = place
        self.policy = policy
        let exists = served.members.contains { $0.endpoint.conditions.contains(.isReady) }
        families = AddressFamily.allCases.map { family in
            Self.explain(served, family, place, policy, exists: exists)
        }
    }

    var exists: Bool { families.contains { $0.status != .nxdomain } }

    private static func explain(
        _ served: ServedName, _ family: AddressFamily, _ place: Place, _ policy: RankingPolicy,
        exists: Bool
    ) -> Family {
        let groups = EndpointGroups(served, from: place, policy)
        var recorder = TierRecorder(tierCount: policy.rungs.count + 1)
        let choice = nearestTier(of: groups, family: family, recorder: &recorder)
        let chosen = choice.map { Int($0.tier) }
        var seen: Set<IPAddress> = []
        let candidates = served.members.flatMap { member -> [Candidate] in
            let tier = Int(groups.tier(of: member.endpoint.locality))
            let own = member.addresses.filter { $0.family == family }
            guard !own.isEmpty else {
                return member.addresses.prefix(1).map { address in
                    Candidate(
                        address: address, endpoint: member.endpoint, tier: tier,
                        verdict: .otherFamily)
                }
            }
            return own.map { address in
                let verdict: Verdict
                if !member.endpoint.conditions.contains(.isReady) {
                    verdict = .notReady
                } else if tier != chosen {
                    verdict = .farther
                } else {
                    verdict = seen.insert(address).inserted ? .chosen : .repeated
                }
                return Candidate(
                    address: address, endpoint: member.endpoint, tier: tier, verdict: verdict)
            }
        }
        return Family(
            family: family, status: !exists ? .nxdomain : choice == nil ? .nodata : .answered,
            readyCounts: recorder.readyCounts, chosenTier: recorder.choice.map { Int($0.tier) },
            candidates: candidates)
    }
}

/// The endpoints of a name as the ranking sees them: one group per locality.
struct EndpointGroups: LocalityGroups {
    private let localities: [Locality]
    private let tiers: [Locality: UInt8]
    private var ready: [[AddressFamily: Int]] = []

    /// A name that is not ranked has all of its endpoints in one tier.
    init(_ served: ServedName, from place: Place, _ policy: RankingPolicy) {
        var localities: [Locality] = []
        var addresses: [Locality: Set<IPAddress>] = [:]
        for member in served.members {
            let locality = member.endpoint.locality
            if addresses[locality] == nil { localities.append(locality) }
            addresses[locality, default: []].formUnion(
                member.endpoint.conditions.contains(.isReady) ? member.addresses : [])
        }
        self.localities = localities
        tiers = Dictionary(
            uniqueKeysWithValues: localities.map { locality in
                (locality, served.isRanked ? policy.tier(of: locality, seenFrom: place) : 0)
            })
        ready = localities.map { locality in
            Dictionary(grouping: addresses[locality] ?? [], by: \.family).mapValues(\.count)
        }
    }

    var count: Int { localities.count }

    func tier(of locality: Locality) -> UInt8 { tiers[locality] ?? .max }
    func tier(of group: Int) -> UInt8 { tier(of: localities[group]) }

    func readyCount(of group: Int, family: AddressFamily) -> Int { ready[group][family] ?? 0 }
}

/// Keeps what the ranking considers and chooses.
struct TierRecorder: RankingRecorder {
    private(set) var readyCounts: [Int]
    private(set) var choice: TierChoice?

    init(tierCount: Int) { readyCounts = Array(repeating: 0, count: tierCount) }

    mutating func considered(group: Int, tier: UInt8, readyCount: Int) {
        guard Int(tier) < readyCounts.count else { return }
        readyCounts[Int(tier)] += readyCount
    }

    mutating func chose(_ choice: TierChoice?) { self.choice = choice }
}
