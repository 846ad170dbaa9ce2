// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("What ServiceImports say of clusters that are not watched")
struct ServiceImportTests {
    typealias S = ExportSamples

    static let kinds: [APIResource.Kind] = [.serviceImports, .endpointSlices]

    static func slice(
        _ name: String, from cluster: String?, of service: String? = "a",
        _ endpoints: SliceEndpoint...
    ) -> SliceObject {
        SliceObject(
            name: ObjectName(namespace: "n", name: name), serviceName: nil, importName: service,
            sourceCluster: cluster, endpoints: endpoints)
    }

    static func list(
        _ kind: APIResource.Kind, _ objects: [APIObject], in store: inout ImportStore
    ) {
        store.listBegan(kind)
        for object in objects { store.put(object) }
        store.listEnded(kind)
    }

    /// Each endpoint as `addresses hostname cluster/zone`; nil where there is no service.
    static func endpoints(_ service: ServiceObject, _ slices: SliceObject...) -> [String]? {
        var store = ImportStore()
        list(.serviceImports, [.serviceImport(service)], in: &store)
        list(.endpointSlices, slices.map { .endpointSlice($0) }, in: &store)
        return ExportStoreTests.export(store.takeEvents())?.endpoints.map { endpoint in
            let addresses = endpoint.addresses.map(\.description).joined(separator: ",")
            return "\(addresses) \(endpoint.hostname ?? "-") "
                + "\(endpoint.locality.cluster ?? "-")/\(endpoint.locality.zone ?? "-")"
        }
    }

    static let ready = S.endpoint("10.1.0.1", hostname: "p", node: "m", zone: "z")
    static let unready = S.endpoint("10.1.0.2", conditions: [])

    @Test("Without slices a ClusterSetIP is one endpoint for each address, in no cluster")
    func withoutSlices() {
        #expect(
            Self.endpoints(S.service("a", .clusterIP, ["10.0.0.1", "fd00::1"]))
                == ["10.0.0.1 - -/-", "fd00::1 - -/-"])
        #expect(Self.endpoints(S.service("a", .clusterIP, [])) == nil)
        #expect(Self.endpoints(S.service("a", .headless, [])) == nil)
        #expect(
            Self.endpoints(
                S.service("a", .clusterIP, ["10.0.0.1"]),
                Self.slice("b-1", from: "c", of: "b", Self.ready),
                Self.slice("x-1", from: "c", of: nil, Self.ready)) == ["10.0.0.1 - -/-"])
    }

    @Test("A ClusterSetIP is in each cluster that has an endpoint for it")
    func clusterSetIP() {
        let service = S.service("a", .clusterIP, ["10.0.0.1", "fd00::1"])
        #expect(
            Self.endpoints(
                service, Self.slice("a-2", from: "d.e", Self.ready),
                Self.slice("a-1", from: "c", Self.ready, S.endpoint("fd01::1")),
                Self.slice("a-3", from: "f", Self.unready))
                == ["10.0.0.1,fd00::1 - c/-", "10.0.0.1 - d.e/-"])
        #expect(Self.endpoints(service, Self.slice("a-1", from: "c", Self.unready)) == nil)
        #expect(
            Self.endpoints(service, Self.slice("a-1", from: nil, Self.ready))
                == ["10.0.0.1 - -/-"])
    }

    @Test(
        "Without an address an import is the ready endpoints of its slices, each in its cluster",
        arguments: [ServiceObject.Exposure.headless, .clusterIP])
    func endpointsOfSlices(_ exposure: ServiceObject.Exposure) {
        #expect(
            Self.endpoints(
                S.service("a", exposure, []), Self.slice("a-2", from: "d.e", Self.ready),
                Self.slice("a-1", from: "c", Self.ready, Self.unready),
                Self.slice("a-3", from: nil, S.endpoint("10.3.0.1")))
                == ["10.3.0.1 - -/-", "10.1.0.1 p c/z", "10.1.0.1 p d.e/z"])
    }

    @Test("Imports of other types are none")
    func otherTypes() {
        #expect(
            Self.endpoints(
                S.service("a", .other("x"), ["10.0.0.1"]), Self.slice("a-1", from: "c", Self.ready))
                == nil)
    }

    @Test("What comes, changes and goes is told; what a list no longer has is missing")
    func events() {
        var store = ImportStore()
        let service = S.service("a", .headless, [])
        Self.list(.endpointSlices, [], in: &store)
        #expect(ExportStoreTests.told(&store) == [] && !store.isComplete)
        Self.list(.serviceImports, [.serviceImport(service)], in: &store)
        #expect(ExportStoreTests.told(&store) == ["listed"] && store.isComplete)
        store.put(.endpointSlice(Self.slice("a-1", from: "c", Self.ready)))
        #expect(ExportStoreTests.told(&store) == ["upserted n/a"])
        store.put(.endpointSlice(Self.slice("a-1", from: "c", Self.ready)))
        #expect(ExportStoreTests.told(&store) == [])
        store.remove(ObjectName(namespace: "n", name: "a-1"), .endpointSlices)
        #expect(ExportStoreTests.told(&store) == ["removed n/a"])
        store.put(.endpointSlice(Self.slice("a-1", from: "c", Self.ready)))
        store.remove(ObjectName(S.name("a")), .serviceImports)
        #expect(ExportStoreTests.told(&store) == [])
        store.put(.serviceImport(service))
        #expect(ExportStoreTests.told(&store) == ["upserted n/a"])
        store.listBegan(.serviceImports)
        store.keep(ObjectName(S.name("a")), .serviceImports)
        store.listEnded(.serviceImports)
        #expect(ExportStoreTests.told(&store) == ["listed n/a"])
        Self.list(.serviceImports, [], in: &store)
        #expect(ExportStoreTests.told(&store) == ["listed"])
        #expect(!store.hasObjects(of: .serviceImports))
    }

    @Test("Without their kind there are no imports, and nothing is waited for")
    func doWithout() {
        var store = ImportStore()
        store.listBegan(.serviceImports)
        store.doWithout(.serviceImports)
        Self.list(.endpointSlices, [], in: &store)
        #expect(store.isComplete && ExportStoreTests.told(&store) == ["listed"])
    }

    // MARK: Objects

    @Test(
        "A ServiceImport is read as the Service that it is to who imports it",
        arguments: [
            (
                #"{"type":"ClusterSetIP","ips":["10.0.0.1","fd00::1"]}"#, .clusterIP,
                ["10.0.0.1", "fd00::1"]
            ),
            (#"{"type":"ClusterSetIP","ips":[]}"#, .clusterIP, []),
            (#"{"type":"ClusterSetIP"}"#, .clusterIP, []), (#"{"type":"Headless"}"#, .headless, []),
            (#"{"type":"Headless","ips":["10.0.0.1"]}"#, .headless, []),
            (#"{"type":"ClusterIP","ips":["10.0.0.1"]}"#, .other("unknown"), []),
            ("{}", .other("unknown"), []),
        ] as [(String, ServiceObject.Exposure, [String])])
    func decoded(_ spec: String, _ exposure: ServiceObject.Exposure, _ addresses: [String]) throws {
        let text =
            #"{"apiVersion":"multicluster.x-k8s.io/v1beta1","metadata":{"name":"a","namespace":"n","#
            + #""creationTimestamp":"1970-01-01T00:00:07Z"},"spec":\#(spec),"#
            + #""status":{"clusters":[{"cluster":"c"}]}}"#
        #expect(
            try ObjectDecoderTests.decode(text, as: .serviceImports)
                == .serviceImport(S.service("a", exposure, addresses, createdSeconds: 7)))
    }

    @Test("Ports of an import are those of a Service")
    func ports() throws {
        let object = try ObjectDecoderTests.decode(
            #"{"metadata":{"name":"a","namespace":"n"},"spec":{"type":"Headless","#
                + #""ports":[{"name":"http","protocol":"TCP","port":80},{"port":53,"protocol":"UDP"}]}}"#,
            as: .serviceImports)
        #expect(
            object
                == .serviceImport(
                    S.service(
                        "a", .headless, [],
                        ports: [
                            ServicePort(name: "http", number: 80),
                            ServicePort(name: nil, transport: .udp, number: 53),
                        ])))
    }

    @Test(
        "A slice says which import and cluster it is of",
        arguments: [("c", "c"), ("c.d", "c.d"), ("C_d", nil), ("", nil)]
            as [(String, String?)])
    func labels(_ cluster: String, _ expected: String?) throws {
        let object = try ObjectDecoderTests.decode(
            #"{"metadata":{"name":"a-1","namespace":"n","labels":{"#
                + #""multicluster.kubernetes.io/service-name":"a","#
                + #""multicluster.kubernetes.io/source-cluster":"\#(cluster)"}},"#
                + #""addressType":"IPv4","endpoints":[]}"#, as: .endpointSlices)
        #expect(object == .endpointSlice(Self.slice("a-1", from: expected)))
    }
}
