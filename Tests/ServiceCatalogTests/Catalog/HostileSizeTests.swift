// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

/// What one object of a few megabytes can hold takes no time that others notice: quadratic work on
/// it would be minutes here.
@Suite("Services of a size that nobody needs")
struct HostileSizeTests {
    private static func quickly(_ body: () -> Void) {
        let took = ContinuousClock().measure(body)
        #expect(took < .seconds(20))
    }

    private static func locality(_ number: Int) -> Locality {
        Locality(cluster: "c\(number)", region: nil, zone: nil)
    }

    private static func packed(_ numbers: [Int], _ address: UInt32 = 1) -> PackedEndpoints {
        PackedEndpoints(
            numbers.map { Endpoint(addresses: [.v4(address)], locality: locality($0)) })
    }

    @Test("Each endpoint has its locality, few or many, in the order of their first appearance")
    func localities() {
        for count in [0, 1, 15, 16, 17, 18, 100] {
            let numbers = (0..<count).flatMap { [$0, $0 / 2, 0] }
            let packed = Self.packed(numbers)
            #expect(packed.localities == (0..<count).map(Self.locality))
            #expect(packed.map(\.locality) == numbers.map(Self.locality))
        }
    }

    @Test("A packer that has had many localities begins anew")
    func packerAgain() {
        var packer = EndpointPacker()
        for count in [20, 2, 20] {
            for number in 0..<count {
                packer.append(
                    addresses: [.v4(1)], hostname: [], nodeName: [],
                    locality: Self.locality(number), conditions: .ready)
            }
            #expect(packer.finish() == Self.packed(Array(0..<count)))
        }
    }

    @Test("An endpoint in each of 40,000 localities")
    func manyLocalities() {
        Self.quickly {
            #expect(Self.packed(Array(0..<40_000)).localities.count == 40_000)
        }
    }

    @Test("Two feeds with 40,000 ports each, which agree or do not")
    func manyPorts() {
        func part(_ prefix: String, _ firstNumber: Int, _ seconds: Double) -> ExportedService {
            exported(
                "a",
                ports: (0..<40_000).map {
                    ServicePort(name: "\(prefix)\($0)", number: UInt16(firstNumber + $0))
                }, since: seconds)
        }
        Self.quickly {
            let (merged, conflicts) = ServiceMerge.merge([part("p", 1, 1), part("q", 20_001, 2)])
            #expect(merged.ports.count == 60_000)
            #expect(conflicts.count == ServiceMerge.maximumConflicts)
        }
    }

    @Test("40,000 clusters of a service that another feed delivers too")
    func manyForeignClusters() {
        let name = ExportSamples.name("a")
        func service(_ address: UInt32) -> ExportedService {
            ExportedService(
                name: name, type: .clusterIP, ports: [],
                endpoints: Self.packed(Array(0..<40_000), address))
        }
        Self.quickly {
            var feeds = FeedSet([CatalogFeed(.hub), CatalogFeed(.imports)])
            let moment = FeedMoment(seconds: 0, wallSeconds: 0)
            for (feed, address) in [(FeedIdentity.hub, UInt32(1)), (.imports, 2)] {
                _ = feeds.apply(
                    [.upserted(service(address)), .listed([name]), .synced], from: feed, at: moment)
            }
            let merged = feeds.service(name)?.service
            #expect(merged?.endpoints == service(1).endpoints)
        }
    }

    @Test("A flood of distinct localities is not kept for those that come later")
    func flood() {
        var shared = SharedValues()
        let first = shared.locality(cluster: [0x61], region: [], zone: [])
        #expect(shared.locality(cluster: [0x61], region: [], zone: []) === first)
        for number in 0...10_000 {
            _ = shared.locality(cluster: Array("c\(number)".utf8)[...], region: [], zone: [])
        }
        #expect(shared.locality(cluster: [0x61], region: [], zone: []) !== first)
    }
}
