// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How long to wait before a list or its watch is tried again: a value, told the time.
///
/// Waits grow until a watch has worked, which is: has stood for a while. Neither a list nor the
/// head of a watch proves anything; where one of the two works and the other does not, they would
/// take turns without end.
struct RetryPace: Sendable {
    enum Cause {
        /// What passes by itself.
        case fault
        /// What somebody has to grant.
        case refusal
        /// A kind that is not installed: nearly always it never is, and asking costs octets.
        case missingKind
    }

    private let trial: UInt64
    private var faults = Backoff()
    private var refusals: Backoff
    private var missingKinds: Backoff
    /// Since when the watch stands that runs.
    private var heardSince: UInt64?
    /// What is done at once but once, until a watch has worked.
    private var hasHurried = false
    private var hasExpired = false

    /// A watch has worked that stood for `trial`; the times of the caller's clock are milliseconds.
    init(trial: Int, slowRetry: Int) {
        self.trial = UInt64(max(0, trial))
        refusals = Backoff(first: slowRetry, last: 30_000)
        missingKinds = Backoff(first: slowRetry, last: 120_000)
    }

    /// A watch stands: its head came, and what it was to begin with.
    mutating func watchStands(at now: UInt64) { heardSince = now }

    /// A watch is over that may have stood; true: it has worked, and all begins anew.
    @discardableResult
    mutating func watchEnds(at now: UInt64) -> Bool {
        defer { heardSince = nil }
        guard let heardSince, now >= heardSince + trial else { return false }
        startOver()
        (hasHurried, hasExpired) = (false, false)
        return true
    }

    /// The next wait in milliseconds; at least `atLeast`, as a Retry-After asks.
    mutating func next(
        after cause: Cause, atLeast least: Int = 0,
        using generator: inout some RandomNumberGenerator
    ) -> Int {
        switch cause {
        case .fault: faults.next(atLeast: least, using: &generator)
        case .refusal: refusals.next(atLeast: least, using: &generator)
        case .missingKind: missingKinds.next(atLeast: least, using: &generator)
        }
    }

    /// Whether the wait may be cut short since others are answered.
    mutating func mayHurry() -> Bool {
        defer { hasHurried = true }
        return !hasHurried
    }

    /// The server no longer knows how far a watch was, but it is there: that is no reason to wait
    /// for long, unless it says so again and again.
    mutating func expired() {
        if !hasExpired { startOver() }
        hasExpired = true
    }

    private mutating func startOver() {
        faults.reset()
        refusals.reset()
        missingKinds.reset()
    }
}
