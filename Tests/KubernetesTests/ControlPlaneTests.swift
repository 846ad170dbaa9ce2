// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// What other tests expect of a real control plane.
@Suite(
    "Control plane", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"))
struct ControlPlaneTests {
    private static func services(_ plane: ControlPlane) throws -> String {
        try plane.kubectl(["get", "services", "-o", "name"])
    }

    private static func createService(_ name: String, _ plane: ControlPlane) throws {
        try plane.kubectl(["create", "service", "clusterip", name, "--clusterip=None"])
    }

    @Test("A restart of the API server keeps the data and the port, a wipe the port alone")
    func restartAndWipe() throws {
        let plane = try ControlPlane(name: "alpha")
        let port = plane.port
        try Self.createService("web", plane)
        #expect(try Self.services(plane).contains("service/web"))
        plane.stopAPIServer()
        #expect(throws: Failure.self) { try Self.services(plane) }
        try plane.startAPIServer()
        #expect(try Self.services(plane).contains("service/web"))
        try plane.wipe()
        #expect(try !Self.services(plane).contains("service/web"))
        try Self.createService("web", plane)
        #expect(plane.port == port)
    }

    @Test("After a compaction an older version of a watch or of a page is too old")
    func compaction() throws {
        let plane = try ControlPlane(name: "alpha")
        for name in ["a", "b", "c"] { try Self.createService(name, plane) }
        let page = try plane.kubectl(["get", "--raw", "/api/v1/services?limit=2"])
        let version = try #require(page.firstMatch(of: /"resourceVersion":"([0-9]+)"/)?.1)
        let token = try #require(page.firstMatch(of: /"continue":"([^"]+)"/)?.1)
        try Self.createService("d", plane)
        try plane.compact()
        let watch = try plane.kubectl(
            ["get", "--raw", "/api/v1/services?watch=true&resourceVersion=\(version)"])
        #expect(watch.contains(#""code":410"#))
        #expect(throws: Failure.self) {
            try plane.kubectl(["get", "--raw", "/api/v1/services?limit=2&continue=\(token)"])
        }
    }

    @Test("A service account may do what its role says, and two planes know nothing of each other")
    func accounts() throws {
        let planes = [try ControlPlane(name: "alpha"), try ControlPlane(name: "beta")]
        for plane in planes {
            try plane.apply(
                """
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: reader, namespace: default}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: reader}
                rules: [{apiGroups: [""], resources: [services], verbs: [get, list, watch]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: reader}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
                subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
                """)
        }
        try planes[0].kubectl(["create", "namespace", "only-here"])
        let account = try planes[0].kubeconfig(
            serviceAccount: "reader", namespace: "default", duration: "10m")
        let asReader = "--kubeconfig=\(account)"
        #expect(
            try planes[0].kubectl([asReader, "get", "--raw", "/api/v1/namespaces/default/services"])
                .contains("ServiceList"))
        #expect(throws: Failure.self) {
            try planes[0].kubectl([asReader, "get", "--raw", "/api/v1/namespaces/default/secrets"])
        }
        #expect(try !planes[1].kubectl(["get", "namespaces"]).contains("only-here"))
    }

    @Test(
        "With nodes, the pods of a deployment become ready and make endpoints",
        .enabled(if: ControlPlane.hasNodes, "KWOK names no program"))
    func endpoints() throws {
        let plane = try ControlPlane(name: "alpha", nodes: 2, zone: "beijing", region: "north")
        try plane.kubectl(["create", "deployment", "web", "--image=none", "--replicas=3"])
        try plane.kubectl(["expose", "deployment", "web", "--port=80"])
        let ready = "jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].zone}"
        let select = ["-l", "kubernetes.io/service-name=web", "-o", ready]
        let areReady = try eventually(within: 60) {
            try plane.kubectl(["get", "endpointslices"] + select) == "beijing beijing beijing"
        }
        #expect(areReady)
        #expect(try plane.kubectl(["get", "nodes"]).contains("node-2 "))
    }
}
