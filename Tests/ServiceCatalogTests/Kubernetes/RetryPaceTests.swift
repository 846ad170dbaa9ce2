// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("How long lists and watches wait before they are tried again")
struct RetryPaceTests {
    private var random = SeededRandom(seed: TestRun.seed)
    private var pace = RetryPace(trial: 5_000, slowRetry: 2_000)

    /// The bounds of the next waits, each seen as the wait that it allows.
    private mutating func expect(_ bounds: [Int], after cause: RetryPace.Cause = .fault) {
        for bound in bounds {
            let wait = pace.next(after: cause, using: &random)
            #expect(bound / 8...bound ~= wait, "\(wait) ms")
        }
    }

    private mutating func works(from start: UInt64, to end: UInt64) -> Bool {
        pace.watchStands(at: start)
        return pace.watchEnds(at: end)
    }

    private mutating func expectOneHurry() {
        let hurries = [pace.mayHurry(), pace.mayHurry()]
        #expect(hurries == [true, false])
    }

    @Test("Waits grow as long as no watch has stood for its trial")
    mutating func short() {
        for (cause, bounds) in [
            (RetryPace.Cause.fault, [400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]),
            (.refusal, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]),
            (.missingKind, [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000]),
        ] {
            for (index, bound) in bounds.enumerated() {
                expect([bound], after: cause)
                let now = UInt64(index) * 10_000
                let hasWorked = works(from: now, to: now + 4_999)
                #expect(!hasWorked)
            }
        }
    }

    @Test("After a watch that has stood for its trial the first waits hold again")
    mutating func worked() {
        for cause in [RetryPace.Cause.fault, .refusal, .missingKind] {
            for _ in 0..<10 { _ = pace.next(after: cause, using: &random) }
        }
        let hasWorked = works(from: 1_000, to: 6_000)
        #expect(hasWorked)
        let hasEndedAgain = pace.watchEnds(at: 60_000)
        #expect(!hasEndedAgain)
        expect([400, 800])
        expect([2_000, 4_000], after: .refusal)
        expect([2_000, 4_000], after: .missingKind)
    }

    @Test("A wait is cut short once, and a version that is too old counts little once, in a row")
    mutating func once() {
        expectOneHurry()
        expect([400, 800])
        pace.expired()
        expect([400])
        pace.expired()
        expect([800])
        let hasWorked = works(from: 0, to: 5_000)
        #expect(hasWorked)
        expectOneHurry()
        expect([400])
        pace.expired()
        expect([400])
    }

    @Test("A list has a bounded number of pages, and fewer in a row without objects")
    func pages() {
        var bounds = CollectionBounds(maximumObjects: 1_000_000)
        func turns(atMost most: Int, objects: Int) -> Int {
            (0..<most).prefix { _ in
                for _ in 0..<objects { _ = bounds.add() }
                return bounds.turnPage()
            }.count
        }
        #expect(turns(atMost: 99, objects: 0) == 99)
        #expect(turns(atMost: 1, objects: 1) == 1)
        #expect(turns(atMost: 1_000, objects: 0) == 99)
        bounds.begin()
        #expect(turns(atMost: 20_000, objects: 1) == 9_999)
    }
}
