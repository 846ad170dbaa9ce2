// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import TestSupport
import Testing

@testable import ServiceCatalog

/// What would take minutes if it were compared each with each.
@Suite("Work on a large cluster grows no faster than the cluster", .serialized)
struct LargeClusterTests {
    typealias S = ExportSamples

    private static let bound = Duration.seconds(10) * TestRun.patience

    private static func headless(_ endpoints: [SliceEndpoint]) -> ExportedService? {
        var localities = SharedLocalities()
        let slice = SliceObject(
            name: ExportStoreTests.objectName("a-1"), serviceName: "a", endpoints: endpoints)
        return ExportRule(place: Place(cluster: "c")).export(
            S.service("a", .headless, []), [slice], nodes: [:], localities: &localities)
    }

    private static func endpoint(
        _ addresses: [IPAddress], node: String? = nil, zone: String? = nil, target: String? = nil
    ) -> SliceEndpoint {
        SliceEndpoint(
            addresses: addresses, hostname: nil, nodeName: node, zone: zone, target: target,
            conditions: .ready)
    }

    @Test("Many addresses of one pod are one endpoint, each once")
    func addresses() {
        let count = ExportStore.maximumEndpoints
        let endpoints = (0..<count).map {
            Self.endpoint([.v4(UInt32($0)), .v4(0)], target: "Pod/a")
        }
        var found: ExportedService?
        #expect(ContinuousClock().measure { found = Self.headless(endpoints) } < Self.bound)
        #expect(found?.endpoints.count == 1)
        #expect(found?.endpoints.first?.addresses == (0..<count).map { .v4(UInt32($0)) })
    }

    @Test("Endpoints may each be in a zone of their own")
    func zones() {
        let count = ExportStore.maximumEndpoints
        let endpoints = (0..<count).map { Self.endpoint([.v4(UInt32($0))], zone: "z\($0)") }
        var found: ExportedService?
        #expect(ContinuousClock().measure { found = Self.headless(endpoints) } < Self.bound)
        #expect(found?.endpoints.localities.map(\.zone) == (0..<count).map { "z\($0)" })
    }

    @Test("Nodes that come after the endpoints on them are looked for once")
    func nodes() {
        var store = ExportStoreTests.store("a")
        for number in 0..<200 {
            let endpoints = (0..<100).map { index in
                Self.endpoint(
                    [.v4(UInt32(index))], node: "node-\((number * 100 + index) % 5_000)")
            }
            store.put(
                .endpointSlice(
                    SliceObject(
                        name: ExportStoreTests.objectName("a-\(number)"), serviceName: "a",
                        endpoints: endpoints)))
        }
        _ = store.takeEvents()
        store.listBegan(.nodes)
        let time = ContinuousClock().measure {
            for number in 0..<5_000 {
                store.put(.node(S.node("node-\(number)", zone: "z")))
                #expect(store.takeEvents().isEmpty)
            }
            store.listEnded(.nodes)
        }
        #expect(time < Self.bound)
        let events = store.takeEvents()
        #expect(events.map(\.shown) == ["upserted n/a", "listed n/a"])
        let zones = ExportStoreTests.export(events)?.endpoints.localities.map(\.zone)
        #expect(zones == ["z"])
    }
}
