// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Catalog files: what they may say")
struct CatalogDecodingTests {
    static let head = #""apiVersion":"dns.fabedge.io/v1alpha1","kind":"GlobalService""#
    static let item = """
        {\(head),"metadata":{"name":"nginx","namespace":"default","labels":{"a":[1]},"uid":"x"},
        "spec":{"type":"Headless","ports":[{"name":"http","port":80}],
        "endpoints":[{"addresses":["10.0.0.1","FF01::3"],"hostname":"web-0",
        "targetRef":{"kind":"Pod"},"cluster":"a.b","zone":"z","region":"r"}]}}
        """

    /// The same in the syntax of kubectl's YAML, as one item of a list.
    static let block = """
        - apiVersion: dns.fabedge.io/v1alpha1
          kind: GlobalService
          metadata:
            creationTimestamp: null
            labels: {a: &x [1], b: *x}
            name: nginx
            namespace: default
          spec:
            endpoints:
            - addresses:
              - 10.0.0.1
              - 'FF01::3'
              cluster: a.b
              hostname: "web\\x2d0"
              region: >-
                r
              targetRef: {}
              zone: z
            ports:
            - name: http
              port: 80
              protocol: TCP
            type: Headless
        """

    static let service = ExportedService(
        name: ServiceName(namespace: "default", name: "nginx"), type: .headless,
        ports: [ServicePort(name: "http", number: 80)],
        endpoints: [
            Endpoint(
                addresses: [.v4(0x0A00_0001), .v6(0xFF01_0000_0000_0000, 3)], hostname: "web-0",
                locality: Locality(cluster: "a.b", region: "r", zone: "z"))
        ])

    static func load(_ text: String) throws -> LoadedCatalog {
        try CatalogFile.decode(Array(text.utf8))
    }

    /// The one service of an object whose spec is this JSON.
    static func service(spec: String) throws -> ExportedService {
        let loaded = try load(
            #"{\#(head),"metadata":{"name":"a","namespace":"b"},"spec":\#(spec)}"#)
        return try #require(loaded.services.first)
    }

    @Test(
        "One object, an array, a List and a GlobalServiceList are catalogs, whatever comes first",
        arguments: [
            item, " \r\n\t[\(item)]\n",
            #"{"apiVersion":"v1","kind":"List","items":[\#(item)],"metadata":{"resourceVersion":""}}"#,
            #"{"items":[\#(item)],"kind":"List","metadata":{},"apiVersion":"v1"}"#,
            #"{"apiVersion":"dns.fabedge.io/v1alpha1","items":[\#(item)],"kind":"GlobalServiceList"}"#,
            "apiVersion: v1\nitems:\n\(block)\nkind: List\nmetadata: {resourceVersion: ''}\n",
            "apiVersion: v1\r\nkind: List\r\nitems:\r\n"
                + block.replacing("\n", with: "\r\n"),
            block, "---\n\(block)\n...\n", "---\n---\n\(block)\n---\n# end\n", "\u{FEFF}\(item)",
            "# kubectl's JSON is YAML too\n\(item)",
        ])
    func shapes(text: String) throws {
        let loaded = try Self.load(text)
        #expect(loaded.services == [Self.service])
        #expect(loaded.unknownFields == [])
    }

    @Test("UTF-16 with a byte order mark is read as YAML", arguments: [true, false])
    func utf16(isLittleEndian: Bool) throws {
        let units = Array("\u{FEFF}\(Self.block)".utf16)
        let octets = units.flatMap { unit in
            let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return isLittleEndian ? pair.reversed() : pair
        }
        #expect(try CatalogFile.decode(octets).services == [Self.service])
    }

    @Test("Each document of a YAML stream adds its services, in order")
    func documents() throws {
        let other = "apiVersion: dns.fabedge.io/v1alpha1\nkind: GlobalService\nmetadata: "
        let loaded = try Self.load(
            "\(other){name: b, namespace: n}\n---\n\(Self.block)\n---\n\(other){name: a, namespace: n}\n"
        )
        #expect(loaded.services.map(\.name.description) == ["n/b", "default/nginx", "n/a"])
    }

    @Test("An empty list is an empty catalog, in both syntaxes")
    func emptyList() throws {
        #expect(try Self.load("[]").services == [])
        #expect(try Self.load(#"{"apiVersion":"v1","kind":"List","items":[]}"#).services == [])
        #expect(try Self.load("apiVersion: v1\nkind: List\nitems: []\n").services == [])
    }

    @Test("An element of a list need not say its apiVersion and kind, as in the replies of a hub")
    func bareElement() throws {
        let loaded = try Self.load(#"[{"metadata":{"name":"a","namespace":"b"}}]"#)
        #expect(
            loaded.services == [
                ExportedService(
                    name: ServiceName(namespace: "b", name: "a"), type: .clusterIP, ports: [],
                    endpoints: [])
            ])
    }

    @Test("What is absent, null or empty is not known, and the type is ClusterIP")
    func absent() throws {
        let full = try Self.service(
            spec: """
                {"type":null,"ports":[{"name":"","appProtocol":null,"protocol":null,"port":1}],
                "endpoints":[{"addresses":["::1"],"hostname":"","cluster":"","zone":null,"region":"",
                "nodeName":"","targetRef":null,"conditions":null}]}
                """)
        let short = try Self.service(
            spec: #"{"ports":[{"port":1}],"endpoints":[{"addresses":["::1"]}]}"#)
        #expect(full == short)
        #expect(full.type == .clusterIP)
        #expect(full.ports == [ServicePort(name: nil, transport: .tcp, number: 1)])
        #expect(
            Array(full.endpoints) == [
                Endpoint(
                    addresses: [.v6(0, 1)],
                    locality: Locality(cluster: nil, region: nil, zone: nil))
            ])
    }

    @Test("A port has a name, a transport, an application protocol and a number")
    func ports() throws {
        let service = try Self.service(
            spec: """
                {"ports":[{"name":"a-1","protocol":"UDP","appProtocol":"x.io/y","port":65535},
                {"protocol":"SCTP","port":1},{"protocol":"TCP","port":2}]}
                """)
        #expect(
            service.ports == [
                ServicePort(name: "a-1", transport: .udp, number: 65535, appProtocol: "x.io/y"),
                ServicePort(name: nil, transport: .sctp, number: 1),
                ServicePort(name: nil, number: 2),
            ])
    }

    @Test(
        "Conditions default as in the EndpointSlice API: ready, serving as ready, not terminating",
        arguments: [
            ("{}", EndpointConditions.ready),
            (#"{"ready":true}"#, .ready),
            (#"{"ready":false}"#, []),
            (#"{"ready":false,"serving":true,"terminating":true}"#, [.isServing, .isTerminating]),
            (#"{"serving":false}"#, .isReady),
            (#"{"terminating":true}"#, [.isReady, .isServing, .isTerminating]),
        ] as [(String, EndpointConditions)])
    func conditions(text: String, expected: EndpointConditions) throws {
        let service = try Self.service(
            spec: #"{"endpoints":[{"addresses":["10.0.0.1"],"conditions":\#(text)}]}"#)
        #expect(service.endpoints.first?.conditions == expected)
    }

    @Test("Endpoints keep their order and their duplicates, and share their localities")
    func order() throws {
        let one = #"{"addresses":["10.0.0.1"],"cluster":"b","nodeName":"n.example"}"#
        let two = #"{"addresses":["::ffff:10.0.0.2"],"cluster":"a"}"#
        let service = try Self.service(spec: #"{"endpoints":[\#(one),\#(two),\#(one)]}"#)
        #expect(service.endpoints.map(\.locality.cluster) == ["b", "a", "b"])
        #expect(
            service.endpoints.map(\.addresses) == [
                [.v4(0x0A00_0001)], [.v4(0x0A00_0002)], [.v4(0x0A00_0001)],
            ])
        #expect(service.endpoints.map(\.nodeName) == ["n.example", nil, "n.example"])
        #expect(service.endpoints.localities.count == 2)
        #expect(service.endpoints[0].locality === service.endpoints[2].locality)
    }

    @Test("Where YAML has text, words and numbers that YAML 1.1 takes for values are text")
    func yamlText() throws {
        let loaded = try Self.load(
            """
            apiVersion: dns.fabedge.io/v1alpha1
            kind: GlobalService
            metadata: {name: "yes", namespace: 123}
            spec:
              endpoints:
              - {addresses: [10.0.0.1], cluster: no, zone: 1.5, region: !!str null, hostname: off}
            """)
        let endpoint = try #require(loaded.services.first?.endpoints.first)
        #expect(loaded.services.first?.name.description == "123/yes")
        #expect(endpoint.locality == Locality(cluster: "no", region: "null", zone: "1.5"))
        #expect(endpoint.hostname == "off")
    }

    @Test(
        "YAML 1.1 spells true and false in several ways",
        arguments: [
            ("true", true), ("Yes", true), ("ON", true), ("no", false), ("False", false),
            ("off", false),
        ])
    func yamlBooleans(word: String, isReady: Bool) throws {
        let loaded = try Self.load(
            """
            - metadata: {name: a, namespace: b}
              spec: {endpoints: [{addresses: ['::1'], conditions: {ready: \(word)}}]}
            """)
        let endpoint = try #require(loaded.services.first?.endpoints.first)
        #expect(endpoint.conditions.contains(.isReady) == isReady)
    }

    @Test("Unknown fields are passed over and named once each, but not in metadata and targetRef")
    func unknownFields() throws {
        let text = """
            [{"metadata":{"name":"a","namespace":"b","x":1},"status":{"deep":[{}]},
            "spec":{"weird\\nname":1,"endpoints":[{"addresses":["::1"],"weight":1,"targetRef":{"y":1}},
            {"weight":[],"addresses":["::1"],"conditions":{"odd":true}}]}},
            {"metadata":{"name":"c","namespace":"b"},"status":null}]
            """
        #expect(
            try Self.load(text).unknownFields == [
                "status", #"spec.weird\nname"#, "spec.endpoints[].weight",
                "spec.endpoints[].conditions.odd",
            ])
    }
}
