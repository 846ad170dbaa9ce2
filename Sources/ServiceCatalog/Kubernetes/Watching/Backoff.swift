// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How long to wait before the next try: a random part of a bound that doubles (full jitter), so
/// that a thousand clients of an API server that comes back do not come at once.
struct Backoff: Sendable {
    private let first: Int
    private let last: Int
    private var bound: Int

    /// In milliseconds.
    init(first: Int = 400, last: Int = 15_000) {
        self.first = first
        self.last = last
        bound = first
    }

    /// The next wait in milliseconds; at least `atLeast`, as a Retry-After asks.
    mutating func next(
        atLeast least: Int = 0, using generator: inout some RandomNumberGenerator
    ) -> Int {
        defer { bound = min(bound * 2, last) }
        return least + Int.random(in: bound / 8...bound, using: &generator)
    }

    /// Begins anew: the last try has succeeded.
    mutating func reset() { bound = first }
}
