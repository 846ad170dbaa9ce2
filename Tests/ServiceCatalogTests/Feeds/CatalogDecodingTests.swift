// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Catalog files: what they may say")
struct CatalogDecodingTests {
    static let item = """
        {"apiVersion":"dns.fabedge.io/v1alpha1","kind":"GlobalService",
        "metadata":{"name":"nginx","namespace":"default","labels":{"a":[1]},"uid":"x"},
        "spec":{"type":"Headless","ports":[{"name":"http","port":80}],
        "endpoints":[{"addresses":["10.0.0.1","FF01::3"],"hostname":"web-0","targetRef":{"kind":"Pod"},
        "cluster":"a.b","zone":"z","region":"r"}]}}
        """

    static func load(_ text: String) throws -> LoadedCatalog {
        try CatalogFile.decode(Array(text.utf8))
    }

    @Test(
        "One object, an array, a List and a GlobalServiceList are catalogs, whatever comes first",
        arguments: [
            item, "[\(item)]",
            #"{"apiVersion":"v1","kind":"List","items":[\#(item)],"metadata":{"resourceVersion":""}}"#,
            #"{"items":[\#(item)],"kind":"List","metadata":{},"apiVersion":"v1"}"#,
            #"{"apiVersion":"dns.fabedge.io/v1alpha1","items":[\#(item)],"kind":"GlobalServiceList"}"#,
        ])
    func shapes(text: String) throws {
        let service = ExportedService(
            name: ServiceName(namespace: "default", name: "nginx"), type: .headless,
            ports: [ServicePort(name: "http", number: 80)],
            endpoints: [
                Endpoint(
                    addresses: [.v4(0x0A00_0001), .v6(0xFF01_0000_0000_0000, 3)], hostname: "web-0",
                    locality: Locality(cluster: "a.b", region: "r", zone: "z"))
            ])
        let loaded = try Self.load(text)
        #expect(loaded.services == [service])
        #expect(loaded.unknownFields == [])
    }
}
