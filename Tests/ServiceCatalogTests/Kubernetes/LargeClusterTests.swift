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
}
