// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing
import TestSupport

@testable import ServiceCatalog

@Suite("Whether an API is heard, and when to ask again")
struct LinkStateTests {
    /// A link as its user has it: told of the line, and of the time at each deadline.
    struct Driven {
        var link = LinkState(now: 0)
        var now = 0.0
        /// Each change, as `back 2.5` or `lost 3.0 since 0.0`.
        var told: [String] = []

        /// Time passes; at each deadline on the way the link is told so.
        mutating func pass(to end: Double) {
            var turns = 0
            while let deadline = link.deadline, deadline <= end {
                now = max(now, deadline)
                note(link.advance(to: now))
                turns += 1
                guard turns < 10 else {
                    Issue.record("a deadline that is due comes again and again")
                    return
                }
            }
            now = end
            note(link.advance(to: now))
        }

        mutating func set(isUp: Bool, at time: Double) {
            pass(to: time)
            note(link.set(isUp: isUp, at: now))
        }

        private mutating func note(_ change: LinkState.Change?) {
            switch change {
            case .back: told.append("back \(now)")
            case .lost(let since): told.append("lost \(now) since \(since)")
            case nil: break
            }
        }
    }

    /// A link that was up from the beginning.
    static func live() -> Driven {
        var link = Driven()
        link.set(isUp: true, at: 0)
        link.told = []
        return link
    }

    @Test("The first word comes at once where the line is up, and after three seconds where not")
    func firstWord() {
        var up = Driven()
        #expect(up.link.isLive == nil)
        up.set(isUp: true, at: 1)
        #expect(up.told == ["back 1.0"])
        #expect(up.link.isLive == true)
        #expect(up.link.deadline == nil)
        var down = Driven()
        #expect(down.link.deadline == 3)
        down.pass(to: 2.9)
        #expect(down.told == [])
        down.pass(to: 100)
        #expect(down.told == ["lost 3.0 since 0.0"])
        #expect(down.link.isLive == false)
        #expect(down.link.deadline == nil)
    }

    @Test("A loss counts once it has lasted three seconds, since its beginning")
    func loss() {
        for (length, isTold) in [(2.9, false), (3, true), (3.1, true)] {
            var link = Self.live()
            link.set(isUp: false, at: 10)
            link.set(isUp: true, at: 10 + length)
            #expect(link.told.first == (isTold ? "lost 13.0 since 10.0" : nil))
        }
    }

    @Test("A line is back once it has held for two seconds and a half")
    func back() {
        for (length, isTold) in [(2.4, false), (2.5, true), (2.6, true)] {
            var link = Self.live()
            link.set(isUp: false, at: 10)
            link.set(isUp: true, at: 20)
            link.set(isUp: false, at: 20 + length)
            #expect(link.told.first == "lost 13.0 since 10.0")
            #expect(link.told.dropFirst().first == (isTold ? "back 22.5" : nil))
        }
    }

    @Test("The same word again moves no deadline")
    func again() {
        var link = Self.live()
        for step in 0...30 { link.set(isUp: false, at: 10 + Double(step) / 10) }
        #expect(link.told == ["lost 13.0 since 10.0"])
        for step in 0...25 { link.set(isUp: true, at: 20 + Double(step) / 10) }
        #expect(link.told.last == "back 22.5")
    }

    @Test(
        "A line that comes and goes every few seconds for a minute changes little of what is told",
        arguments: [
            (0.1, 0), (0.5, 0), (1, 0), (2, 0), (2.9, 0), (3, 3), (3.5, 3), (4, 3), (4.9, 3),
        ])
    func flutter(_ period: Double, _ changes: Int) {
        for isUpFirst in [true, false] {
            var link = Self.live()
            var time = 10.0
            var isUp = isUpFirst
            while time < 70 {
                link.set(isUp: isUp, at: time)
                isUp.toggle()
                time += period
            }
            link.pass(to: time)
            #expect(link.told.count <= changes, "\(link.told)")
        }
    }

    @Test("A line that comes and goes every two seconds from the beginning is told once")
    func flutterFirst() {
        for isUpFirst in [true, false] {
            var link = Driven()
            for step in 0...30 {
                link.set(isUp: (step % 2 == 0) == isUpFirst, at: Double(step) * 2)
            }
            #expect(link.told == [isUpFirst ? "back 0.0" : "back 2.0"])
        }
    }

    @Test("A line that is up for two of six seconds stays lost")
    func mostlyDown() {
        var link = Self.live()
        for turn in 0..<20 {
            link.set(isUp: false, at: 10 + Double(turn) * 6)
            link.set(isUp: true, at: 14 + Double(turn) * 6)
        }
        #expect(link.told == ["lost 13.0 since 10.0"])
    }

    @Test("A line has to hold for twice as long after each loss, and for a minute at most")
    func trials() {
        var link = Self.live()
        var time = 10.0
        var waits: [Double] = []
        for _ in 0..<8 {
            link.set(isUp: false, at: time)
            link.set(isUp: true, at: time + 3)
            let deadline = link.link.deadline ?? 0
            waits.append(deadline - (time + 3))
            time = deadline + 1
            link.pass(to: time)
            #expect(link.link.isLive == true)
        }
        #expect(waits == [2.5, 5, 10, 20, 40, 60, 60, 60])
    }

    @Test("A loss is forgotten after ten minutes without another")
    func memory() {
        for (gap, wait) in [(599.0, 5.0), (600, 5), (601, 2.5)] {
            var link = Self.live()
            link.set(isUp: false, at: 10)
            link.set(isUp: true, at: 13)
            link.pass(to: 20)
            // The second loss counts so long after the first one did.
            link.set(isUp: false, at: 10 + gap)
            link.set(isUp: true, at: 13 + gap)
            #expect(link.link.deadline == 13 + gap + wait)
        }
    }

    // MARK: Backoff

    @Test(
        "A wait is a random part of a bound that doubles up to the last one, and no less than an eighth"
    )
    func bounds() {
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<200 {
            var backoff = Backoff(first: 400, last: 30_000)
            for bound in [400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000] {
                #expect(bound / 8...bound ~= backoff.next(using: &random))
            }
        }
    }

    @Test("Waits are spread over the whole bound")
    func spread() {
        var random = SeededRandom(seed: TestRun.seed)
        var waits: [Int] = []
        for _ in 0..<1000 {
            var backoff = Backoff(first: 800, last: 800)
            waits.append(backoff.next(using: &random))
        }
        #expect((waits.min() ?? 0) < 200)
        #expect((waits.max() ?? 0) > 700)
    }

    @Test("What a server asks for comes on top")
    func atLeast() {
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<200 {
            var backoff = Backoff(first: 400)
            #expect(5050...5400 ~= backoff.next(atLeast: 5000, using: &random))
            #expect(5100...5800 ~= backoff.next(atLeast: 5000, using: &random))
        }
    }

    @Test("After a success the first bound holds again")
    func reset() {
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<200 {
            var backoff = Backoff(first: 400)
            for _ in 0..<10 { _ = backoff.next(using: &random) }
            backoff.reset()
            #expect(50...400 ~= backoff.next(using: &random))
            #expect(100...800 ~= backoff.next(using: &random))
        }
    }
}
