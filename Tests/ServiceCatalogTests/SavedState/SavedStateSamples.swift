// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import TestSupport

@testable import ServiceCatalog

/// Feeds for tests of saved state.
enum SavedStateSamples {
    /// Two Services with everything that a Service may have.
    static let small = SavedFeed(
        feed: "cluster-edge.east", currentSeconds: 1_750_000_000.25,
        services: [
            ExportedService(
                name: ServiceName(namespace: "shop", name: "cart"), type: .clusterIP,
                ports: [
                    ServicePort(name: "web", number: 80, appProtocol: "kubernetes.io/h2c"),
                    ServicePort(name: nil, transport: .sctp, number: 65_535),
                ],
                endpoints: PackedEndpoints([
                    Endpoint(
                        addresses: [.v4(0x0A00_0001)],
                        locality: Locality(cluster: "edge.east", region: nil, zone: "zürich"))
                ]), exportedSeconds: 1_700_000_000),
            ExportedService(
                name: ServiceName(namespace: "shop", name: "db"), type: .headless, ports: [],
                endpoints: PackedEndpoints([
                    Endpoint(
                        addresses: [.v4(0x0A00_0002), .v6(0xFD77 << 48, 2)], hostname: "db-0",
                        locality: Locality(cluster: "edge.east", region: "r", zone: ""),
                        nodeName: "node-1.example.org", conditions: [.isServing, .isTerminating]),
                    Endpoint(
                        addresses: [.v6(1, 2)],
                        locality: Locality(cluster: nil, region: nil, zone: nil)),
                ])),
        ])

    /// A feed of one Service without endpoints, which differs from generation to generation.
    static func generation(_ number: Int, of feed: String = "globalservices") -> SavedFeed {
        SavedFeed(
            feed: feed, currentSeconds: Double(number),
            services: [
                ExportedService(
                    name: ServiceName(namespace: "a", name: "generation-\(number)"),
                    type: .clusterIP, ports: [], endpoints: [])
            ])
    }

    static func random(_ random: inout SeededRandom, serviceCount: Int) -> SavedFeed {
        let localities = (0..<Int.random(in: 1...40, using: &random)).map { index in
            Locality(
                cluster: index % 7 == 0 ? nil : "cluster-\(index % 5).x",
                region: ["north", "süd", nil].randomElement(using: &random) ?? nil,
                zone: Bool.random(using: &random) ? "zone-\(index)" : nil)
        }
        let ports = (0..<5).map { list in
            (0..<list).map { port in
                ServicePort(
                    name: port == 0 ? nil : "port-\(port)",
                    transport: TransportProtocol.allCases.randomElement(using: &random) ?? .tcp,
                    number: .random(in: 1...65_535, using: &random),
                    appProtocol: Bool.random(using: &random) ? "example.org/\(list)" : nil)
            }
        }
        var services: [ExportedService] = []
        for index in 0..<serviceCount {
            let endpointCount = Int.random(in: 0...6, using: &random)
            services.append(
                ExportedService(
                    name: ServiceName(
                        namespace: "namespace-\(index % 9)", name: "service-\(index)"),
                    type: Bool.random(using: &random) ? .headless : .clusterIP,
                    ports: ports.randomElement(using: &random) ?? [],
                    endpoints: PackedEndpoints(
                        (0..<endpointCount).map { _ in endpoint(&random, localities) }),
                    exportedSeconds: Bool.random(using: &random)
                        ? Double.random(in: 0...4e9, using: &random) : nil))
        }
        services.shuffle(using: &random)
        return SavedFeed(
            feed: "globalservices", currentSeconds: .random(in: 0...4e9, using: &random),
            services: services)
    }

    private static func endpoint(
        _ random: inout SeededRandom, _ localities: [Locality]
    ) -> Endpoint {
        let addresses = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            Bool.random(using: &random)
                ? IPAddress.v4(.random(in: 0 ... .max, using: &random))
                : .v6(random.next(), random.next())
        }
        return Endpoint(
            addresses: addresses,
            hostname: Bool.random(using: &random) ? "pod-\(random.next() % 100)" : nil,
            locality: localities.randomElement(using: &random)
                ?? Locality(cluster: nil, region: nil, zone: nil),
            nodeName: Bool.random(using: &random) ? "node-\(random.next() % 10).example" : nil,
            conditions: EndpointConditions(rawValue: UInt8(random.next() % 8)))
    }
}

extension SavedFeed {
    var names: [String] { services.map(\.name.description) }

    var sorted: [ExportedService] { services.sorted { $0.name < $1.name } }
}
