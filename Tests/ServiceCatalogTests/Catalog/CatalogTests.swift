// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import Synchronization
import Testing
import TestSupport

@testable import ServiceCatalog

@Suite("The catalog and what it publishes")
struct CatalogTests {
    static let north = FeedIdentity.direct(cluster: "north")

    /// A catalog on a queue of its own, with all that it has published.
    final class Published: Sendable {
        struct Publication {
            let snapshot: CatalogSnapshot
            let change: CatalogChange
        }

        let queue = DispatchQueue(label: "catalog-tests")
        let catalog: Catalog
        private let sink = Sink()

        private final class Sink: Sendable {
            let publications = Mutex<[Publication]>([])
        }

        init(_ feeds: CatalogFeed...) {
            catalog = Catalog(queue: queue, feeds: feeds) { [sink] snapshot, change in
                sink.publications.withLock {
                    $0.append(Publication(snapshot: snapshot, change: change))
                }
            }
        }

        /// What was published since the last call.
        func take() -> [Publication] {
            sink.publications.withLock { all in
                defer { all = [] }
                return all
            }
        }

        func apply(_ events: FeedEvent..., from feed: FeedIdentity = .file) -> [Publication] {
            queue.sync { catalog.apply(events, from: feed) }
            return take()
        }

        func run(_ body: @Sendable (Catalog) -> Void) -> [Publication] {
            queue.sync { body(catalog) }
            return take()
        }
    }

    static func names(_ change: CatalogChange) -> [String] { change.names.map(\.name).sorted() }

    @Test("Before the first event nothing is known, and every feed is awaited")
    func announce() throws {
        let published = Published(CatalogFeed(.file), CatalogFeed(Self.north))
        let first = try #require(published.run { $0.announce() }.first)
        #expect(first.snapshot.generation == 0)
        #expect(first.snapshot.services.count == 0)
        #expect(first.snapshot.awaited.map(\.identity) == [Self.north, .file])
        #expect(first.change.names == [])
        #expect(first.change.concernsClusters)
    }

    @Test("A batch is published once, with the names that differ")
    func batches() {
        let published = Published(CatalogFeed(.file))
        let first = published.apply(
            .replaced([exported("a", "10.0.0.1@b"), exported("c", "10.0.0.2@b")]), .synced)
        #expect(first.map(\.snapshot.generation) == [1])
        #expect(first.map { Self.names($0.change) } == [["a", "c"]])
        #expect(first.first?.change.concernsClusters == true)
        #expect(first.first?.snapshot.services.count == 2)
        #expect(first.first?.snapshot.awaited == [])
        #expect(first.first?.snapshot.clusters == ["b": .live])
        let second = published.apply(
            .upserted(exported("a", "10.0.0.9@b")), .upserted(exported("d", "10.0.0.3@b")),
            removed("c"), .upserted(exported("e", "10.0.0.4@b")), removed("e"))
        #expect(second.map(\.snapshot.generation) == [2])
        #expect(second.map { Self.names($0.change) } == [["a", "c", "d"]])
        #expect(second.first?.change.concernsClusters == false)
        #expect(second.first?.snapshot.services[ExportSamples.name("c")] == nil)
        #expect(
            second.first?.snapshot.services[ExportSamples.name("a")] == exported("a", "10.0.0.9@b"))
        // An earlier snapshot stays what it was.
        #expect(
            first.first?.snapshot.services[ExportSamples.name("a")] == exported("a", "10.0.0.1@b"))
    }

    @Test("What changes nothing is not published")
    func nothing() {
        let published = Published(CatalogFeed(.file), CatalogFeed(.hub))
        _ = published.apply(.replaced([exported("a", "10.0.0.1@b")]), .synced)
        #expect(published.apply().isEmpty)
        #expect(published.apply(.replaced([exported("a", "10.0.0.1@b")]), .synced).isEmpty)
        #expect(published.apply(.upserted(exported("a", "10.0.0.1@b"))).isEmpty)
        #expect(published.apply(removed("x")).isEmpty)
        #expect(published.apply(listed("a")).isEmpty)
        #expect(published.apply(removed("a"), .upserted(exported("a", "10.0.0.1@b"))).isEmpty)
        #expect(published.apply(.upserted(exported("z", "10.0.0.1@b")), from: Self.north).isEmpty)
        #expect(published.run { $0.releaseBrake(of: .file) }.isEmpty)
        #expect(
            published.run { $0.setFeeds([CatalogFeed(.hub), CatalogFeed(.file)]) }.isEmpty)
        #expect(published.apply(.unheard(reason: "no list has come yet"), from: .hub).isEmpty)
    }

    @Test("A feed that is awaited is in the snapshot until it is heard, with the last reason")
    func awaited() {
        let published = Published(CatalogFeed(.file), CatalogFeed(Self.north))
        let file = published.apply(.replaced([]), .synced)
        #expect(
            file.map(\.snapshot.awaited)
                == [[AwaitedFeed(identity: Self.north, reason: "no list has come yet")]])
        let refused = published.apply(.unheard(reason: "refused"), from: Self.north)
        #expect(
            refused.map(\.snapshot.awaited)
                == [[AwaitedFeed(identity: Self.north, reason: "refused")]])
        #expect(refused.map(\.change.concernsClusters) == [true])
        #expect(published.apply(.unheard(reason: "refused"), from: Self.north).isEmpty)
        let heard = published.apply(listed(), .synced, from: Self.north)
        #expect(heard.map(\.snapshot.awaited) == [[]])
        #expect(heard.map { Self.names($0.change) } == [[]])
        // Whoever reads it now cannot: what was known of it is stale.
        let lost = published.apply(.unheard(reason: "refused"), from: Self.north)
        #expect(lost.map(\.snapshot.awaited) == [[]])
        #expect(lost.map { $0.snapshot.clusters["north"]?.isLive } == [false])
    }

    @Test("A loss and its end are published, though no service differs")
    func lost() {
        let published = Published(CatalogFeed(Self.north))
        _ = published.apply(
            .upserted(exported("a", "10.0.0.1@north")), listed("a"), .synced, from: Self.north)
        let lost = published.apply(.lost(since: 7), from: Self.north)
        #expect(lost.map(\.snapshot.clusters) == [["north": .stale(since: 7)]])
        #expect(lost.map { Self.names($0.change) } == [[]])
        #expect(published.apply(.lost(since: 8), from: Self.north).isEmpty)
        let back = published.apply(.synced, from: Self.north)
        #expect(back.map(\.snapshot.clusters) == [["north": .live]])
    }

    @Test("Batches of several feeds are taken in their order, and published once")
    func severalFeeds() {
        let published = Published(CatalogFeed(.hub), CatalogFeed(Self.north))
        let all = published.run { catalog in
            catalog.apply([
                ([.upserted(exported("a", "10.0.0.1@north")), listed("a"), .synced], Self.north),
                ([.upserted(exported("b", "10.0.0.2@c")), listed("b"), .synced], .hub),
                ([.removed(exported("a", "10.0.0.1@north").name)], Self.north),
                ([.lost(since: 7)], Self.north),
            ])
        }
        #expect(all.map { Self.names($0.change) } == [["b"]])
        #expect(all.map(\.snapshot.clusters["north"]) == [.stale(since: 7)])
        #expect(published.run { $0.apply([]) }.isEmpty)
    }

    @Test("What clusters disagree on is published, though the service stays, until they agree")
    func conflicts() {
        let http = ServicePort(name: "http", number: 80)
        let published = Published(CatalogFeed(.hub), CatalogFeed(Self.north))
        func apply(_ port: UInt16, _ feed: FeedIdentity, _ address: String, since: Double)
            -> [Published.Publication]
        {
            let port = ServicePort(name: "http", number: port)
            return published.apply(
                .upserted(exported("a", address, ports: [port], since: since)), listed("a"),
                .synced, from: feed)
        }
        _ = apply(80, Self.north, "10.0.0.1@north", since: 1)
        _ = apply(80, .hub, "10.0.0.2@c", since: 2)
        let differ = apply(81, .hub, "10.0.0.2@c", since: 2)
        #expect(differ.map { Self.names($0.change) } == [[]])
        #expect(differ.map { Array($0.snapshot.conflicts.values) } == [[[.port(http)]]])
        #expect(apply(81, .hub, "10.0.0.2@c", since: 2).isEmpty)
        let agree = apply(80, .hub, "10.0.0.2@c", since: 2)
        #expect(agree.map(\.snapshot.conflicts) == [[:]])
    }

    @Test("How much the brake holds is published")
    func held() {
        let published = Published(CatalogFeed(.hub))
        let all = (0..<12).map { exported("s\($0)", "10.0.0.1@b") }
        _ = published.run { catalog in
            catalog.apply(all.map { .upserted($0) } + [.listed(Set(all.map(\.name)))], from: .hub)
        }
        let held = published.apply(listed("s0"), from: .hub)
        #expect(held.map(\.snapshot.held) == [[.hub: 11]])
        #expect(held.map(\.snapshot.services.count) == [12])
        let released = published.run { $0.releaseBrake(of: .hub) }
        #expect(released.map(\.snapshot.held) == [[:]])
        #expect(released.map(\.change.names.count) == [11])
    }

    @Test("A cluster is dropped when its time has come, by itself and once")
    func dropped() {
        let published = Published(
            CatalogFeed(Self.north, stale: StalePolicy(.drop, afterSeconds: 0.2)))
        _ = published.apply(
            .upserted(exported("a", "10.0.0.1@north")), listed("a"), .synced, from: Self.north)
        let now = FeedMoment.now.wallSeconds
        let lost = published.apply(.lost(since: now), from: Self.north)
        #expect(lost.map(\.snapshot.services.count) == [1])
        var later: [Published.Publication] = []
        #expect(
            eventually {
                later += published.take()
                return !later.isEmpty
            })
        #expect(later.map(\.snapshot.services.count) == [0])
        #expect(later.map(\.snapshot.clusters) == [["north": .expired(since: now, .drop)]])
        #expect(published.run { _ in }.isEmpty)
        let back = published.apply(.synced, from: Self.north)
        #expect(back.map { Self.names($0.change) } == [["a"]])
    }

    @Test("What is known of a feed can be saved, with when it was current")
    func content() throws {
        let published = Published(CatalogFeed(Self.north), CatalogFeed(.hub))
        func saved() -> (
            services: [ServiceName: ExportedService], since: Double, held: Set<ServiceName>
        )? {
            published.queue.sync { published.catalog.content(of: Self.north) }
        }
        #expect(saved() == nil)
        #expect(published.queue.sync { published.catalog.content(of: .file) == nil })
        _ = published.apply(.unheard(reason: "refused"), from: Self.north)
        #expect(saved() == nil)
        let service = exported("a", "10.0.0.1@north")
        _ = published.apply(.upserted(service), listed("a"), .synced, from: Self.north)
        let live = try #require(saved())
        #expect(live.services == [service.name: service])
        #expect(abs(live.since - FeedMoment.now.wallSeconds) < 60)
        _ = published.apply(.lost(since: 7), from: Self.north)
        #expect(abs(try #require(saved()).since - 7) < 0.01)
        // Another catalog takes it.
        let other = Published(CatalogFeed(Self.north))
        let restored = other.run {
            $0.restore([Catalog.Restored(feed: Self.north, services: [service], since: 7)])
        }
        #expect(restored.map(\.snapshot.clusters) == [["north": .stale(since: 7)]])
        #expect(restored.map { Self.names($0.change) } == [["a"]])
        #expect(restored.map(\.snapshot.awaited) == [[]])
    }

    @Test("Feeds that come are awaited, and what feeds that go have known goes with them")
    func setFeeds() {
        let published = Published(CatalogFeed(.file))
        _ = published.apply(.replaced([exported("a", "10.0.0.1@b")]), .synced)
        let more = published.run { $0.setFeeds([CatalogFeed(.file), CatalogFeed(.hub)]) }
        #expect(more.map { $0.snapshot.awaited.map(\.identity) } == [[.hub]])
        #expect(more.map { Self.names($0.change) } == [[]])
        let none = published.run { $0.setFeeds([]) }
        #expect(none.map { Self.names($0.change) } == [["a"]])
        #expect(none.map(\.snapshot.clusters) == [[:]])
    }

    @Test("What a catalog knows of a feed tells another one what the brake keeps of it")
    func heldContent() throws {
        let before = Published(CatalogFeed(.hub))
        let all = (0..<12).map { exported("s\($0)", "10.0.0.1@b") }
        _ = before.apply(
            .replaced(all), .listed(Set(all.map(\.name))), .listed([]), from: .hub)
        let content = try #require(before.queue.sync { before.catalog.content(of: .hub) })
        #expect(content.held == Set(all.map(\.name)))
        let after = Published(CatalogFeed(.hub))
        let restored = after.run { catalog in
            catalog.restore([
                Catalog.Restored(
                    feed: .hub, services: all, since: content.since, held: content.held)
            ])
        }
        #expect(restored.last?.snapshot.held == [.hub: 12])
    }
}
