// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("What ServiceExports export")
struct ServiceExportTests {
    typealias S = ExportSamples

    struct Row: Sendable, CustomTestStringConvertible {
        let exposure: ServiceObject.Exposure
        /// `label`, `export`, both or none.
        let ground: String
        let isExported: Bool

        init(_ exposure: ServiceObject.Exposure, _ ground: String, _ isExported: Bool) {
            self.exposure = exposure
            self.ground = ground
            self.isExported = isExported
        }

        var testDescription: String { "\(exposure) by \(ground)" }
    }

    @Test(
        "A ServiceExport exports what has a cluster IP, and headless Services",
        arguments: [
            Row(.clusterIP, "label", true), Row(.clusterIP, "export", true),
            Row(.clusterIP, "label export", true), Row(.headless, "export", true),
            Row(.other("NodePort"), "label", false), Row(.other("NodePort"), "export", true),
            Row(.other("NodePort"), "label export", true),
            Row(.other("LoadBalancer"), "label", false),
            Row(.other("LoadBalancer"), "export", true),
            Row(.other("ExternalName"), "label export", false),
            Row(.other("nodeport"), "label export", false), Row(.other(""), "export", false),
        ])
    func types(_ row: Row) {
        var localities = SharedLocalities()
        let ground = ExportGround(
            isLabelled: row.ground.contains("label"),
            export: row.ground.contains("export") ? S.export() : nil)
        let export = ExportRule(place: Place(cluster: "c")).export(
            S.service("a", row.exposure), on: ground,
            [S.slice("a-1", of: "a", S.endpoint("10.1.0.1"))],
            nodes: [:], localities: &localities)
        #expect((export != nil) == row.isExported)
        guard let export else { return }
        let isHeadless = row.exposure == .headless
        #expect(export.type == (isHeadless ? .headless : .clusterIP))
        #expect(
            export.endpoints.flatMap(\.addresses).map(\.description)
                == [isHeadless ? "10.1.0.1" : "10.0.0.1"])
    }

    @Test(
        "An export is as old as its ServiceExport, by label as its Service, by both as the older",
        arguments: [
            (true, nil, 5.0, 5.0), (false, 7.0, 5.0, 7.0), (true, 7.0, 5.0, 5.0),
            (true, 5.0, 7.0, 5.0), (false, nil, 5.0, nil), (true, 7.0, nil, 7.0),
        ] as [(Bool, Double?, Double?, Double?)])
    func ages(_ isLabelled: Bool, _ export: Double?, _ service: Double?, _ age: Double?) {
        let ground = ExportGround(
            isLabelled: isLabelled, export: S.export(createdSeconds: export))
        #expect(ground.seconds(S.service(createdSeconds: service)) == age)
    }

    // MARK: What is watched for them

    static let kinds: [APIResource.Kind] = [.services, .endpointSlices, .nodes, .serviceExports]

    /// A store with these labelled Services and ServiceExports in its first lists.
    static func store(
        labelled: [String] = [], exports: [ExportObject], namespaces: Set<String>? = nil
    ) -> ExportStore {
        var store = ExportStore(
            rule: ExportRule(place: Place(cluster: "c"), namespaces: namespaces),
            kinds: Set(kinds))
        for kind in kinds where kind != .serviceExports {
            ExportStoreTests.list(kind, labelled, in: &store)
        }
        list(exports, in: &store)
        return store
    }

    static func list(_ exports: [ExportObject], in store: inout ExportStore) {
        store.listBegan(.serviceExports)
        for export in exports { store.put(.serviceExport(export)) }
        store.listEnded(.serviceExports)
    }

    /// Lists what a scope has: headless Services of the namespace `n` with one pod each.
    static func list(
        _ scope: ExportScope, _ names: [String], in store: inout ExportStore
    ) {
        store.listBegan(.services, scope)
        for name in names { store.put(.service(S.service(name, .headless, [])), scope) }
        store.listEnded(.services, scope)
        store.listBegan(.endpointSlices, scope)
        for name in names {
            store.put(
                .endpointSlice(S.slice("\(name)-1", of: name, S.endpoint("10.1.0.1", node: "m"))),
                scope)
        }
        store.listEnded(.endpointSlices, scope)
    }

    static func told(_ store: inout ExportStore) -> [String] { ExportStoreTests.told(&store) }

    @Test("Without ServiceExports, or with labels for all of them, nothing else is watched")
    func nothingElse() {
        var store = Self.store(labelled: ["a", "b"], exports: [])
        #expect(store.watchedScopes == [] && store.isComplete)
        #expect(Self.told(&store) == ["upserted n/a", "upserted n/b", "listed n/a n/b"])
        store = Self.store(labelled: ["a", "b"], exports: [S.export("a"), S.export("b")])
        #expect(store.watchedScopes == [] && store.isComplete)
        #expect(Self.told(&store) == ["upserted n/a", "upserted n/b", "listed n/a n/b"])
    }

    @Test("A cluster is not told before the namespaces of its ServiceExports are listed")
    func firstLists() {
        var store = Self.store(
            labelled: ["a"], exports: [S.export("b"), S.export("x", in: "m")])
        #expect(store.watchedScopes == [.namespace("n"), .namespace("m")])
        #expect(!store.isComplete && Self.told(&store) == [])
        Self.list(.namespace("n"), ["a", "b", "c"], in: &store)
        #expect(!store.isComplete && Self.told(&store) == [])
        Self.list(.namespace("m"), [], in: &store)
        #expect(store.isComplete)
        // The Service c has neither label nor ServiceExport.
        #expect(Self.told(&store) == ["upserted n/a", "upserted n/b", "listed n/a n/b"])
    }

    @Test("A ServiceExport that comes and goes brings its Service and takes it away")
    func comesAndGoes() {
        var store = Self.store(labelled: ["a"], exports: [])
        _ = Self.told(&store)
        store.put(.serviceExport(S.export("b")))
        #expect(Self.told(&store) == [])
        #expect(store.watchedScopes == [.namespace("n")] && store.isComplete)
        Self.list(.namespace("n"), ["a", "b", "c"], in: &store)
        #expect(Self.told(&store) == ["upserted n/b", "listed n/a n/b"])
        // Another one of the namespace is there at once.
        store.put(.serviceExport(S.export("c")))
        #expect(Self.told(&store) == ["upserted n/c"])
        store.remove(ObjectName(S.name("c")), .serviceExports)
        #expect(Self.told(&store) == ["removed n/c"])
        // One that is deleted, though a finalizer keeps it, exports nothing.
        store.put(.serviceExport(S.export("b", isLeaving: true)))
        #expect(Self.told(&store) == ["removed n/b"])
        #expect(store.watchedScopes == [])
        store.drop(.namespace("n"))
        #expect(Self.told(&store) == [])
    }

    @Test("A Service that comes or goes under its ServiceExport is told")
    func serviceComesAndGoes() {
        var store = Self.store(exports: [S.export("a")])
        Self.list(.namespace("n"), [], in: &store)
        #expect(Self.told(&store) == ["listed"])
        let scope = ExportScope.namespace("n")
        store.put(.service(S.service("a", .other("NodePort"))), scope)
        #expect(Self.told(&store) == [])
        store.put(.endpointSlice(S.slice("a-1", of: "a", S.endpoint("10.1.0.1"))), scope)
        #expect(Self.told(&store) == ["upserted n/a"])
        store.put(.service(S.service("a", .other("ExternalName"))), scope)
        #expect(Self.told(&store) == ["removed n/a"])
        store.put(.service(S.service("a")), scope)
        #expect(Self.told(&store) == ["upserted n/a"])
        store.remove(ObjectName(S.name("a")), .services, scope)
        #expect(Self.told(&store) == ["removed n/a"])
    }

    @Test("A label that is taken away under a ServiceExport leaves no gap")
    func labelGoes() {
        var store = Self.store(labelled: ["a"], exports: [S.export("a")])
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
        store.remove(ObjectName(S.name("a")), .services)
        store.remove(ObjectName(namespace: "n", name: "a-1"), .endpointSlices)
        #expect(Self.told(&store) == [])
        #expect(store.watchedScopes == [.namespace("n")])
        Self.list(.namespace("n"), ["a"], in: &store)
        #expect(Self.told(&store) == ["listed n/a"])
        // And back: the Service has the label before its slices have it.
        store.put(.service(S.service("a", .headless, [])))
        #expect(Self.told(&store) == [])
        // The namespace stays, so that a label that comes and goes costs nothing.
        #expect(store.watchedScopes == [.namespace("n")])
        store.remove(ObjectName(S.name("a")), .serviceExports)
        #expect(Self.told(&store) == ["removed n/a"])
        store.put(.endpointSlice(S.slice("a-1", of: "a", S.endpoint("10.1.0.1", node: "m"))))
        #expect(Self.told(&store) == ["upserted n/a"])
    }

    @Test("What a list of ServiceExports no longer has is missing, and not said to be deleted")
    func swept() {
        var store = Self.store(exports: [S.export("a"), S.export("b")])
        Self.list(.namespace("n"), ["a", "b"], in: &store)
        #expect(Self.told(&store) == ["upserted n/a", "upserted n/b", "listed n/a n/b"])
        Self.list([S.export("b")], in: &store)
        #expect(Self.told(&store) == ["listed n/b"])
        #expect(store.hasObjects(of: .serviceExports))
        // The list of a namespace that ends without a Service, too.
        Self.list(.namespace("n"), [], in: &store)
        #expect(Self.told(&store) == ["listed"])
    }

    @Test("What a list has swept and was put off is told once it is known, however that comes")
    func sweptAndPutOff() {
        func store() -> ExportStore {
            var store = Self.store(labelled: ["a"], exports: [S.export("a")])
            #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
            // The label has gone while nobody watched; the namespace is not listed yet.
            ExportStoreTests.list(.services, [], in: &store)
            #expect(Self.told(&store) == ["listed n/a"])
            return store
        }
        var deleted = store()
        deleted.remove(ObjectName(S.name("a")), .serviceExports)
        #expect(Self.told(&deleted) == ["removed n/a"])
        // What nobody has deleted is missing from a list.
        var changed = store()
        changed.put(.service(S.service("a", .other("ExternalName"))))
        #expect(Self.told(&changed) == ["listed"])
        #expect(Self.told(&changed) == [])
    }

    @Test("Only namespaces that may export are watched")
    func namespaces() {
        var store = Self.store(
            exports: [S.export("a"), S.export("x", in: "m")], namespaces: ["m"])
        #expect(store.watchedScopes == [.namespace("m")])
        Self.list(.namespace("m"), [], in: &store)
        #expect(Self.told(&store) == ["listed"])
    }

    @Test("Of too many namespaces everything is watched, and what was watched stays until then")
    func tooMany() {
        let few = (0..<ExportStore.maximumNamespaces - 1).map { S.export("x", in: "m\($0)") }
        var store = Self.store(exports: few + [S.export("a")])
        let scopes = store.watchedScopes
        #expect(scopes.count == ExportStore.maximumNamespaces)
        for scope in scopes { Self.list(scope, scope == .namespace("n") ? ["a"] : [], in: &store) }
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
        store.put(.serviceExport(S.export("x", in: "one-more")))
        #expect(Self.told(&store) == [])
        #expect(store.watchedScopes == scopes.union([.all]))
        Self.list(.all, ["a", "b"], in: &store)
        #expect(store.watchedScopes == [.all])
        for scope in scopes { store.drop(scope) }
        #expect(Self.told(&store) == ["listed n/a"])
        store.put(.serviceExport(S.export("b")))
        #expect(Self.told(&store) == ["upserted n/b"])
        Self.list([], in: &store)
        #expect(store.watchedScopes == [])
    }

    @Test("Without their kind, or the right to it, there are no ServiceExports")
    func doWithout() {
        var store = ExportStore(
            rule: ExportRule(place: Place(cluster: "c")), kinds: Set(Self.kinds))
        for kind in Self.kinds.dropLast() { ExportStoreTests.list(kind, ["a"], in: &store) }
        #expect(!store.isComplete)
        store.listBegan(.serviceExports)
        store.doWithout(.serviceExports)
        #expect(store.isComplete && !store.hasObjects(of: .serviceExports))
        #expect(Self.told(&store) == ["upserted n/a", "listed n/a"])
    }

    // MARK: Objects

    @Test(
        "Of a ServiceExport the metadata count, in every version",
        arguments: [
            (#""creationTimestamp":"1970-01-01T00:00:07Z""#, 7.0, false),
            (#""deletionTimestamp":"2026-01-01T00:00:00Z""#, nil, true),
            (#""deletionTimestamp":null"#, nil, false), (#""labels":{"a":"b"}"#, nil, false),
        ] as [(String, Double?, Bool)])
    func decoded(_ field: String, _ seconds: Double?, _ isLeaving: Bool) throws {
        let text =
            #"{"apiVersion":"multicluster.x-k8s.io/v1beta1","kind":"ServiceExport","metadata":"#
            + #"{"name":"web","namespace":"shop",\#(field)},"spec":{"exportedLabels":{"a":"b"}},"#
            + #""status":{"conditions":[{"type":"Valid","status":"True"}]}}"#
        let object = try ObjectDecoderTests.decode(text, as: .serviceExports)
        #expect(
            object
                == .serviceExport(
                    S.export(
                        "web", in: "shop", createdSeconds: seconds, isLeaving: isLeaving)))
    }

    @Test(
        "A collection's path names group, version, namespace and kind",
        arguments: [
            (APIResource(kind: .services), ["/api/v1/services"]),
            (APIResource(kind: .nodes), ["/api/v1/nodes"]),
            (
                APIResource(kind: .endpointSlices, namespace: "shop"),
                ["/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"]
            ),
            (
                APIResource(kind: .serviceExports),
                [
                    "/apis/multicluster.x-k8s.io/v1beta1/serviceexports",
                    "/apis/multicluster.x-k8s.io/v1alpha1/serviceexports",
                ]
            ),
        ])
    func paths(_ resource: APIResource, _ paths: [String]) {
        #expect(resource.kind.versions.map { resource.path(version: $0) } == paths)
    }
}
