// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import ServiceCatalog

@testable internal import FabDNS

/// One service for each way that an answer is made.
enum SmallCatalog {
    /// A zone without a face is refused, or asked who is asking.
    static let zones: [(name: String, face: NameFace?)] = [
        ("global.", .fabdns), ("clusterset.local.", .mcs), ("refused.global.", nil),
        ("who.", nil), ("0.10.in-addr.arpa.", .reverse), ("ip6.arpa.", .reverse),
    ]

    static func settings(_ zone: String) -> ZoneSet.NodeSettings {
        var settings = ZoneSet.NodeSettings()
        settings.answersWhoami = zone == "who."
        settings.log = 0
        guard zone == "global." else { return settings }
        settings.identity = Array("edge-1".utf8)
        settings.access = [
            AccessTable.Rule(action: .block, types: [13], networks: []),
            AccessTable.Rule(action: .filter, types: [15, 99], networks: []),
        ]
        return settings
    }

    static let place = Place(cluster: "beijing", region: "north", zone: "north-1")

    static let services = [
        ExportedService(
            name: ServiceName(namespace: "default", name: "nginx"), type: .clusterIP,
            ports: [ServicePort(name: "http", number: 80)],
            endpoints: [
                endpoint(.v4(0x0A00_0001), near),
                endpoint(.v4(0x0A01_0001), far),
                endpoint(.v6(0x2001_0DB8_0000_0000, 1), far),
            ]),
        ExportedService(
            name: ServiceName(namespace: "default", name: "db"), type: .headless,
            ports: [
                ServicePort(name: "pg", number: 5432),
                ServicePort(name: "pg-udp", transport: .udp, number: 5432),
            ],
            endpoints: [
                endpoint(.v4(0x0A00_0101), near, hostname: "db-0"),
                endpoint(.v4(0x0A00_0102), near, hostname: "db-1"),
                endpoint(.v4(0x0A01_0101), far, hostname: "db-0"),
                endpoint(.v4(0x0A01_0102), far, hostname: "db-2", conditions: []),
            ]),
        // Neither fits into 512 octets; the second fits into no datagram.
        crowd("some", count: 40),
        crowd("many", count: 200),
        // More than a message over TCP holds.
        crowd("too-many", count: 4200),
        ExportedService(
            name: ServiceName(namespace: "default", name: "nobody"), type: .clusterIP, ports: [],
            endpoints: []),
    ]

    private static let near = Locality(cluster: "beijing", region: "north", zone: "north-1")
    private static let far = Locality(cluster: "shanghai", region: "east", zone: "east-1")

    private static func endpoint(
        _ address: IPAddress, _ locality: Locality, hostname: String? = nil,
        conditions: EndpointConditions = .ready
    ) -> Endpoint {
        Endpoint(
            addresses: [address], hostname: hostname, locality: locality, conditions: conditions)
    }

    /// A headless service with `count` endpoints, each with a hostname.
    private static func crowd(_ name: String, count: UInt32) -> ExportedService {
        ExportedService(
            name: ServiceName(namespace: "crowds", name: name), type: .headless,
            ports: [ServicePort(name: "http", number: 80)],
            endpoints: (0..<count).map {
                endpoint(.v4(0x0A02_0000 + $0), near, hostname: "pod-\($0)")
            })
    }
}
