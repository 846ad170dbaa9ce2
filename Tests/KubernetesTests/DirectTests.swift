// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// The built server beside a real control plane.
@Suite(
    "Direct watches", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"))
struct DirectTests {
    private static func corefile(_ members: String, _ rest: String = "") -> String {
        """
        global {
            bind 127.0.0.1
            \(rest)
            fabdns {
                \(members)
                cluster chaoyang
            }
        }
        """
    }

    private static func member(
        _ kubeconfig: String, name: String = "chaoyang", _ more: String = ""
    ) -> String {
        """
        member \(name) {
            kubeconfig \(kubeconfig)
            zone beijing
            region north
            \(more)
        }
        """
    }

    @Test("Exports are answered as they come, change and go", arguments: ["list", "stream"])
    func exports(initial: String) throws {
        let plane = try ControlPlane(name: "chaoyang")
        try plane.apply(
            ClusterObjects.node("n1", zone: "zone-1", region: "north")
                + "\n" + ClusterObjects.service("web", "10.96.0.10", endpoints: ["10.1.0.1"])
                + "\n"
                + ClusterObjects.service(
                    "db", "None", endpoints: ["10.1.0.2", "10.1.0.3"], node: "n1"))
        let server = try RunningServer(
            corefile: Self.corefile(Self.member(plane.kubeconfig, "initial \(initial)")))
        #expect(
            server.comes("web.default.svc.global. IN A", to: "10.96.0.10", within: 5),
            "\(server.log)")
        #expect(server.comes("db.default.svc.global. IN A", to: "10.1.0.2 10.1.0.3"))
        #expect(
            try server.answers(to: "pod-1.chaoyang.db.default.svc.global. IN A") == "10.1.0.3")
        #expect(
            try server.outcome("nope.default.svc.global. IN A") == "NXDOMAIN []")
        // Readiness: a Service without a ready endpoint is nowhere, a headless one loses a pod.
        try plane.apply(ClusterObjects.slice("web", ["10.1.0.1"], isReady: false))
        #expect(server.comes("web.default.svc.global. IN A", to: "NXDOMAIN"))
        try plane.apply(ClusterObjects.slice("web", ["10.1.0.1"]))
        #expect(
            server.comes("web.default.svc.global. IN A", to: "10.96.0.10", within: 5),
            "\(server.log)")
        try plane.apply(ClusterObjects.slice("db", ["10.1.0.3"], node: "n1"))
        #expect(server.comes("db.default.svc.global. IN A", to: "10.1.0.3"))
        try plane.kubectl(["label", "service", "web", "fabedge.io/global-service-"])
        #expect(server.comes("web.default.svc.global. IN A", to: "NXDOMAIN"))
        try plane.kubectl(["label", "service", "web", "fabedge.io/global-service=true"])
        #expect(
            server.comes("web.default.svc.global. IN A", to: "10.96.0.10", within: 5),
            "\(server.log)")
        try plane.kubectl(["delete", "service", "db"])
        #expect(server.comes("db.default.svc.global. IN A", to: "NXDOMAIN"))
    }

    @Test("A lost API server changes no answer but says so, and what it missed is there after it")
    func apiLost() throws {
        let plane = try ControlPlane(name: "chaoyang")
        try plane.apply(
            ClusterObjects.service("web", "10.96.0.10", endpoints: ["10.1.0.1"]) + "\n"
                + ClusterObjects.service("db", "10.96.0.11", endpoints: ["10.1.0.2"]))
        let ready = try Programs.freePort()
        let server = try RunningServer(
            corefile: Self.corefile(
                Self.member(plane.kubeconfig), "ready 127.0.0.1:\(ready)"))
        #expect(server.turns("web.default.svc.global. IN A", to: "NOERROR []"))
        #expect(try server.page(ready, "/ready") == "OK 200")
        plane.stopAPIServer()
        #expect(server.turns("web.default.svc.global. IN A", to: "NOERROR [3]"))
        #expect(try server.outcome("nope.default.svc.global. IN A") == "NXDOMAIN [19]")
        let page = try server.page(ready, "/ready")
        #expect(page.hasPrefix("OK\ncluster chaoyang: stale since 20") && page.hasSuffix(" 200"))
        #expect(try server.page(ready, "/ready?fresh=1").hasSuffix(" 503"))
        try plane.startAPIServer()
        try plane.kubectl(["delete", "service", "db"])
        try plane.compact()
        #expect(server.turns("web.default.svc.global. IN A", to: "NOERROR []", within: 60))
        #expect(server.comes("db.default.svc.global. IN A", to: "NXDOMAIN"))
        #expect(
            server.log.split(separator: "\n").filter { $0.contains("cluster chaoyang: live") }.count
                <= 3)
    }

    @Test("An etcd that was wiped takes no answers away")
    func wiped() throws {
        let plane = try ControlPlane(name: "chaoyang")
        try plane.apply(
            (0..<12).map {
                ClusterObjects.service("web\($0)", "10.96.0.\(10 + $0)", endpoints: ["10.1.0.1"])
            }.joined(separator: "\n"))
        let metrics = try Programs.freePort()
        let server = try RunningServer(
            corefile: Self.corefile(
                Self.member(plane.kubeconfig), "prometheus 127.0.0.1:\(metrics)"))
        for number in 0..<12 {
            #expect(
                server.comes("web\(number).default.svc.global. IN A", to: "10.96.0.\(10 + number)"))
        }
        try plane.wipe()
        #expect(
            eventually(within: 60) {
                (try? server.page(metrics, "/metrics"))?.contains(
                    #"fabdns_shrink_blocked{catalog="cluster chaoyang",cluster="chaoyang"} 12"#)
                    == true
            })
        #expect(try server.answers(to: "web3.default.svc.global. IN A") == "10.96.0.13")
    }

    @Test("The shipped ClusterRole is enough, allows nothing more, and may come late")
    func rights() throws {
        let plane = try ControlPlane(name: "chaoyang")
        let shipped = try String(
            contentsOf: Programs.repository.appending(path: "deploy/rbac.yaml"), encoding: .utf8)
        try plane.apply(shipped)
        try plane.apply(ClusterObjects.service("web", "10.96.0.10", endpoints: ["10.1.0.1"]))
        let kubeconfig = try plane.kubeconfig(serviceAccount: "fabdns", namespace: "fabedge")
        let account = "--as=system:serviceaccount:fabedge:fabdns"
        func may(_ verb: String, _ resource: String) throws -> Bool {
            // `no` is an exit code of 1 too.
            (try? plane.kubectl(["auth", "can-i", verb, resource, account])) != nil
        }
        for resource in ["services", "nodes", "endpointslices.discovery.k8s.io"] {
            for verb in ["list", "watch"] { #expect(try may(verb, resource)) }
            for verb in ["get", "create", "update", "patch", "delete"] {
                #expect(try !may(verb, resource), "\(verb) \(resource)")
            }
        }
        for resource in ["secrets", "pods", "configmaps"] { #expect(try !may("list", resource)) }
        try plane.kubectl(["delete", "clusterrolebinding", "fabdns"])
        let ready = try Programs.freePort()
        let server = try RunningServer(
            corefile: Self.corefile(Self.member(kubeconfig), "ready 127.0.0.1:\(ready)"))
        #expect(eventually { server.log.contains("grant it with: kubectl create clusterrole") })
        #expect(server.turns("web.default.svc.global. IN A", to: "SERVFAIL [14]"))
        let page = try server.page(ready, "/ready")
        #expect(page.hasPrefix("fabdns\ncluster chaoyang: ") && page.hasSuffix(" 503"))
        try plane.apply(shipped)
        #expect(server.turns("web.default.svc.global. IN A", to: "NOERROR []", within: 60))
        #expect(try server.page(ready, "/ready") == "OK 200")
    }

    @Test("GlobalServices of the own API are answered, before and after their kind is installed")
    func hub() throws {
        let plane = try ControlPlane(name: "chaoyang")
        let server = try RunningServer(
            corefile: Self.corefile("kubeconfig \(plane.kubeconfig)", ""))
        #expect(server.turns("web.default.svc.global. IN A", to: "NXDOMAIN []"), "\(server.log)")
        #expect(eventually { server.log.contains("kubectl apply -f deploy/crds") })
        let kind = Programs.repository.appending(path: "deploy/crds/globalservices.yaml").path()
        try plane.kubectl(["apply", "-f", kind])
        try plane.kubectl([
            "wait", "--for=condition=Established", "crd/globalservices.dns.fabedge.io",
        ])
        try plane.apply(
            """
            apiVersion: dns.fabedge.io/v1alpha1
            kind: GlobalService
            metadata: {name: web, namespace: default}
            spec:
              type: ClusterIP
              ports: [{port: 80}]
              endpoints:
                - {addresses: [10.0.0.1], cluster: xicheng}
                - {addresses: [10.0.0.2], cluster: pudong}
            """)
        #expect(server.comes("web.default.svc.global. IN A", to: "10.0.0.1 10.0.0.2", within: 60))
        // The own cluster's export is watched directly, and wins over what the hub says of it.
        try plane.apply(ClusterObjects.service("web", "10.96.0.10", endpoints: ["10.1.0.1"]))
        #expect(
            server.comes("web.default.svc.global. IN A", to: "10.96.0.10", within: 5),
            "\(server.log)")
        #expect(try server.answers(to: "pudong.web.default.svc.global. IN A") == "10.0.0.2")
    }
}
