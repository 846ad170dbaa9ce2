// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing
import TestSupport

@testable import ServiceCatalog

@Suite("What several feeds say together")
struct FeedSetTests {
    static let north = FeedIdentity.direct(cluster: "north")

    /// Three feeds that all have the service `a`.
    static func three() -> DrivenFeeds {
        var feeds = DrivenFeeds(.file, .hub, north)
        feeds.apply(
            .replaced([
                exported("a", "10.0.0.1@north", "10.0.0.2@south", "10.0.0.3@west"),
                exported("b", "10.0.0.4@north"), exported("c", "10.0.0.5@west"),
            ]), .synced, from: .file)
        feeds.apply(
            .upserted(exported("a", "10.1.0.1@north", "10.1.0.2@south")),
            .upserted(exported("d", "10.1.0.3@south", "10.1.0.4@north")), listed("a", "d"), .synced,
            from: .hub)
        feeds.apply(
            .upserted(exported("a", "10.2.0.1@north")), listed("a"), .synced, from: north)
        return feeds
    }

    @Test("A cluster is delivered by its direct watch, else by the hub, else by the file")
    func ranks() {
        let feeds = Self.three()
        #expect(feeds.endpoints("a") == ["10.2.0.1@north", "10.1.0.2@south", "10.0.0.3@west"])
        // Of a cluster that somebody else delivers, the file's services are none.
        #expect(feeds.endpoints("b") == nil)
        #expect(feeds.endpoints("c") == ["10.0.0.5@west"])
        #expect(feeds.endpoints("d") == ["10.1.0.3@south"])
        #expect(feeds.condition("north") == .live)
        #expect(feeds.feeds.clusters.keys.sorted() == ["north", "south", "west"])
        #expect(feeds.feeds.awaited == [])
    }

    @Test("ServiceImports come behind the hub and before the file")
    func imports() {
        var feeds = DrivenFeeds(.file, .imports, .hub, Self.north)
        feeds.apply(
            .replaced([exported("a", "10.0.0.1@south", "10.0.0.2@west", "10.0.0.3@east")]),
            from: .file)
        feeds.apply(
            .upserted(exported("a", "10.1.0.1@north", "10.1.0.2@south", "10.1.0.3@west")),
            listed("a"), from: .imports)
        feeds.apply(.upserted(exported("a", "10.2.0.2@south")), listed("a"), from: .hub)
        feeds.apply(listed(), from: Self.north)
        #expect(feeds.endpoints("a") == ["10.2.0.2@south", "10.1.0.3@west", "10.0.0.3@east"])
        #expect(FeedIdentity.imports.stateName == "serviceimports")
    }

    @Test("The order in which feeds are configured and heard does not matter")
    func order() {
        let identities = [FeedIdentity.file, .hub, Self.north]
        let events: [FeedIdentity: [FeedEvent]] = [
            .file: [.replaced([exported("a", "10.0.0.1@north", "10.0.0.2@south")])],
            .hub: [.upserted(exported("a", "10.1.0.2@south")), listed("a")],
            Self.north: [.upserted(exported("a", "10.2.0.1@north")), listed("a")],
        ]
        for first in identities {
            for second in identities where second != first {
                for third in identities where third != first && third != second {
                    var feeds = DrivenFeeds(third, first, second)
                    for feed in [first, second, third] {
                        feeds.apply(events[feed] ?? [], from: feed)
                    }
                    #expect(feeds.endpoints("a") == ["10.2.0.1@north", "10.1.0.2@south"])
                }
            }
        }
    }

    @Test("A feed that is taken out gives way to the next one")
    func takenOut() {
        var feeds = Self.three()
        #expect(feeds.setFeeds(CatalogFeed(.hub), CatalogFeed(.file)) == ["a", "d"])
        #expect(feeds.endpoints("a") == ["10.1.0.1@north", "10.1.0.2@south", "10.0.0.3@west"])
        #expect(feeds.endpoints("d") == ["10.1.0.3@south", "10.1.0.4@north"])
        #expect(feeds.endpoints("b") == nil)
        #expect(feeds.setFeeds(CatalogFeed(.file)) == ["a", "b", "d"])
        #expect(feeds.endpoints("a") == ["10.0.0.1@north", "10.0.0.2@south", "10.0.0.3@west"])
        #expect(feeds.names == ["a", "b", "c"])
        #expect(feeds.setFeeds() == ["a", "b", "c"])
        #expect(feeds.feeds.clusters == [:])
    }

    @Test("Where one feed takes the place of another, what that one hid is seen")
    func placeTaken() {
        var feeds = DrivenFeeds(.hub, .file)
        feeds.apply(.replaced([exported("b", "10.0.0.1@north")]), from: .file)
        feeds.apply(.upserted(exported("a", "10.1.0.1@north")), listed("a"), from: .hub)
        #expect(feeds.names == ["a"])
        #expect(feeds.setFeeds(CatalogFeed(.file)) == ["a", "b"])
        #expect(feeds.names == ["b"])
    }

    @Test("Feeds that stay keep what they know, and new ones are awaited")
    func stay() {
        var feeds = Self.three()
        let before = feeds.published
        #expect(
            feeds.setFeeds(CatalogFeed(.file), CatalogFeed(Self.north), CatalogFeed(.hub)) == [])
        #expect(feeds.published == before)
        let south = FeedIdentity.direct(cluster: "south")
        #expect(
            feeds.setFeeds(
                CatalogFeed(.file), CatalogFeed(Self.north), CatalogFeed(.hub), CatalogFeed(south))
                == [])
        #expect(feeds.feeds.awaited.map(\.identity) == [south])
        #expect(feeds.apply(listed(), from: south) == ["a", "d"])
        #expect(feeds.endpoints("a") == ["10.2.0.1@north", "10.0.0.3@west"])
    }

    @Test("A feed that was never heard hides nothing, whatever it says about that")
    func unheard() {
        var feeds = DrivenFeeds(.file, .hub, Self.north)
        feeds.apply(.replaced([exported("a", "10.0.0.1@north", "10.0.0.2@south")]), from: .file)
        #expect(feeds.apply(.unheard(reason: "no route"), from: .hub) == [])
        #expect(feeds.apply(.unheard(reason: "no route"), from: Self.north) == [])
        #expect(feeds.endpoints("a") == ["10.0.0.1@north", "10.0.0.2@south"])
        #expect(
            feeds.feeds.awaited == [
                AwaitedFeed(identity: Self.north, reason: "no route"),
                AwaitedFeed(identity: .hub, reason: "no route"),
            ])
        // Before a list has ended, half of it hides nothing either.
        #expect(feeds.apply(.upserted(exported("a", "10.1.0.2@south")), from: .hub) == [])
        #expect(feeds.apply(listed("a"), from: .hub) == ["a"])
        #expect(feeds.endpoints("a") == ["10.1.0.2@south", "10.0.0.1@north"])
    }

    @Test(
        "A direct watch that has nothing hides what others say of its cluster, and a hub does not")
    func emptyFeeds() {
        var feeds = DrivenFeeds(.file, .hub, Self.north)
        feeds.apply(.replaced([exported("a", "10.0.0.1@north", "10.0.0.2@south")]), from: .file)
        #expect(feeds.apply(listed(), .synced, from: .hub) == [])
        #expect(feeds.apply(listed(), .synced, from: Self.north) == ["a"])
        #expect(feeds.endpoints("a") == ["10.0.0.2@south"])
    }

    @Test("Endpoints of no cluster, and services without endpoints, are everybody's")
    func noCluster() {
        var feeds = DrivenFeeds(.file, .hub)
        feeds.apply(
            .replaced([exported("a", "10.0.0.1@", "10.0.0.2@north"), exported("b")]), from: .file)
        feeds.apply(
            .upserted(exported("a", "10.1.0.1@north", "10.1.0.2@")), listed("a"), from: .hub)
        #expect(feeds.endpoints("a") == ["10.1.0.1@north", "10.1.0.2@", "10.0.0.1@"])
        #expect(feeds.endpoints("b") == [])
    }

    @Test("A cluster is a feed's as long as a service of it names the cluster")
    func lastService() {
        var feeds = DrivenFeeds(.file, .hub)
        feeds.apply(.replaced([exported("a", "10.0.0.1@north")]), from: .file)
        feeds.apply(
            .upserted(exported("b", "10.1.0.1@north")), .upserted(exported("c", "10.1.0.2@north")),
            listed("b", "c"), from: .hub)
        #expect(feeds.names == ["b", "c"])
        #expect(feeds.apply(.upserted(exported("b", "10.1.0.1@south")), from: .hub) == ["b"])
        #expect(feeds.names == ["b", "c"])
        #expect(feeds.apply(removed("c"), from: .hub) == ["a", "c"])
        #expect(feeds.names == ["a", "b"])
    }

    @Test("What a feed says that is not configured changes nothing")
    func stranger() {
        var feeds = DrivenFeeds(.file)
        #expect(feeds.apply(.replaced([exported("a", "10.0.0.1@b")]), .synced, from: .hub) == [])
        #expect(feeds.restore([exported("a", "10.0.0.1@b")], from: .hub, since: 0) == [])
        #expect(feeds.releaseBrake(of: .hub) == [])
        #expect(feeds.names == [])
        #expect(feeds.feeds.clusters == [:])
    }

    // MARK: Any events

    @Test("Any events in any order change only what they answer with, and twice as once")
    func anyEvents() {
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<60 {
            var feeds = DrivenFeeds(.file)
            feeds.setFeeds(Self.settings(&random))
            for _ in 0..<60 {
                let feed = Self.identities.randomElement(using: &random) ?? .file
                switch Int.random(in: 0..<20, using: &random) {
                case 0: feeds.setFeeds(Self.settings(&random))
                case 1: feeds.pass(to: feeds.now + Double.random(in: 0...20, using: &random))
                case 2: feeds.releaseBrake(of: feed)
                case 3:
                    feeds.restore(
                        [Self.service(&random)], from: feed, since: feeds.moment.wallSeconds)
                default:
                    let event = Self.event(&random)
                    feeds.apply(event, from: feed)
                    #expect(feeds.apply(event, from: feed) == [], "\(event.shown)")
                }
            }
        }
    }

    static let identities = [FeedIdentity.file, .hub, north, .direct(cluster: "south")]

    static func settings(_ random: inout SeededRandom) -> [CatalogFeed] {
        identities.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }.map { feed in
            CatalogFeed(
                feed, stale: StalePolicy(feed == north ? .drop : .hold, afterSeconds: 5),
                brakeSeconds: feed == .hub ? 10 : nil)
        }
    }

    static func service(_ random: inout SeededRandom) -> ExportedService {
        let clusters = ["north", "south", "west", ""].shuffled(using: &random)
            .prefix(Int.random(in: 0...3, using: &random))
        let endpoints = clusters.map { "10.0.0.\(Int.random(in: 0...9, using: &random))@\($0)" }
        let name = "s\(Int.random(in: 0..<16, using: &random))"
        let seconds = Bool.random(using: &random) ? Double.random(in: 0...9, using: &random) : nil
        return switch endpoints.count {
        case 0: exported(name, since: seconds)
        case 1: exported(name, endpoints[0], type: .headless, since: seconds)
        case 2: exported(name, endpoints[0], endpoints[1], since: seconds)
        default: exported(name, endpoints[0], endpoints[1], endpoints[2], since: seconds)
        }
    }

    static func event(_ random: inout SeededRandom) -> FeedEvent {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .replaced((0..<Int.random(in: 0...3, using: &random)).map { _ in service(&random) })
        case 1...5: .upserted(service(&random))
        case 6: removed("s\(Int.random(in: 0..<16, using: &random))")
        case 7, 8:
            .listed(
                Set(
                    (0..<16).filter { _ in Bool.random(using: &random) }.map {
                        ExportSamples.name("s\($0)")
                    }))
        case 9: .synced
        case 10: .lost(since: Double.random(in: 9_990...10_100, using: &random))
        default: .unheard(reason: "x")
        }
    }
}
