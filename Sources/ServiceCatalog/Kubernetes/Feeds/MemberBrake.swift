// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The shrink brake for clusters that Secrets name: a value that says which of them go.
package struct MemberBrake: Sendable {
    /// What lists no longer had, and is kept.
    package private(set) var held: Set<String> = []

    package init() {}

    /// The clusters that go, of those that are known, now that Secrets name these.
    ///
    /// What is held stays, whatever other Secrets do, until it is named or deleted or a list has
    /// most again.
    package mutating func leaving(
        _ known: some Collection<String>, after update: MemberSecretFeed.Update
    ) -> Set<String> {
        let missing = Set(known.filter { update.members[$0] == nil })
        let lost = missing.subtracting(update.deleted)
        held.formIntersection(lost)
        if update.isFromList {
            let isHeld = ShrinkBrake.holds(
                missing: lost.count, of: known.count - missing.count + lost.count,
                isHolding: !held.isEmpty)
            held = isHeld ? lost : []
        }
        return missing.subtracting(held)
    }

    /// Lets go what is held: the clusters that go.
    package mutating func release() -> Set<String> {
        defer { held = [] }
        return held
    }
}
