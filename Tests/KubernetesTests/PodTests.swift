// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// The server as in a Pod: the environment and the files of a service account, and nothing said of
/// an API in the Corefile, as fab-dns's has it.
@Suite(
    "In a Pod", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"),
    .enabled(if: RunningServer.canPlayPod, "needs root and unshare"))
struct PodTests {
    private static let corefile = """
        global {
            bind 127.0.0.1
            errors
            ready 127.0.0.1:{ready}
            fabdns {
                cluster chaoyang
                zone beijing
                region north
            }
        }
        """

    /// What fab-dns's own ClusterRole grants that matters here.
    private static let rightsOfFabDNS = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: fabdns}
        rules:
          - {apiGroups: [dns.fabedge.io], resources: [globalservices], verbs: [list, watch]}
        """

    private static let globalServices = """
        apiVersion: dns.fabedge.io/v1alpha1
        kind: GlobalService
        metadata: {name: web, namespace: default}
        spec:
          type: ClusterIP
          ports: [{port: 80}]
          endpoints:
            - {addresses: [10.0.0.1], cluster: xicheng, zone: beijing, region: north}
            - {addresses: [10.0.0.2], cluster: pudong, zone: shanghai, region: east}
        ---
        apiVersion: dns.fabedge.io/v1alpha1
        kind: GlobalService
        metadata: {name: cache, namespace: default}
        spec:
          type: Headless
          ports: [{port: 80}]
          endpoints:
            - {addresses: [10.0.1.2], cluster: pudong, zone: shanghai, region: east, hostname: c-0}
        """

    /// A control plane with the kind GlobalService and an account that has the shipped rights.
    private static func plane() throws -> ControlPlane {
        let plane = try ControlPlane(name: "own")
        let deploy = Programs.repository.appending(path: "deploy")
        for file in ["crds/globalservices.yaml", "rbac.yaml"] {
            try plane.kubectl(["apply", "-f", deploy.appending(path: file).path()])
        }
        try plane.kubectl([
            "wait", "--for=condition=Established", "crd/globalservices.dns.fabedge.io",
        ])
        try plane.apply(globalServices)
        return plane
    }

    private static func server(_ plane: ControlPlane, ready: UInt16) throws -> RunningServer {
        try RunningServer(
            inPodOf: plane, serviceAccount: "fabdns", namespace: "fabedge",
            corefile: corefile.replacing("{ready}", with: "\(ready)"))
    }

    @Test("With the shipped rights it answers GlobalServices and what its own cluster exports")
    func shippedRights() throws {
        let plane = try Self.plane()
        try plane.apply(ClusterObjects.service("shop", "10.96.0.10", endpoints: ["10.1.0.1"]))
        let ready = try Programs.freePort()
        let server = try Self.server(plane, ready: ready)
        #expect(server.comes("web.default.svc.global. IN A", to: "10.0.0.1"), "\(server.log)")
        #expect(server.comes("shop.default.svc.global. IN A", to: "10.96.0.10"))
        #expect(
            server.comes("c-0.pudong.cache.default.svc.global. IN A", to: "10.0.1.2"))
        #expect(eventually { (try? server.page(ready, "/ready")) == "OK 200" })
        // The own cluster has its own word in a service of the hub, and is the nearest.
        try plane.apply(ClusterObjects.service("web", "10.96.0.11", endpoints: ["10.1.0.2"]))
        #expect(server.comes("web.default.svc.global. IN A", to: "10.96.0.11", within: 5))
        #expect(try server.answers(to: "xicheng.web.default.svc.global. IN A") == "10.0.0.1")
    }

    @Test("With fab-dns's own rights it is ready and answers GlobalServices as they change")
    func rightsOfFabDNS() throws {
        let plane = try Self.plane()
        try plane.apply(Self.rightsOfFabDNS)
        try plane.apply(ClusterObjects.service("shop", "10.96.0.10", endpoints: ["10.1.0.1"]))
        let ready = try Programs.freePort()
        let server = try Self.server(plane, ready: ready)
        #expect(
            eventually { (try? server.page(ready, "/ready")) == "OK 200" }, "\(server.log)")
        #expect(server.comes("web.default.svc.global. IN A", to: "10.0.0.1"))
        #expect(try server.outcome("shop.default.svc.global. IN A") == "NXDOMAIN []")
        try plane.kubectl(["delete", "globalservice", "web"])
        #expect(server.comes("web.default.svc.global. IN A", to: "NXDOMAIN", within: 5))
        #expect(try server.outcome("cache.default.svc.global. IN A") == "NOERROR []")
    }
}
