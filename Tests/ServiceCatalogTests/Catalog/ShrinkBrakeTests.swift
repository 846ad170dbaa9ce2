// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("The shrink brake")
struct ShrinkBrakeTests {
    @Test(
        "A list is held that lacks ten services and more than half",
        arguments: [
            (9, 10, false), (9, 9, false), (10, 10, true), (10, 12, true), (10, 19, true),
            (10, 20, false), (10, 25, false), (11, 21, true), (11, 22, false), (0, 0, false),
            (0, 100, false), (50, 100, false), (51, 100, true), (100, 100, true),
        ])
    func rule(_ missing: Int, _ known: Int, _ isHeld: Bool) {
        #expect(ShrinkBrake.holds(missing: missing, of: known) == isHeld)
    }

    static func names(_ numbers: Range<Int>) -> Set<ServiceName> {
        Set(numbers.map { ExportSamples.name("s\($0)") })
    }

    static func services(_ numbers: Range<Int>) -> [FeedEvent] {
        numbers.map { .upserted(exported("s\($0)", "10.0.0.1@b")) }
    }

    /// A hub that has told so many services.
    static func feeds(_ count: Int, brakeSeconds: Double? = nil) -> DrivenFeeds {
        var feeds = DrivenFeeds(settings: CatalogFeed(.hub, brakeSeconds: brakeSeconds))
        feeds.apply(
            services(0..<count) + [.listed(names(0..<count)), .synced], from: .hub)
        return feeds
    }

    @Test(
        "What a list lacks goes, unless it is held",
        arguments: [(10, 1, 1), (12, 2, 12), (25, 15, 15), (10, 0, 10), (9, 0, 0), (100, 49, 100)])
    func lists(_ known: Int, _ listed: Int, _ left: Int) {
        var feeds = Self.feeds(known)
        #expect(feeds.names.count == known)
        feeds.apply(.listed(Self.names(0..<listed)), from: .hub)
        #expect(feeds.names.count == left)
        #expect(
            feeds.feeds.held == (left == known && listed < known ? [.hub: known - listed] : [:]))
        #expect(feeds.nextDeadline == .infinity)
    }

    @Test("What somebody deletes goes at once, held or not")
    func removals() {
        var feeds = Self.feeds(12)
        feeds.apply(.listed(Self.names(0..<2)), from: .hub)
        #expect(feeds.apply(removed("s5"), from: .hub) == ["s5"])
        #expect(feeds.apply(removed("s1"), from: .hub) == ["s1"])
        #expect(feeds.feeds.held == [.hub: 9])
        #expect(feeds.names.count == 10)
        for number in 0..<12 { feeds.apply(removed("s\(number)"), from: .hub) }
        #expect(feeds.names == [])
        #expect(feeds.feeds.held == [:])
    }

    @Test("What is told again is no longer held")
    func toldAgain() {
        var feeds = Self.feeds(12)
        feeds.apply(.listed(Self.names(0..<2)), from: .hub)
        #expect(feeds.apply(Self.services(5..<6), from: .hub) == [])
        #expect(feeds.feeds.held == [.hub: 9])
        feeds.apply(.upserted(exported("s6", "10.0.0.2@b")), from: .hub)
        #expect(feeds.feeds.held == [.hub: 8])
        #expect(feeds.releaseBrake(of: .hub).count == 8)
        #expect(feeds.names == ["s0", "s1", "s5", "s6"])
    }

    @Test("A list of which a little has come back is held as before; half of it is enough")
    func littleComesBack() {
        var feeds = Self.feeds(12)
        feeds.apply(.listed(Self.names(0..<2)), from: .hub)
        for count in 3..<6 {
            feeds.apply(
                Self.services(count - 1..<count) + [.listed(Self.names(0..<count))], from: .hub)
            #expect(feeds.names.count == 12)
            #expect(feeds.feeds.held == [.hub: 12 - count])
        }
        feeds.apply(Self.services(5..<6) + [.listed(Self.names(0..<6))], from: .hub)
        #expect(feeds.names.count == 6)
        #expect(feeds.feeds.held == [:])
    }

    @Test("A list that is whole again lets go, with the services before it or without")
    func whole() {
        for isTold in [true, false] {
            var feeds = Self.feeds(12, brakeSeconds: 60)
            feeds.apply(.listed(Self.names(0..<2)), from: .hub)
            #expect(feeds.feeds.held == [.hub: 10])
            feeds.apply(
                (isTold ? Self.services(0..<12) : []) + [.listed(Self.names(0..<12))], from: .hub)
            #expect(feeds.feeds.held == [:])
            #expect(feeds.nextDeadline == .infinity)
            #expect(feeds.pass(to: 100) == [])
            #expect(feeds.releaseBrake(of: .hub) == [])
            #expect(feeds.names.count == 12)
        }
    }

    @Test("A list that has more than the last one, and is held all the same, holds the rest")
    func halfWhole() {
        var feeds = Self.feeds(30)
        feeds.apply(.listed(Self.names(0..<2)), from: .hub)
        #expect(feeds.feeds.held == [.hub: 28])
        feeds.apply(.listed(Self.names(5..<10)), from: .hub)
        #expect(feeds.feeds.held == [.hub: 25])
        #expect(feeds.names.count == 30)
        feeds.apply(.listed(Self.names(0..<20)), from: .hub)
        #expect(feeds.feeds.held == [:])
        #expect(feeds.names.count == 20)
    }

    @Test("A brake with a time lets go by itself, counted from the first list that it held")
    func deadline() {
        var feeds = Self.feeds(12, brakeSeconds: 60)
        feeds.pass(to: 100)
        feeds.apply(.listed(Self.names(0..<2)), from: .hub)
        #expect(feeds.nextDeadline == 160)
        feeds.pass(to: 130)
        feeds.apply(.listed(Self.names(0..<1)), from: .hub)
        #expect(feeds.nextDeadline == 160)
        #expect(feeds.pass(to: 159.9) == [])
        #expect(feeds.pass(to: 160).count == 11)
        #expect(feeds.names == ["s0"])
        #expect(feeds.nextDeadline == .infinity)
        // The next time it begins anew.
        feeds.apply(Self.services(0..<12) + [.listed(Self.names(0..<12))], from: .hub)
        feeds.pass(to: 200)
        feeds.apply(.listed([]), from: .hub)
        #expect(feeds.nextDeadline == 260)
        feeds.apply(Self.services(0..<12), from: .hub)
        #expect(feeds.nextDeadline == .infinity)
    }

    @Test("A wall clock that is set lets nothing go")
    func wallClock() {
        var feeds = Self.feeds(12, brakeSeconds: 60)
        feeds.apply(.listed([]), from: .hub)
        feeds.wallBegin += 1e6
        #expect(feeds.pass(to: 59) == [])
        feeds.wallBegin -= 2e6
        #expect(feeds.pass(to: 60).count == 12)
    }

    @Test("What is held is let go on demand, of one feed at a time")
    func release() {
        let north = FeedIdentity.direct(cluster: "north")
        var feeds = DrivenFeeds(.hub, north)
        for feed in [.hub, north] {
            feeds.apply(
                (0..<12).map { .upserted(exported("\(feed.rank)-\($0)", "10.0.0.1@\(feed.name)")) },
                from: feed)
            feeds.apply(
                .listed(Set((0..<12).map { ExportSamples.name("\(feed.rank)-\($0)") })), from: feed)
            feeds.apply(.listed([]), from: feed)
        }
        #expect(feeds.feeds.held == [.hub: 12, north: 12])
        #expect(feeds.releaseBrake(of: north).count == 12)
        #expect(feeds.feeds.held == [.hub: 12])
        #expect(feeds.releaseBrake(of: north) == [])
        #expect(feeds.releaseBrake(of: .hub).count == 12)
        #expect(feeds.names == [])
    }

    @Test("A file that is replaced is held by nobody")
    func replaced() {
        var feeds = DrivenFeeds(.file)
        feeds.apply(.replaced((0..<20).map { exported("s\($0)", "10.0.0.1@b") }), .synced)
        #expect(feeds.apply(.replaced([]), .synced).count == 20)
        #expect(feeds.feeds.held == [:])
    }

    @Test("The first list after saved state is braked like any other")
    func restored() {
        for (listed, left) in [(2, 12), (3, 3), (12, 12)] {
            var feeds = DrivenFeeds(.hub)
            let saved = (0..<12).map { exported("s\($0)", "10.0.0.1@b") }
            feeds.restore(saved, from: .hub, since: 9_000)
            feeds.apply(
                Self.services(0..<listed) + [.listed(Self.names(0..<listed)), .synced], from: .hub)
            #expect(feeds.names.count == left)
            #expect(feeds.condition("b") == .live)
        }
    }

    @Test("What was held when it was saved is held as before by the next lists")
    func restoredHeld() {
        let saved = (0..<15).map { exported("s\($0)", "10.0.0.1@b") }
        var feeds = DrivenFeeds(settings: CatalogFeed(.hub, brakeSeconds: 60))
        feeds.now = 100
        // Of twelve that went, four had come back; what is saved of nobody is held for nobody.
        let held = Self.names(7..<15).union(Self.names(90..<95))
        feeds.restore(saved, from: .hub, since: 9_000, held: held)
        #expect(feeds.feeds.held == [.hub: 8])
        #expect(feeds.nextDeadline == 160)
        feeds.apply(
            Self.services(0..<7) + [.listed(Self.names(0..<7)), .synced], from: .hub)
        #expect(feeds.names.count == 15)
        #expect(feeds.feeds.held == [.hub: 8])
        #expect(feeds.pass(to: 160).count == 8)
        #expect(feeds.names.count == 7)
    }
}
