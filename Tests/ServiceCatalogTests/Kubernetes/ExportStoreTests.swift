// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("What a feed tells of the objects that it watches")
struct ExportStoreTests {
    typealias S = ExportSamples

    static let kinds: [APIResource.Kind] = [.services, .endpointSlices, .nodes]

    static func empty(_ rule: ExportRule = ExportRule(place: Place(cluster: "c"))) -> ExportStore {
        ExportStore(rule: rule, kinds: Set(kinds))
    }

    static func objectName(_ name: String) -> ObjectName {
        ObjectName(namespace: "n", name: name)
    }

    /// A store that has told the headless Services of these names, each with one pod on the Node
    /// `m`.
    static func store(_ names: String...) -> ExportStore {
        var store = empty()
        for kind in kinds { list(kind, names, in: &store) }
        _ = store.takeEvents()
        return store
    }

    /// Lists what there is of a kind when there are these Services.
    static func list(_ kind: APIResource.Kind, _ names: [String], in store: inout ExportStore) {
        store.listBegan(kind)
        switch kind {
        case .services: for name in names { store.put(.service(S.service(name, .headless, []))) }
        case .endpointSlices:
            for name in names {
                store.put(
                    .endpointSlice(
                        S.slice("\(name)-1", of: name, S.endpoint("10.1.0.1", node: "m"))))
            }
        case .nodes: store.put(.node(S.node("m", zone: "z")))
        case .globalServices, .serviceExports, .serviceImports, .secrets: break
        }
        store.listEnded(kind)
    }

    /// What is told now, sorted but for the list at the end.
    static func told(_ store: inout some ObjectStore) -> [String] {
        let events = store.takeEvents().map(\.shown)
        let list = events.last.flatMap { $0.hasPrefix("listed") ? $0 : nil }
        return events.dropLast(list == nil ? 0 : 1).sorted() + (list.map { [$0] } ?? [])
    }

    static func export(_ events: [FeedEvent]) -> ExportedService? {
        events.lazy.compactMap { if case .upserted(let service) = $0 { service } else { nil } }
            .first
    }

    // MARK: Before everything is listed

    @Test("Nothing is told before every kind is listed, in whatever order they come")
    func incomplete() {
        for first in Self.kinds {
            for second in Self.kinds where second != first {
                var store = Self.empty()
                for kind in Self.kinds where kind != first && kind != second {
                    #expect(Self.told(&store) == [])
                    Self.list(kind, ["a", "b"], in: &store)
                }
                for kind in [first, second] {
                    #expect(Self.told(&store) == [])
                    #expect(!store.isComplete)
                    Self.list(kind, ["a", "b"], in: &store)
                }
                #expect(store.isComplete)
                #expect(Self.told(&store) == ["upserted n/a", "upserted n/b", "listed n/a n/b"])
                #expect(Self.told(&store) == [])
            }
        }
    }

    @Test("A list that begins anew before its end counts once, and half a list for nothing")
    func begunTwice() {
        var store = Self.empty()
        store.listBegan(.services)
        store.put(.service(S.service("gone", .headless, [])))
        Self.list(.endpointSlices, ["a", "gone"], in: &store)
        Self.list(.nodes, [], in: &store)
        #expect(Self.told(&store) == [])
        Self.list(.services, ["a"], in: &store)
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
    }

    @Test("A cluster without a Service is told as an empty list")
    func nothingThere() {
        var store = Self.empty()
        for kind in Self.kinds { Self.list(kind, [], in: &store) }
        #expect(Self.told(&store) == ["listed"])
    }

    @Test("A kind that is not to be had is done without; the others are waited for")
    func doWithout() {
        var store = Self.empty()
        Self.list(.services, ["a"], in: &store)
        store.listBegan(.nodes)
        store.doWithout(.nodes)
        #expect(!store.isComplete)
        Self.list(.endpointSlices, ["a"], in: &store)
        #expect(store.isComplete)
        let events = store.takeEvents()
        #expect(events.map(\.shown) == ["upserted n/a", "listed n/a"])
        #expect(Self.export(events)?.endpoints.first?.locality.zone == nil)
        // Once it is to be had, it is listed like any other.
        Self.list(.nodes, [], in: &store)
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
    }

    @Test("What is no longer to be had stays as it was")
    func doWithoutLater() {
        var store = Self.store("a")
        store.listBegan(.nodes)
        store.doWithout(.nodes)
        #expect(Self.told(&store) == ["listed n/a"])
    }

    // MARK: Removals

    @Test("What is deleted is told as removed, whichever of its objects it was")
    func removed() {
        for (name, kind) in [("a", APIResource.Kind.services), ("a-1", .endpointSlices)] {
            var store = Self.store("a", "b")
            store.remove(Self.objectName(name), kind)
            #expect(Self.told(&store) == ["removed n/a"])
            #expect(Self.told(&store) == [])
            store.remove(Self.objectName(name), kind)
            #expect(Self.told(&store) == [])
        }
    }

    @Test("What is no longer exported is told as removed")
    func takenBack() {
        var store = Self.store("a")
        store.put(.service(S.service("a", .other("NodePort"))))
        #expect(Self.told(&store) == ["removed n/a"])
        store.put(.service(S.service("a", .headless, [])))
        #expect(Self.told(&store) == ["upserted n/a"])
        store.put(.endpointSlice(S.slice("a-1", S.endpoint("10.1.0.1", conditions: []))))
        #expect(Self.told(&store) == ["removed n/a"])
    }

    @Test("What a new list no longer has is told by the list alone")
    func swept() {
        for kind in [APIResource.Kind.services, .endpointSlices] {
            var store = Self.store("a", "b")
            Self.list(kind, ["b"], in: &store)
            #expect(Self.told(&store) == ["listed n/b"])
            Self.list(kind, ["a", "b"], in: &store)
            #expect(Self.told(&store) == ["upserted n/a", "listed n/a n/b"])
        }
    }

    @Test("What was deleted while a list was on its way is told as removed")
    func removedDuringList() {
        var store = Self.store("a", "b", "c")
        store.listBegan(.services)
        store.put(.service(S.service("b", .headless, [])))
        store.remove(Self.objectName("a-1"), .endpointSlices)
        store.listEnded(.services)
        #expect(Self.told(&store) == ["removed n/a", "listed n/b"])
    }

    @Test("The end of a list that never began sweeps nothing")
    func endWithoutBegin() {
        var store = Self.store("a")
        store.listEnded(.services)
        #expect(Self.told(&store) == [])
    }

    @Test("An object that cannot be read stays what it was")
    func unreadable() {
        for (name, kind) in [("a", APIResource.Kind.services), ("a-1", .endpointSlices)] {
            var store = Self.store("a", "b")
            store.listBegan(kind)
            store.keep(Self.objectName(name), kind)
            store.listEnded(kind)
            #expect(Self.told(&store) == ["listed n/a"])
            store.keep(Self.objectName(name), kind)
            #expect(Self.told(&store) == [])
        }
        var store = Self.empty()
        store.listBegan(.services)
        store.keep(Self.objectName("a"), .services)
        store.listEnded(.services)
        for kind in [APIResource.Kind.endpointSlices, .nodes] { Self.list(kind, ["a"], in: &store) }
        #expect(Self.told(&store) == ["listed"])
    }

    // MARK: Changes

    @Test("The same objects again change nothing")
    func again() {
        var store = Self.store("a", "b")
        store.put(.service(S.service("a", .headless, [])))
        store.put(.endpointSlice(S.slice("a-1", S.endpoint("10.1.0.1", node: "m"))))
        store.put(.node(S.node("m", zone: "z")))
        #expect(Self.told(&store) == [])
        for kind in Self.kinds {
            Self.list(kind, ["a", "b"], in: &store)
            #expect(Self.told(&store) == ["listed n/a n/b"])
        }
    }

    @Test("A Node's zone or region changes the Services with endpoints on it, its networks nothing")
    func nodes() {
        var store = Self.store("a", "b")
        store.put(.endpointSlice(S.slice("b-1", of: "b", S.endpoint("10.1.0.1", node: "l"))))
        #expect(Self.told(&store) == ["upserted n/b"])
        store.put(.node(S.node("m", zone: "y")))
        let events = store.takeEvents()
        #expect(events.map(\.shown) == ["upserted n/a"])
        #expect(Self.export(events)?.endpoints.first?.locality.zone == "y")
        store.put(.node(S.node("m", zone: "y", region: "r")))
        #expect(Self.told(&store) == ["upserted n/a"])
        store.put(.node(NodeObject(name: "m", zone: "y", region: "r", podCIDRs: ["10.1.0.0/24"])))
        #expect(Self.told(&store) == [])
        store.remove(ObjectName(namespace: "", name: "m"), .nodes)
        #expect(Self.told(&store) == ["upserted n/a"])
        store.put(.node(S.node("m", zone: "y")))
        #expect(Self.told(&store) == ["upserted n/a"])
        store.listBegan(.nodes)
        store.keep(ObjectName(namespace: "", name: "m"), .nodes)
        store.listEnded(.nodes)
        #expect(Self.told(&store) == ["listed n/a n/b"])
        // One that a list no longer has is where it was, unless there are far too many of them.
        store.listBegan(.nodes)
        store.listEnded(.nodes)
        #expect(Self.told(&store) == ["listed n/a n/b"])
        for number in 0..<ExportStore.maximumLostNodes {
            store.put(.node(S.node("lost-\(number)", zone: "z")))
        }
        store.listBegan(.nodes)
        store.listEnded(.nodes)
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a n/b"])
    }

    @Test("A slice that changes hands changes both Services")
    func movedSlice() {
        var store = Self.store("a", "b")
        store.put(.endpointSlice(S.slice("a-1", of: "b", S.endpoint("10.1.0.2"))))
        #expect(Self.told(&store) == ["removed n/a", "upserted n/b"])
        store.put(.endpointSlice(S.slice("a-1", of: nil, S.endpoint("10.1.0.2"))))
        #expect(Self.told(&store) == ["upserted n/b"])
    }

    @Test("Slices of a Service in another namespace are none of it")
    func otherNamespace() {
        var store = Self.store("a")
        store.put(
            .endpointSlice(
                SliceObject(
                    name: ObjectName(namespace: "m", name: "a-1"), serviceName: "a",
                    endpoints: [S.endpoint("10.1.0.9")])))
        #expect(Self.told(&store) == [])
    }

    @Test("Endpoints beyond 65 536 of one Service are left out, a slice at a time")
    func manyEndpoints() {
        var store = Self.store("a")
        func slice(_ name: String, _ count: Int) -> APIObject {
            .endpointSlice(
                SliceObject(
                    name: Self.objectName(name), serviceName: "a",
                    endpoints: (0..<count).map {
                        SliceEndpoint(
                            addresses: [.v4(UInt32($0))], hostname: nil, nodeName: nil, zone: nil,
                            target: nil, conditions: .ready)
                    }))
        }
        store.put(slice("a-1", 65_536))
        #expect(Self.export(store.takeEvents())?.endpoints.count == 65_536)
        store.put(slice("a-2", 1))
        #expect(Self.told(&store) == [])
        store.put(slice("a-1", 65_537))
        #expect(Self.told(&store) == ["removed n/a"])
        // Each address counts.
        store.put(slice("a-1", 65_535))
        store.put(.endpointSlice(S.slice("a-2", S.endpoint("10.1.0.1", "10.1.0.2"))))
        #expect(Self.export(store.takeEvents())?.endpoints.count == 65_535)
    }
}
