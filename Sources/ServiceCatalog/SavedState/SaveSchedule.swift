// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// When what has changed is saved: a value, told the time of a clock that nobody sets.
///
/// Writing begins an interval after the first change that is not saved, so that writes are as far
/// apart and a burst of changes is one.
package struct SaveSchedule: Sendable {
    package static let standardInterval = 30.0

    /// In seconds.
    private let interval: Double
    private var firstChange: Double?
    private var lastChange = -Double.infinity

    package init(interval: Double = standardInterval) { self.interval = interval }

    /// When to save; nil while all is saved.
    package var deadline: Double? { firstChange.map { $0 + interval } }

    package mutating func noteChange(at now: Double) {
        lastChange = max(lastChange, now)
        firstChange = firstChange ?? now
    }

    /// What was so at that time is saved; changes may have come while it was written.
    package mutating func noteSaved(at moment: Double) {
        firstChange = lastChange > moment ? moment : nil
    }

    /// It could not be saved: the next attempt is no sooner than another write.
    package mutating func noteFailed(at now: Double) {
        firstChange = now
    }
}
