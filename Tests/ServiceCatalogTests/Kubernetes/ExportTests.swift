// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("What a cluster's objects export")
struct ExportTests {
    typealias S = ExportSamples

    static let terminating: EndpointConditions = [.isServing, .isTerminating]

    /// Each endpoint as `addresses hostname@node cluster/region/zone`, parts that are not there as
    /// `-`; nil where nothing is exported.
    static func export(
        _ service: ServiceObject, _ slices: SliceObject..., nodes: NodeObject...,
        place: Place = Place(cluster: "c", region: "r", zone: "z"), namespaces: Set<String>? = nil
    ) -> [String]? {
        var localities = SharedLocalities()
        let export = ExportRule(place: place, namespaces: namespaces).export(
            service, slices, nodes: Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0) }),
            localities: &localities)
        return export?.endpoints.map { endpoint in
            let addresses = endpoint.addresses.map(\.description).joined(separator: ",")
            let topology = [
                endpoint.locality.cluster, endpoint.locality.region, endpoint.locality.zone,
            ].map { $0 ?? "-" }.joined(separator: "/")
            return
                "\(addresses) \(endpoint.hostname ?? "-")@\(endpoint.nodeName ?? "-") \(topology)"
        }
    }

    // MARK: Services with an address

    @Test("A Service is exported with its own address while it has an endpoint that is ready")
    func clusterIP() {
        let service = S.service()
        let ready = S.endpoint("10.1.0.1", node: "m", zone: "y")
        #expect(
            Self.export(service, S.slice("a-1", ready), nodes: S.node("m", zone: "x"))
                == ["10.0.0.1 -@- c/r/z"])
        #expect(Self.export(service, S.slice("a-1", S.endpoint("10.1.0.1", conditions: []))) == nil)
        #expect(
            Self.export(service, S.slice("a-1", S.endpoint("10.1.0.1", conditions: .isServing)))
                == nil)
        #expect(Self.export(service, S.slice("a-1")) == nil)
        #expect(Self.export(service) == nil)
        #expect(Self.export(S.service("a", .clusterIP, []), S.slice("a-1", ready)) == nil)
    }

    @Test(
        "Each family is exported while an endpoint of that family is ready",
        arguments: [
            ([S.endpoint("10.1.0.1"), S.endpoint("fd01::1")], "10.0.0.1,fd00::1"),
            ([S.endpoint("10.1.0.1"), S.endpoint("fd01::1", conditions: [])], "10.0.0.1"),
            ([S.endpoint("10.1.0.1", conditions: []), S.endpoint("fd01::1")], "fd00::1"),
            ([S.endpoint("10.1.0.1", conditions: []), S.endpoint("fd01::1", conditions: [])], nil),
            ([S.endpoint("10.1.0.1")], "10.0.0.1"), ([S.endpoint("fd01::1")], "fd00::1"),
        ] as [([SliceEndpoint], String?)])
    func families(_ endpoints: [SliceEndpoint], _ addresses: String?) {
        let service = S.service("a", .clusterIP, ["10.0.0.1", "fd00::1"])
        let slices = endpoints.enumerated().map { S.slice("a-\($0.offset)", $0.element) }
        let found = Self.export(
            service, slices[0], slices.count > 1 ? slices[1] : S.slice("a-9"))
        #expect(found == addresses.map { ["\($0) -@- c/r/z"] })
    }

    @Test("Type, ports and age of an export are those of its Service")
    func properties() throws {
        var localities = SharedLocalities()
        let ports = [ServicePort(name: "b", number: 2), ServicePort(name: "a", number: 1)]
        for (exposure, type) in [
            (ServiceObject.Exposure.clusterIP, ServiceType.clusterIP), (.headless, .headless),
        ] {
            for seconds in [nil, 7.0] {
                let service = S.service(
                    "a", exposure, ["10.0.0.1"], ports: ports, createdSeconds: seconds)
                let export = try #require(
                    ExportRule(place: Place()).export(
                        service, [S.slice("a-1", S.endpoint("10.1.0.1"))], nodes: [:],
                        localities: &localities))
                #expect(export.name == S.name("a"))
                #expect(export.type == type)
                #expect(export.ports == ports)
                #expect(export.exportedSeconds == seconds)
                #expect(export.endpoints.map(\.conditions) == [.ready])
            }
        }
    }

    @Test(
        "Services of other types are not exported",
        arguments: ["NodePort", "LoadBalancer", "ExternalName", ""])
    func otherTypes(_ type: String) {
        let slice = S.slice("a-1", S.endpoint("10.1.0.1"))
        #expect(Self.export(S.service("a", .other(type)), slice) == nil)
        #expect(Self.export(S.service("a", .clusterIP), slice) != nil)
    }

    @Test(
        "Only namespaces that may export do",
        arguments: [(nil, true), (["n"], true), (["m", "n"], true), (["m"], false), ([], false)]
            as [(Set<String>?, Bool)])
    func namespaces(_ namespaces: Set<String>?, _ isExported: Bool) {
        let slice = S.slice("a-1", S.endpoint("10.1.0.1"))
        for exposure in [ServiceObject.Exposure.clusterIP, .headless] {
            let found = Self.export(S.service("a", exposure), slice, namespaces: namespaces)
            #expect((found != nil) == isExported)
        }
    }

    // MARK: Headless Services

    static let headless = S.service("a", .headless, [])

    @Test("A headless Service is its pods, in the order of its slices' names")
    func headlessOrder() {
        let first = S.slice(
            "a-1", S.endpoint("10.1.0.2", hostname: "a-1", node: "m"), S.endpoint("10.1.0.1"))
        let second = S.slice("a-2", S.endpoint("10.1.0.0"))
        let expected = ["10.1.0.2 a-1@m c/r/z", "10.1.0.1 -@- c/r/z", "10.1.0.0 -@- c/r/z"]
        #expect(Self.export(Self.headless, first, second) == expected)
        #expect(Self.export(Self.headless, second, first) == expected)
    }

    @Test("A pod of both families is one endpoint, known by its target")
    func dualStack() {
        let v4 = S.slice(
            "a-4", S.endpoint("10.1.0.1", hostname: "p", target: "Pod/p"),
            S.endpoint("10.1.0.2", target: "Pod/q"))
        let v6 = S.slice(
            "a-6", S.endpoint("fd01::2", target: "Pod/q"), S.endpoint("fd01::1", target: "Pod/p"))
        #expect(
            Self.export(Self.headless, v4, v6)
                == ["10.1.0.1,fd01::1 p@- c/r/z", "10.1.0.2,fd01::2 -@- c/r/z"])
        // Without a target, or with targets of other kinds, they are two.
        #expect(
            Self.export(
                Self.headless, S.slice("a-4", S.endpoint("10.1.0.1")),
                S.slice("a-6", S.endpoint("fd01::1"))) == [
                    "10.1.0.1 -@- c/r/z", "fd01::1 -@- c/r/z",
                ])
        #expect(
            Self.export(
                Self.headless, S.slice("a-4", S.endpoint("10.1.0.1", target: "Pod/p")),
                S.slice("a-6", S.endpoint("fd01::1", target: "VM/p")))?.count == 2)
    }

    @Test("What two slices have is one endpoint, with a target or without")
    func duplicates() {
        for target in [nil, "Pod/p"] {
            let endpoint = S.endpoint("10.1.0.1", "10.1.0.2", target: target)
            #expect(
                Self.export(
                    Self.headless, S.slice("a-1", endpoint, endpoint), S.slice("a-2", endpoint))
                    == ["10.1.0.1,10.1.0.2 -@- c/r/z"])
        }
        #expect(Self.export(Self.headless, S.slice("a-1", S.endpoint())) == nil)
    }

    // MARK: Where endpoints are

    @Test(
        "A zone is the endpoint's, else its Node's, else the configured one; a region its Node's",
        arguments: [
            ("e", "n", "g", "c/g/e"), (nil, "n", "g", "c/g/n"), (nil, nil, "g", "c/g/z"),
            ("e", nil, nil, "c/r/e"), (nil, nil, nil, "c/r/z"), (nil, "n", nil, "c/r/n"),
        ] as [(String?, String?, String?, String)])
    func topology(_ zone: String?, _ nodeZone: String?, _ region: String?, _ expected: String) {
        let slice = S.slice("a-1", S.endpoint("10.1.0.1", node: "m", zone: zone))
        let node = S.node("m", zone: nodeZone, region: region)
        #expect(
            Self.export(Self.headless, slice, nodes: node, S.node("other", zone: "o"))
                == ["10.1.0.1 -@m \(expected)"])
    }

    @Test("A Node that is not known says nothing, and without a configured place nor does that")
    func unknownPlace() {
        let slice = S.slice("a-1", S.endpoint("10.1.0.1", node: "m"), S.endpoint("10.1.0.2"))
        #expect(
            Self.export(Self.headless, slice, place: Place())
                == ["10.1.0.1 -@m -/-/-", "10.1.0.2 -@- -/-/-"])
        #expect(
            Self.export(Self.headless, slice, nodes: S.node("l", zone: "o"))
                == ["10.1.0.1 -@m c/r/z", "10.1.0.2 -@- c/r/z"])
    }

    // MARK: Readiness

    @Test(
        "Ready endpoints are usable; where there is none, those that serve while they terminate",
        arguments: [
            ([.ready, .ready], [0, 1]), ([.ready, []], [0]),
            ([.isReady, Self.terminating], [0]), ([[], Self.terminating], [1]),
            ([Self.terminating, Self.terminating], [0, 1]), ([[], .isServing], []),
            ([[], .isTerminating], []), ([[], []], []),
            // Kubernetes calls what terminates not ready, but where it is published all the same.
            ([[.isReady, .isServing, .isTerminating], Self.terminating], [0]),
        ] as [([EndpointConditions], [Int])])
    func usable(_ conditions: [EndpointConditions], _ expected: [Int]) {
        let slice = SliceObject(
            name: ObjectName(namespace: "n", name: "a-1"), serviceName: "a",
            endpoints: conditions.enumerated().map {
                S.endpoint("10.1.0.\($0.offset)", conditions: $0.element)
            }
        )
        let found = Self.export(Self.headless, slice)
        #expect((found ?? []) == expected.map { "10.1.0.\($0) -@- c/r/z" })
        #expect((Self.export(S.service(), slice) != nil) == !expected.isEmpty)
        let all = Self.export(S.service("a", .headless, [], publishesNotReady: true), slice)
        #expect(all?.count == conditions.count)
    }

    @Test("Localities are shared")
    func sharedLocalities() throws {
        var localities = SharedLocalities()
        let rule = ExportRule(place: Place(cluster: "c"))
        let exports = ["a", "b"].compactMap { name in
            rule.export(
                S.service(name, .headless, []),
                [S.slice("x", S.endpoint("10.1.0.1"), S.endpoint("10.1.0.2"))], nodes: [:],
                localities: &localities)
        }
        try #require(exports.count == 2)
        #expect(exports[0].endpoints[0].locality === exports[1].endpoints[1].locality)
    }
}
