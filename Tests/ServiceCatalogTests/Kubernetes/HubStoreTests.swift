// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("What a feed tells of GlobalServices")
struct HubStoreTests {
    static func object(_ name: String) -> APIObject {
        .globalService(
            ExportedService(
                name: ExportSamples.name(name), type: .clusterIP, ports: [], endpoints: []))
    }

    /// Lists these; what cannot be read has a question mark at its end.
    static func list(_ names: String..., in store: inout HubStore) {
        store.listBegan(.globalServices)
        for name in names {
            if name.last == "?" {
                store.keep(
                    ExportStoreTests.objectName(String(name.dropLast())), .globalServices)
            } else {
                store.put(object(name))
            }
        }
        store.listEnded(.globalServices)
    }

    static func told(_ store: inout HubStore) -> [String] { ExportStoreTests.told(&store) }

    @Test("Nothing is told before the list has ended, then all of it")
    func list() {
        var store = HubStore()
        store.listBegan(.globalServices)
        store.put(Self.object("b"))
        store.put(Self.object("a"))
        #expect(!store.isComplete)
        #expect(Self.told(&store) == [])
        store.listEnded(.globalServices)
        #expect(store.isComplete)
        #expect(Self.told(&store) == ["upserted n/a", "upserted n/b", "listed n/a n/b"])
        #expect(Self.told(&store) == [])
        store.listEnded(.globalServices)
        #expect(Self.told(&store) == [])
    }

    @Test("A list that fails again and again before its first end leaves nothing behind")
    func failingList() {
        var store = HubStore()
        for _ in 0..<10 {
            store.listBegan(.globalServices)
            store.put(Self.object("a"))
            store.put(Self.object("gone"))
        }
        Self.list("a", in: &store)
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
    }

    @Test("A deletion is told as removed; what a list no longer has only by the list")
    func removals() {
        var store = HubStore()
        Self.list("a", "b", "c", in: &store)
        _ = store.takeEvents()
        store.remove(ExportStoreTests.objectName("a"), .globalServices)
        #expect(Self.told(&store) == ["removed n/a"])
        Self.list("c", in: &store)
        #expect(Self.told(&store) == ["upserted n/c", "listed n/c"])
        store.put(Self.object("d"))
        #expect(Self.told(&store) == ["upserted n/d"])
    }

    @Test("An object that cannot be read stays what it was; one that never could is not there")
    func unreadable() {
        var store = HubStore()
        Self.list("a", "b?", in: &store)
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
        Self.list("a?", "b?", in: &store)
        #expect(Self.told(&store) == ["listed n/a"])
    }

    @Test("Where GlobalServices are not to be had, there are none, unless some are known")
    func doWithout() {
        var store = HubStore()
        store.listBegan(.globalServices)
        store.doWithout(.globalServices)
        #expect(store.isComplete)
        #expect(Self.told(&store) == ["listed"])
        Self.list("a", in: &store)
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
        store.listBegan(.globalServices)
        store.doWithout(.globalServices)
        #expect(Self.told(&store) == [])
    }

    @Test("Objects of other kinds are none of it")
    func otherKinds() {
        var store = HubStore()
        Self.list(in: &store)
        _ = store.takeEvents()
        store.put(.service(ExportSamples.service()))
        store.put(.node(ExportSamples.node("m")))
        #expect(Self.told(&store) == [])
    }
}
