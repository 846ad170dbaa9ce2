// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Objects of the Kubernetes API: what is read of them")
struct ObjectDecoderTests {
    static func decode(_ text: String, as kind: APIResource.Kind) throws -> APIObject {
        var decoder = ObjectDecoder()
        return try decoder.decode(Array(text.utf8), as: kind)
    }

    /// The Service whose spec is this JSON.
    static func service(_ spec: String) throws -> ServiceObject {
        let object = try decode(
            #"{"metadata":{"name":"web","namespace":"shop"},"spec":\#(spec)}"#, as: .services)
        guard case .service(let service) = object else { throw Failed() }
        return service
    }

    /// The EndpointSlice with these fields beside its metadata.
    static func slice(_ fields: String) throws -> SliceObject {
        let object = try decode(
            #"{"metadata":{"name":"web-x","namespace":"shop"},\#(fields)}"#, as: .endpointSlices)
        guard case .endpointSlice(let slice) = object else { throw Failed() }
        return slice
    }

    static func node(_ text: String) throws -> NodeObject {
        guard case .node(let node) = try decode(text, as: .nodes) else { throw Failed() }
        return node
    }

    struct Failed: Error {}

    // MARK: Services

    @Test("A whole Service, as the API server writes it")
    func wholeService() throws {
        let object = try Self.decode(
            #"""
            {"kind":"Service","apiVersion":"v1","metadata":{"name":"web","namespace":"shop",
            "uid":"6f","resourceVersion":"1234","generation":1,
            "creationTimestamp":"2026-01-31T23:59:59Z","labels":{"app":"web",
            "fabedge.io/global-service":"true"},"annotations":{"a":"{\"b\":[1]}"},
            "managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{"f:type":{}}}}]},
            "spec":{"ports":[{"name":"http","protocol":"TCP","appProtocol":"kubernetes.io/h2c",
            "port":80,"targetPort":"web","nodePort":30080},{"name":"dns","protocol":"UDP","port":53,
            "targetPort":5353}],"selector":{"app":"web"},"clusterIP":"10.96.0.7",
            "clusterIPs":["10.96.0.7","fd00::7"],"type":"ClusterIP","sessionAffinity":"None",
            "ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"PreferDualStack"},
            "status":{"loadBalancer":{}}}
            """#, as: .services)
        #expect(
            object
                == .service(
                    ServiceObject(
                        name: ServiceName(namespace: "shop", name: "web"), exposure: .clusterIP,
                        addresses: [.v4(0x0A60_0007), .v6(0xFD00_0000_0000_0000, 7)],
                        ports: [
                            ServicePort(
                                name: "http", number: 80, appProtocol: "kubernetes.io/h2c"),
                            ServicePort(name: "dns", transport: .udp, number: 53),
                        ], publishesNotReady: false, createdSeconds: 1_769_903_999)))
    }

    @Test(
        "A Service has the addresses in clusterIPs, or the one in clusterIP, or none",
        arguments: [
            ("{}", .clusterIP, []), ("null", .clusterIP, []),
            (#"{"clusterIP":"10.0.0.1"}"#, .clusterIP, ["10.0.0.1"]),
            (#"{"clusterIP":"","clusterIPs":[]}"#, .clusterIP, []),
            (#"{"clusterIP":null,"clusterIPs":null}"#, .clusterIP, []),
            (#"{"clusterIPs":["10.0.0.1","FD00::1"]}"#, .clusterIP, ["10.0.0.1", "fd00::1"]),
            (#"{"clusterIPs":["fd00::1"],"clusterIP":"fd00::1"}"#, .clusterIP, ["fd00::1"]),
            (#"{"clusterIP":"None"}"#, .headless, []), (#"{"clusterIPs":["None"]}"#, .headless, []),
            (#"{"clusterIP":"None","clusterIPs":["None"],"type":"ClusterIP"}"#, .headless, []),
            (#"{"type":"NodePort","clusterIP":"10.0.0.1"}"#, .other("NodePort"), ["10.0.0.1"]),
            (#"{"type":"LoadBalancer","clusterIP":"None"}"#, .other("LoadBalancer"), []),
            (#"{"type":"ExternalName","externalName":"a.example"}"#, .other("ExternalName"), []),
            (#"{"type":"clusterip"}"#, .other("clusterip"), []),
        ] as [(String, ServiceObject.Exposure, [String])])
    func addresses(
        _ spec: String, _ exposure: ServiceObject.Exposure, _ addresses: [String]
    ) throws {
        let service = try Self.service(spec)
        #expect(service.exposure == exposure)
        #expect(service.addresses.map(\.description) == addresses)
    }

    @Test("Ports are TCP unless they say otherwise, and one may have no name")
    func ports() throws {
        let service = try Self.service(
            #"{"ports":[{"port":1,"name":""},{"port":2,"protocol":null},{"protocol":"SCTP","port":3}]}"#
        )
        #expect(
            service.ports == [
                ServicePort(name: nil, number: 1), ServicePort(name: nil, number: 2),
                ServicePort(name: nil, transport: .sctp, number: 3),
            ])
        #expect(try Self.service(#"{"ports":null}"#).ports == [])
    }

    @Test(
        "Only true publishes addresses that are not ready",
        arguments: [("true", true), ("false", false), ("null", false)])
    func publishNotReady(_ value: String, _ expected: Bool) throws {
        let service = try Self.service(#"{"publishNotReadyAddresses":\#(value)}"#)
        #expect(service.publishesNotReady == expected)
        #expect(try !Self.service("{}").publishesNotReady)
    }

    @Test(
        "A creation time that is none is not known",
        arguments: [
            (#""2026-01-31T23:59:59Z""#, 1_769_903_999), ("null", nil), (#""""#, nil),
            (#""yesterday""#, nil),
        ] as [(String, Double?)])
    func creation(_ value: String, _ seconds: Double?) throws {
        var decoder = ObjectDecoder()
        _ = try decoder.decode(
            Array(
                #"{"metadata":{"name":"a","namespace":"b","creationTimestamp":\#(value)}}"#.utf8),
            as: .services)
        #expect(decoder.metadata.createdSeconds == seconds)
    }

    // MARK: EndpointSlices

    @Test("A whole EndpointSlice, as the API server writes it")
    func wholeSlice() throws {
        let object = try Self.decode(
            #"""
            {"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{
            "name":"web-abc12","generateName":"web-","namespace":"shop","resourceVersion":"1300",
            "labels":{"endpointslice.kubernetes.io/managed-by":"x","kubernetes.io/service-name":"web"},
            "ownerReferences":[{"kind":"Service","name":"web","controller":true}]},
            "addressType":"IPv4","endpoints":[{"addresses":["10.1.0.4"],"conditions":{"ready":true,
            "serving":true,"terminating":false},"hostname":"web-0","targetRef":{"kind":"Pod",
            "namespace":"shop","name":"web-0","uid":"7a"},"nodeName":"node-1","zone":"north-a",
            "hints":{"forZones":[{"name":"north-a"}]}}],"ports":[{"name":"http","port":8080,
            "protocol":"TCP"}]}
            """#, as: .endpointSlices)
        let slice = SliceObject(
            name: ObjectName(namespace: "shop", name: "web-abc12"), serviceName: "web",
            endpoints: [
                SliceEndpoint(
                    addresses: [.v4(0x0A01_0004)], hostname: "web-0", nodeName: "node-1",
                    zone: "north-a", target: "Pod/web-0", conditions: .ready)
            ])
        #expect(object == .endpointSlice(slice))
        #expect(slice.service == ServiceName(namespace: "shop", name: "web"))
    }

    @Test(
        "A slice of names is read as empty, wherever its type stands; others have addresses",
        arguments: [
            (#""addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}]"#, ["10.0.0.1"]),
            (#""endpoints":[{"addresses":["10.0.0.1"]}],"addressType":"IPv4""#, ["10.0.0.1"]),
            (#""addressType":"IPv6","endpoints":[{"addresses":["fd00::1"]}]"#, ["fd00::1"]),
            (#""endpoints":[{"addresses":["fd00::1","fd00::2"]}]"#, ["fd00::1", "fd00::2"]),
            (#""addressType":"FQDN","endpoints":[{"addresses":["a.example"]}]"#, []),
            (#""endpoints":[{"addresses":["a.example"]}],"addressType":"FQDN""#, []),
            (
                #""endpoints":[{"addresses":["10.0.0.1"]},{"addresses":["a"]}],"addressType":"FQDN""#,
                []
            ),
            (#""addressType":"FQDN","endpoints":{"not":"read"}"#, []),
            (#""addressType":"IPv4","endpoints":null"#, []),
            (#""addressType":"","endpoints":[]"#, []),
            (#""addressType":null"#, []),
        ])
    func addressTypes(_ fields: String, _ addresses: [String]) throws {
        let slice = try Self.slice(fields)
        #expect(slice.endpoints.flatMap(\.addresses).map(\.description) == addresses)
        #expect(slice.serviceName == nil)
        #expect(slice.service == nil)
    }

    @Test(
        "Conditions that are absent or null have the defaults of the API",
        arguments: [
            ("", .ready), (#","conditions":null"#, .ready), (#","conditions":{}"#, .ready),
            (#","conditions":{"ready":null,"serving":null,"terminating":null}"#, .ready),
            (#","conditions":{"ready":true}"#, .ready), (#","conditions":{"ready":false}"#, []),
            (#","conditions":{"ready":false,"serving":true}"#, .isServing),
            (
                #","conditions":{"ready":false,"serving":true,"terminating":true}"#,
                [.isServing, .isTerminating]
            ),
            (#","conditions":{"terminating":true}"#, [.isReady, .isServing, .isTerminating]),
            (#","conditions":{"serving":false}"#, .isReady),
        ] as [(String, EndpointConditions)])
    func conditions(_ field: String, _ expected: EndpointConditions) throws {
        let slice = try Self.slice(#""endpoints":[{"addresses":["10.0.0.1"]\#(field)}]"#)
        #expect(slice.endpoints.map(\.conditions) == [expected])
    }

    @Test(
        "What an endpoint does not say of itself is not known",
        arguments: [
            "", #","hostname":"","zone":"","targetRef":{}"#,
            #","hostname":null,"zone":null,"targetRef":null,"nodeName":null,"deprecatedTopology":{}"#,
            #","targetRef":{"kind":"Pod"},"targetref":{"name":"a"}"#,
        ])
    func absent(_ fields: String) throws {
        let slice = try Self.slice(#""endpoints":[{"addresses":["10.0.0.1"]\#(fields)}]"#)
        #expect(
            slice.endpoints == [
                SliceEndpoint(
                    addresses: [.v4(0x0A00_0001)], hostname: nil, nodeName: nil, zone: nil,
                    target: nil, conditions: .ready)
            ])
    }

    // MARK: Nodes

    @Test(
        "A Node is its labels of topology and its networks, as a whole or as metadata alone",
        arguments: [
            (
                #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"n","labels":{"topology.kubernetes.io/zone":"z","topology.kubernetes.io/region":"r","kubernetes.io/hostname":"n"}}}"#,
                "z", "r", []
            ),
            (
                #"{"metadata":{"labels":{"topology.kubernetes.io/zone":"z"},"name":"n"},"spec":{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24","fd00::/64"],"taints":[]},"status":{}}"#,
                "z", nil, ["10.1.0.0/24", "fd00::/64"]
            ),
            (
                #"{"metadata":{"name":"n"},"spec":{"podCIDR":"10.1.0.0/24"}}"#, nil, nil,
                ["10.1.0.0/24"]
            ),
            (#"{"metadata":{"name":"n","labels":null},"spec":{}}"#, nil, nil, []),
            (
                #"{"metadata":{"name":"n","labels":{"topology.kubernetes.io/zone":"","failure-domain.beta.kubernetes.io/zone":"z"}}}"#,
                nil, nil, []
            ),
        ] as [(String, String?, String?, [String])])
    func nodes(_ text: String, _ zone: String?, _ region: String?, _ podCIDRs: [String]) throws {
        #expect(
            try Self.node(text)
                == NodeObject(name: "n", zone: zone, region: region, podCIDRs: podCIDRs))
    }

    // MARK: GlobalServices and bookmarks

    @Test("A GlobalService is what a catalog file makes of it, kind or no kind")
    func globalServices() throws {
        for text in [
            CatalogDecodingTests.item,
            CatalogDecodingTests.item.replacing("\(CatalogDecodingTests.head),", with: ""),
        ] {
            let object = try Self.decode(text, as: .globalServices)
            #expect(object == .globalService(CatalogDecodingTests.service))
        }
    }

    @Test("One decoder reads many objects, each as if it were the first")
    func reuse() throws {
        var decoder = ObjectDecoder()
        for _ in 0..<3 {
            let object = try decoder.decode(
                Array(CatalogDecodingTests.item.utf8), as: .globalServices)
            #expect(object == .globalService(CatalogDecodingTests.service))
            #expect(decoder.metadata.name == "nginx")
            _ = try decoder.decode(
                Array(
                    #"{"metadata":{"name":"n","labels":{"topology.kubernetes.io/zone":"z"}}}"#.utf8),
                as: .nodes)
            #expect(decoder.metadata.namespace == "")
            let empty = try decoder.decode(Array(#"{"metadata":{"name":"m"}}"#.utf8), as: .nodes)
            #expect(empty == .node(NodeObject(name: "m", zone: nil, region: nil, podCIDRs: [])))
        }
    }

    @Test(
        "A bookmark has a version, and the one that ends the initial events says so",
        arguments: [
            (#"{"kind":"Service","metadata":{"resourceVersion":"9"},"spec":{}}"#, "9", false),
            (
                #"{"metadata":{"resourceVersion":"9","creationTimestamp":null,"annotations":{"a":"b","k8s.io/initial-events-end":"true"}},"addressType":"","endpoints":null,"ports":null}"#,
                "9", true
            ),
            (#"{"metadata":{"annotations":{"k8s.io/initial-events-end":"false"}}}"#, "", false),
            (#"{"metadata":{"annotations":{"k8s.io/initial-events-end":"True"}}}"#, "", false),
            (#"{"metadata":{"annotations":{"k8s.io/initial-events-ene":"true"}}}"#, "", false),
            (#"{"metadata":{"labels":{"k8s.io/initial-events-end":"true"}}}"#, "", false),
            (#"{"metadata":{"annotations":null}}"#, "", false), ("{}", "", false),
        ])
    func bookmarks(_ text: String, _ version: String, _ isEnd: Bool) throws {
        var decoder = ObjectDecoder()
        let metadata = try decoder.metadata(of: Array(text.utf8))
        #expect(metadata.resourceVersion == version)
        #expect(metadata.endsInitialEvents == isEnd)
    }
}
