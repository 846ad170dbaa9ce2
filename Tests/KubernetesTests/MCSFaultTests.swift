// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Synchronization
import TestSupport
import Testing

@testable import ServiceCatalog

/// ServiceExports of API servers that have them, do not have them yet, or forbid them.
@Suite("Faults of the Multi-Cluster Services API")
struct MCSFaultTests {
    private static let beta = "/apis/multicluster.x-k8s.io/v1beta1/serviceexports"
    private static let alpha = "/apis/multicluster.x-k8s.io/v1alpha1/serviceexports"
    private static let services = "/api/v1/namespaces/a/services"
    private static let slices = "/apis/discovery.k8s.io/v1/namespaces/a/endpointslices"
    private static let web = "a/web \(IPAddress.v4(0x0A00_0001))"
    private static let db = "a/db \(IPAddress.v4(0x0A00_0002))"

    /// `web` has the label, `db` a ServiceExport.
    private static func objects(exportsAt path: String) -> WatchedObjects {
        let objects = WatchedObjects([
            APIText.services, APIText.slices, APIText.nodes, services, slices, path,
        ])
        objects.put(service: "web", "10.0.0.1")
        for (name, address) in [("web", "10.0.0.1"), ("db", "10.0.0.2"), ("other", "10.0.0.3")] {
            objects.put(services, namespace: "a", name: name) {
                APIText.service(name, address, version: $0)
            }
            objects.put(slices, namespace: "a", name: "\(name)-1") {
                APIText.slice(name, ["10.9.9.9"], version: $0)
            }
        }
        put("db", at: path, objects)
        return objects
    }

    private static func put(_ name: String, at path: String, _ objects: WatchedObjects) {
        objects.put(path, namespace: "a", name: name) {
            #"{"kind":"ServiceExport","metadata":{"namespace":"a","name":"\#(name)","#
                + #""resourceVersion":"\#($0)","creationTimestamp":"2026-01-01T00:00:00Z"}}"#
        }
    }

    private static func refusal(_ status: Int) -> [FakeAPIServer.Step] {
        [.reply(status: status, contentType: "text/plain", headers: [], body: Array("no".utf8))]
    }

    private static var timing: WatchTiming {
        var timing = WatchTiming()
        timing.slowRetryMilliseconds = 50
        return timing
    }

    @Test("ServiceExports are read in the version that is served", arguments: [beta, alpha])
    func versions(_ path: String) throws {
        let objects = Self.objects(exportsAt: path)
        let server = try FakeAPIServer { request in
            request.path.contains("multicluster") && request.path != path
                ? Self.refusal(404) : objects.respond(request)
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: [Self.db, Self.web]))
        #expect(eventually { feed.isLive })
        // Nothing was told before all of it was there.
        #expect(feed.publications <= 3)
        Self.put("other", at: path, objects)
        #expect(feed.comes(to: [Self.db, "a/other \(IPAddress.v4(0x0A00_0003))", Self.web]))
        objects.remove(path, namespace: "a", name: "other")
        objects.remove(path, namespace: "a", name: "db")
        #expect(feed.comes(to: [Self.web]))
        #expect(eventually { objects.watchCount(Self.services) == 0 })
        Self.put("db", at: path, objects)
        #expect(feed.comes(to: [Self.db, Self.web]))
        #expect(feed.isLive && feed.log.allSatisfy { !$0.contains("serviceexports") })
    }

    @Test("CRDs that come late, and rights that do, are found", arguments: [404, 403])
    func late(_ status: Int) throws {
        let objects = Self.objects(exportsAt: Self.beta)
        let isThere = Mutex(false)
        let server = try FakeAPIServer { request in
            request.path.contains("multicluster") && !isThere.withLock({ $0 })
                ? Self.refusal(status) : objects.respond(request)
        }
        let feed = try WatchedFeed(server.kubeconfig, timing: Self.timing)
        #expect(feed.comes(to: [Self.web]))
        #expect(eventually { feed.isLive })
        #expect(feed.log.contains { $0.contains("serviceexports") } == (status == 403))
        isThere.withLock { $0 = true }
        #expect(feed.comes(to: [Self.db, Self.web]))
        #expect(feed.isLive)
    }

    @Test(
        "ServiceImports can be done without, and are there as soon as they can be had",
        arguments: [404, 403])
    func imports(_ status: Int) throws {
        let path = "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"
        let objects = WatchedObjects([APIText.slices, path])
        objects.put(path, namespace: "a", name: "web") {
            #"{"metadata":{"namespace":"a","name":"web","resourceVersion":"\#($0)"},"#
                + #""spec":{"type":"ClusterSetIP","ips":["10.0.0.1"],"ports":[{"port":80}]}}"#
        }
        objects.put(APIText.slices, namespace: "a", name: "web-x") {
            #"{"metadata":{"namespace":"a","name":"web-x","resourceVersion":"\#($0)","#
                + #""labels":{"multicluster.kubernetes.io/service-name":"web","#
                + #""multicluster.kubernetes.io/source-cluster":"c9"}},"#
                + #""addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"]}]}"#
        }
        let isThere = Mutex(false)
        let server = try FakeAPIServer { request in
            request.path.contains("multicluster.x") && request.path != path
                ? Self.refusal(404)
                : request.path == path && !isThere.withLock({ $0 })
                    ? Self.refusal(status) : objects.respond(request)
        }
        let feed = try WatchedFeed(
            APIFeedPlan(
                identity: .imports, access: .kubeconfig(path: server.kubeconfig, context: nil),
                streams: true, isOptional: true), timing: Self.timing)
        #expect(eventually { feed.isHeard })
        #expect(feed.services.isEmpty)
        isThere.withLock { $0 = true }
        #expect(feed.comes(to: [Self.web]))
        #expect(eventually { feed.snapshot.clusters == ["c9": .live] })
        #expect(feed.log.contains { $0.contains("serviceimports") } == (status == 403))
    }

    @Test("A namespace that cannot be watched is not heard, and what was known stays")
    func namespaceForbidden() throws {
        let objects = Self.objects(exportsAt: Self.beta)
        let isForbidden = Mutex(false)
        let server = try FakeAPIServer { request in
            request.path == Self.slices && isForbidden.withLock({ $0 })
                ? Self.refusal(403) : objects.respond(request)
        }
        let feed = try WatchedFeed(server.kubeconfig, timing: Self.timing)
        #expect(feed.comes(to: [Self.db, Self.web]))
        isForbidden.withLock { $0 = true }
        server.stop()
        objects.forget()
        try server.start()
        #expect(eventually(within: 30) { !feed.isLive })
        #expect(feed.services == [Self.db, Self.web])
        isForbidden.withLock { $0 = false }
        #expect(eventually(within: 30) { feed.isLive })
        #expect(feed.services == [Self.db, Self.web])
    }
}
