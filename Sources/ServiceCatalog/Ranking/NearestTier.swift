// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Endpoints grouped by locality, as the ranking sees them: how near each group is, and how many of
/// it can be answered.
@usableFromInline
package protocol LocalityGroups {
    var count: Int { get }
    /// The tier of a group for the asker; smaller is nearer.
    func tier(of group: Int) -> UInt8
    /// Ready addresses of the family.
    func readyCount(of group: Int, family: AddressFamily) -> Int
}

/// Hears what the ranking saw and chose: how an answer is explained.
@usableFromInline
package protocol RankingRecorder {
    mutating func considered(group: Int, tier: UInt8, readyCount: Int)
    mutating func chose(_ choice: TierChoice?)
}

/// Records nothing: what the packet path passes.
@usableFromInline
package struct NoRecorder: RankingRecorder {
    @inlinable package init() {}
    @inlinable package mutating func considered(group: Int, tier: UInt8, readyCount: Int) {}
    @inlinable package mutating func chose(_ choice: TierChoice?) {}
}

/// The tier that is the whole answer, and the number of addresses in it.
@usableFromInline
package struct TierChoice: Equatable, Sendable {
    @usableFromInline package let tier: UInt8
    @usableFromInline package let count: Int
    /// The group that has all of them; nil when several groups do.
    @usableFromInline package let onlyGroup: Int?

    @inlinable package init(tier: UInt8, count: Int, onlyGroup: Int?) {
        self.tier = tier
        self.count = count
        self.onlyGroup = onlyGroup
    }
}

/// The first tier that has a ready address of the family; nil when none has.
///
/// Each family is ranked alone: a cluster without IPv6 does not keep AAAA from the next tier.
@inlinable
package func nearestTier<Groups: LocalityGroups, Recorder: RankingRecorder>(
    of groups: Groups, family: AddressFamily, recorder: inout Recorder
) -> TierChoice? {
    var nearest = UInt8.max
    var count = 0
    var onlyGroup: Int?
    var index = 0
    while index < groups.count {
        let ready = groups.readyCount(of: index, family: family)
        let tier = groups.tier(of: index)
        recorder.considered(group: index, tier: tier, readyCount: ready)
        if ready > 0 {
            if tier < nearest {
                nearest = tier
                count = ready
                onlyGroup = index
            } else if tier == nearest {
                count &+= ready
                onlyGroup = nil
            }
        }
        index &+= 1
    }
    let choice = count > 0 ? TierChoice(tier: nearest, count: count, onlyGroup: onlyGroup) : nil
    recorder.chose(choice)
    return choice
}
