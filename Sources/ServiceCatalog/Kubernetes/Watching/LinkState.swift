// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Whether an API is heard, without the flutter of a bad line: a value, told the time.
///
/// A loss counts once it has lasted `patience`. After one the line has to hold for `trial` before
/// it counts as back, and for twice as long after each further loss; after `memory` without one the
/// first trial holds again. So a line that comes and goes every few seconds changes nothing.
struct LinkState {
    enum Change: Equatable {
        case back
        /// Since when, in the seconds of the caller's clock.
        case lost(since: Double)
    }

    static let patience = 3.0
    static let firstTrial = 2.5
    static let longestTrial = 60.0
    static let memory = 600.0

    /// What others have been told; nil before the first word.
    private(set) var isLive: Bool?
    private var isUp = false
    /// When `isUp` became so.
    private var since: Double
    private var trial = firstTrial
    private var lastLoss = -Double.infinity

    /// Nothing is up yet at the moment `now`.
    init(now: Double) { since = now }

    /// The line came or went.
    mutating func set(isUp: Bool, at now: Double) -> Change? {
        if isUp != self.isUp {
            self.isUp = isUp
            since = now
        }
        return advance(to: now)
    }

    /// When to call `advance` next; nil: nothing is under way.
    var deadline: Double? {
        switch (isLive, isUp) {
        case (true, true), (false, false): nil
        case (nil, true): since
        case (false, true): since + trial
        case (true, false), (nil, false): since + Self.patience
        }
    }

    /// Time has passed.
    mutating func advance(to now: Double) -> Change? {
        guard let deadline, now >= deadline else { return nil }
        isLive = isUp
        if isUp { return .back }
        trial =
            now - lastLoss > Self.memory
            ? Self.firstTrial : min(trial * 2, Self.longestTrial)
        lastLoss = now
        return .lost(since: since)
    }
}
