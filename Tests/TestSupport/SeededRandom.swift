// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation

/// Random numbers that the same seed brings again (SplitMix64).
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What the environment says about a run of the tests.
package enum TestRun {
    /// The number in FABDNS_SEED, or a new one, printed once so that the run can be repeated.
    package static let seed: UInt64 = {
        let seed =
            ProcessInfo.processInfo.environment["FABDNS_SEED"].flatMap { UInt64($0) }
            ?? .random(in: 0...UInt64.max)
        print("FABDNS_SEED=\(seed)")
        return seed
    }()

    /// How often longer than promised things may take: FABDNS_PATIENCE, for sanitizers.
    package static let patience =
        ProcessInfo.processInfo.environment["FABDNS_PATIENCE"].flatMap { Int($0) } ?? 1

    /// Whether FABDNS_THOROUGH=1 asks for the long form of what is sampled otherwise.
    package static let isThorough = ProcessInfo.processInfo.environment["FABDNS_THOROUGH"] == "1"
}
