// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Clusters that are not heard, and what was saved of them")
struct StaleTests {
    static let north = FeedIdentity.direct(cluster: "north")

    /// The direct watch of `north`, live with the services `a` and, in the hub, `b`.
    static func feeds(_ policy: StalePolicy) -> DrivenFeeds {
        var feeds = DrivenFeeds(settings: CatalogFeed(north, stale: policy), CatalogFeed(.hub))
        feeds.apply(
            .upserted(exported("a", "10.0.0.1@north")), listed("a"), .synced, from: north)
        feeds.apply(
            .upserted(exported("a", "10.1.0.1@north", "10.1.0.2@south")), listed("a"), .synced,
            from: .hub)
        return feeds
    }

    @Test("What is known of a lost cluster is held for ever, unless something else is said")
    func hold() {
        for policy in [StalePolicy(), StalePolicy(.hold, afterSeconds: 5)] {
            var feeds = Self.feeds(policy)
            #expect(feeds.apply(.lost(since: 9_999), from: Self.north) == [])
            #expect(feeds.condition("north") == .stale(since: 9_999))
            #expect(feeds.condition("south") == .live)
            #expect(feeds.nextDeadline == .infinity)
            #expect(feeds.pass(to: 1e9) == [])
            #expect(feeds.condition("north") == .stale(since: 9_999))
            #expect(feeds.endpoints("a") == ["10.0.0.1@north", "10.1.0.2@south"])
        }
    }

    @Test("A demoted cluster stays in its services, and is told as such after its time")
    func demote() {
        var feeds = Self.feeds(StalePolicy(.demote, afterSeconds: 30))
        feeds.apply(.lost(since: 10_000), from: Self.north)
        #expect(feeds.nextDeadline == 30)
        feeds.pass(to: 29.9)
        #expect(feeds.condition("north") == .stale(since: 10_000))
        #expect(feeds.condition("north")?.isDemoted == false)
        #expect(feeds.pass(to: 30) == [])
        #expect(feeds.condition("north") == .expired(since: 10_000, .demote))
        #expect(feeds.condition("north")?.isDemoted == true)
        #expect(feeds.endpoints("a") == ["10.0.0.1@north", "10.1.0.2@south"])
        #expect(feeds.apply(.synced, from: Self.north) == [])
        #expect(feeds.condition("north") == .live)
    }

    @Test("A dropped cluster is taken out after its time, and nobody else speaks for it")
    func drop() {
        var feeds = Self.feeds(StalePolicy(.drop, afterSeconds: 30))
        feeds.apply(.upserted(exported("c", "10.0.0.3@north")), from: Self.north)
        feeds.apply(.lost(since: 10_000), from: Self.north)
        #expect(feeds.pass(to: 29.9) == [])
        #expect(feeds.pass(to: 30) == ["a", "c"])
        #expect(feeds.endpoints("a") == ["10.1.0.2@south"])
        #expect(feeds.endpoints("c") == nil)
        #expect(feeds.condition("north")?.isDropped == true)
        // What comes while nobody may be asked counts once it is live again.
        #expect(feeds.apply(.upserted(exported("d", "10.0.0.4@north")), from: Self.north) == [])
        #expect(feeds.apply(.synced, from: Self.north) == ["a", "c", "d"])
        #expect(feeds.endpoints("a") == ["10.0.0.1@north", "10.1.0.2@south"])
    }

    @Test("A hub that is lost takes with it what it delivers, and a file what that does")
    func dropMany() {
        var feeds = DrivenFeeds(
            settings: CatalogFeed(.hub, stale: StalePolicy(.drop, afterSeconds: 1)),
            CatalogFeed(.file), CatalogFeed(Self.north))
        feeds.apply(.replaced([exported("a", "10.2.0.1@west")]), .synced, from: .file)
        feeds.apply(
            .upserted(exported("a", "10.1.0.1@north", "10.1.0.2@south", "10.1.0.3@east")),
            listed("a"), .synced, from: .hub)
        feeds.apply(
            .upserted(exported("a", "10.0.0.1@north")), listed("a"), .synced, from: Self.north)
        feeds.apply(.lost(since: 10_000), from: .hub)
        #expect(feeds.pass(to: 2) == ["a"])
        #expect(feeds.endpoints("a") == ["10.0.0.1@north", "10.2.0.1@west"])
        #expect(feeds.condition("east") == .expired(since: 10_000, .drop))
        #expect(feeds.condition("north") == .live)
    }

    @Test("A policy without a time acts at once, and so does one whose time is over")
    func atOnce() {
        for (policy, since) in [
            (StalePolicy(.drop), 10_000.0), (StalePolicy(.drop, afterSeconds: 30), 9_970),
            (StalePolicy(.drop, afterSeconds: 30), 0),
        ] {
            var feeds = Self.feeds(policy)
            #expect(feeds.apply(.lost(since: since), from: Self.north) == ["a"])
            #expect(feeds.condition("north") == .expired(since: since, .drop))
        }
    }

    @Test("A time that is over is no deadline any more")
    func noDeadline() {
        for action in StalePolicy.Action.allCases {
            var feeds = Self.feeds(StalePolicy(action, afterSeconds: 30))
            feeds.apply(.lost(since: 10_000), from: Self.north)
            feeds.pass(to: 30)
            #expect(feeds.nextDeadline == .infinity)
            feeds.pass(to: 1000)
            #expect(feeds.nextDeadline == .infinity)
            feeds.apply(.synced, from: Self.north)
            feeds.apply(.lost(since: 11_000), from: Self.north)
            #expect(feeds.nextDeadline == (action == .hold ? .infinity : 1030))
        }
    }

    @Test("Time that has passed before the loss is told counts; a clock set back makes none pass")
    func wallClock() {
        for (since, deadline) in [(9_990.0, 20.0), (9_970.5, 0.5), (10_000, 30), (20_000, 30)] {
            var feeds = Self.feeds(StalePolicy(.drop, afterSeconds: 30))
            feeds.apply(.lost(since: since), from: Self.north)
            #expect(feeds.nextDeadline == deadline)
        }
        var feeds = Self.feeds(StalePolicy(.drop, afterSeconds: 30))
        feeds.apply(.lost(since: 10_000), from: Self.north)
        for wall in [0, 1e9] {
            feeds.wallBegin = wall
            #expect(feeds.pass(to: 29) == [])
        }
        #expect(feeds.pass(to: 31) == ["a"])
    }

    @Test("For how long a cluster has not been heard is counted on the clock that nobody sets")
    func silence() {
        var feeds = Self.feeds(StalePolicy())
        #expect(feeds.silentSeconds == [:])
        feeds.apply(.lost(since: 9_997), from: Self.north)
        #expect(feeds.silentSeconds == ["north": 3])
        for wall in [0, 1e9] {
            feeds.wallBegin = wall
            feeds.pass(to: feeds.now + 10)
        }
        #expect(feeds.silentSeconds == ["north": 23])
        #expect(feeds.condition("north") == .stale(since: 9_997))
        feeds.apply(.synced, from: Self.north)
        #expect(feeds.silentSeconds == [:])
    }

    @Test("A loss that is told again is the same loss; after word it is a new one")
    func lostTwice() {
        var feeds = Self.feeds(StalePolicy(.drop, afterSeconds: 30))
        feeds.apply(.lost(since: 10_000), from: Self.north)
        feeds.pass(to: 20)
        feeds.apply(.lost(since: 10_020), from: Self.north)
        #expect(feeds.condition("north") == .stale(since: 10_000))
        #expect(feeds.nextDeadline == 30)
        feeds.apply(.synced, .lost(since: 10_020), from: Self.north)
        #expect(feeds.condition("north") == .stale(since: 10_020))
        #expect(feeds.nextDeadline == 50)
    }

    // MARK: Not heard, and saved

    @Test("What was never heard is awaited, with the last reason; what was heard is stale then")
    func unheard() {
        var feeds = DrivenFeeds(Self.north)
        func reason() -> String? { feeds.feeds.awaited.first?.reason }
        #expect(reason() == "no list has come yet")
        feeds.apply(.unheard(reason: "refused"), from: Self.north)
        #expect(reason() == "refused")
        feeds.apply(.unheard(reason: "403"), from: Self.north)
        #expect(reason() == "403")
        feeds.apply(.upserted(exported("a", "10.0.0.1@north")), from: Self.north)
        #expect(reason() == "403")
        feeds.apply(listed("a"), from: Self.north)
        #expect(reason() == nil)
        feeds.apply(.synced, from: Self.north)
        #expect(reason() == nil)
        #expect(feeds.condition("north") == .live)
        // Other credentials have taken the place of those that it was heard with.
        feeds.apply(.unheard(reason: "refused"), from: Self.north)
        #expect(reason() == nil)
        #expect(feeds.condition("north")?.isLive == false)
        #expect(feeds.names == ["a"])
        feeds.apply(.synced, from: Self.north)
        #expect(feeds.condition("north") == .live)
    }

    @Test("What was saved is stale since then, and is no longer awaited")
    func restore() {
        var feeds = DrivenFeeds(
            settings: CatalogFeed(Self.north, stale: StalePolicy(.demote, afterSeconds: 30)))
        let saved = exported("a", "10.0.0.1@north")
        #expect(feeds.restore([saved], from: Self.north, since: 9_990) == ["a"])
        #expect(feeds.condition("north") == .stale(since: 9_990))
        #expect(feeds.feeds.awaited == [])
        #expect(feeds.nextDeadline == 20)
        // It stays stale while the source is not heard, and says since when it is.
        feeds.apply(.unheard(reason: "refused"), .lost(since: 10_000), from: Self.north)
        #expect(feeds.condition("north") == .stale(since: 9_990))
        feeds.pass(to: 20)
        #expect(feeds.condition("north") == .expired(since: 9_990, .demote))
        // What comes takes its place.
        #expect(
            feeds.apply(
                .upserted(exported("b", "10.0.0.2@north")), listed("b"), .synced, from: Self.north)
                == ["a", "b"])
        #expect(feeds.names == ["b"])
        #expect(feeds.condition("north") == .live)
    }

    @Test("What was saved under a clock that was ahead is of now, and so grows old")
    func restoreFuture() {
        var feeds = DrivenFeeds(
            settings: CatalogFeed(Self.north, stale: StalePolicy(.drop, afterSeconds: 30)))
        feeds.now = 5
        feeds.restore([exported("a", "10.0.0.1@north")], from: Self.north, since: 1e9)
        #expect(feeds.condition("north") == .stale(since: 10_005))
        feeds.pass(to: 15)
        #expect(feeds.silentSeconds == ["north": 10])
        #expect(feeds.pass(to: 35) == ["a"])
    }

    @Test("What was saved of nothing is something: a cluster without services")
    func restoreNothing() {
        var feeds = DrivenFeeds(Self.north, .file)
        feeds.apply(.replaced([exported("a", "10.1.0.1@north")]), .synced, from: .file)
        #expect(feeds.restore([], from: Self.north, since: 9_990) == ["a"])
        #expect(feeds.names == [])
        #expect(feeds.condition("north") == .stale(since: 9_990))
    }

    @Test("What was saved comes too late where something has been heard")
    func restoreTooLate() {
        for events in [
            [.upserted(exported("a", "10.0.0.1@north")), listed("a"), .synced],
            [listed()], [.synced], [.upserted(exported("a", "10.0.0.1@north"))],
        ] as [[FeedEvent]] {
            var feeds = DrivenFeeds(Self.north)
            feeds.apply(events, from: Self.north)
            let before = feeds.names
            #expect(
                feeds.restore([exported("b", "10.0.0.2@north")], from: Self.north, since: 0) == [])
            #expect(feeds.names == before)
            #expect(feeds.condition("north")?.isLive != false)
        }
    }

    @Test("Conditions have names and times")
    func conditions() {
        let conditions: [ClusterCondition] = [
            .live, .stale(since: 7), .expired(since: 7, .demote), .expired(since: 7, .drop),
        ]
        #expect(conditions.map(\.name) == ["live", "stale", "expired", "expired"])
        #expect(conditions.map(\.since) == [nil, 7, 7, 7])
        #expect(conditions.map(\.isLive) == [true, false, false, false])
        #expect(conditions.map(\.isDemoted) == [false, false, true, false])
        #expect(conditions.map(\.isDropped) == [false, false, false, true])
    }
}
