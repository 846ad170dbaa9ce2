// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// The built server beside a real control plane with the Multi-Cluster Services API.
@Suite(
    "Multi-Cluster Services", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"),
    .enabled(if: MCSKinds.folder != nil, "MCS_CRDS names no folder with the CRDs"))
struct MCSTests {
    private static let web = "web.default.svc"

    private static func corefile(_ plane: ControlPlane) -> String {
        """
        global clusterset.local {
            bind 127.0.0.1
            fabdns {
                member chaoyang {
                    kubeconfig \(plane.kubeconfig)
                }
            }
        }
        """
    }

    private static func export(_ name: String, version: String = "v1beta1") -> String {
        """
        ---
        apiVersion: multicluster.x-k8s.io/\(version)
        kind: ServiceExport
        metadata: {name: \(name)}
        """
    }

    /// Without fab-dns's label.
    private static func service(_ name: String, _ spec: String, endpoint: String) -> String {
        ClusterObjects.service(name, "10.96.0.10", endpoints: [endpoint])
            .replacing(", labels: {\(ClusterObjects.label)}", with: "")
            .replacing("\(ClusterObjects.label), ", with: "")
            .replacing("clusterIP: 10.96.0.10", with: spec)
    }

    @Test("A ServiceExport has its Service answered, in both zones, and takes it away again")
    func exports() throws {
        let plane = try ControlPlane(name: "chaoyang")
        try MCSKinds.install(on: plane)
        try plane.apply(
            [
                Self.service("web", "clusterIP: 10.96.0.10", endpoint: "10.1.0.1"),
                Self.service(
                    "port", "type: NodePort, clusterIP: 10.96.0.11", endpoint: "10.1.0.2"),
                Self.service("db", "clusterIP: None", endpoint: "10.1.0.3"),
                Self.service("hidden", "clusterIP: 10.96.0.12", endpoint: "10.1.0.4"),
                ClusterObjects.service("labelled", "10.96.0.13", endpoints: ["10.1.0.5"]),
                Self.export("web"), Self.export("db"),
            ].joined(separator: "\n"))
        let server = try RunningServer(corefile: Self.corefile(plane))
        for zone in ["global", "clusterset.local"] {
            #expect(
                server.comes("\(Self.web).\(zone). IN A", to: "10.96.0.10"), "\(server.log)")
            #expect(try server.answers(to: "db.default.svc.\(zone). IN A") == "10.1.0.3")
            #expect(
                try server.answers(to: "pod-0.chaoyang.db.default.svc.\(zone). IN A")
                    == "10.1.0.3")
            #expect(try server.answers(to: "labelled.default.svc.\(zone). IN A") == "10.96.0.13")
            for name in ["port", "hidden"] {
                #expect(try server.answers(to: "\(name).default.svc.\(zone). IN A") == "NXDOMAIN")
            }
        }
        let ofCluster = "chaoyang.\(Self.web)"
        #expect(try server.answers(to: "\(ofCluster).global. IN A") == "10.96.0.10")
        #expect(try server.answers(to: "\(ofCluster).clusterset.local. IN A") == "NXDOMAIN")
        #expect(
            try server.answers(to: "dns-version.clusterset.local. IN TXT") == "\"1.0.0\"")
        try plane.apply(Self.export("port"))
        #expect(server.comes("port.default.svc.clusterset.local. IN A", to: "10.96.0.11"))
        try plane.kubectl(["delete", "serviceexport", "web"])
        #expect(server.comes("\(Self.web).clusterset.local. IN A", to: "NXDOMAIN"))
        #expect(try server.answers(to: "\(Self.web).global. IN A") == "NXDOMAIN")
        // A ServiceExport that comes before its Service, in a namespace that is watched already.
        try plane.kubectl(["delete", "service", "db"])
        #expect(server.comes("db.default.svc.global. IN A", to: "NXDOMAIN"))
        try plane.apply(Self.service("db", "clusterIP: None", endpoint: "10.1.0.3"))
        #expect(server.comes("db.default.svc.global. IN A", to: "10.1.0.3"))
    }

    @Test("ServiceImports of the own API are answered, but for clusters that are watched directly")
    func imports() throws {
        let plane = try ControlPlane(name: "chaoyang")
        try MCSKinds.install(on: plane)
        let slices = [("chaoyang", "10.1.0.1"), ("pudong", "10.2.0.1")].map { cluster, address in
            """
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: db-\(cluster)
              labels:
                multicluster.kubernetes.io/service-name: db
                multicluster.kubernetes.io/source-cluster: \(cluster)
            addressType: IPv4
            endpoints: [{addresses: [\(address)], hostname: db-0}]
            """
        }
        let imports = [("db", "type: Headless"), ("web", "type: ClusterSetIP, ips: [10.99.0.1]")]
            .map { name, spec in
                """
                ---
                apiVersion: multicluster.x-k8s.io/v1alpha1
                kind: ServiceImport
                metadata: {name: \(name)}
                spec: {\(spec), ports: [{name: http, port: 80}]}
                """
            }
        try plane.apply((imports + slices).joined(separator: "\n"))
        let server = try RunningServer(
            corefile: """
                global clusterset.local {
                    bind 127.0.0.1
                    fabdns {
                        kubeconfig \(plane.kubeconfig)
                        cluster chaoyang
                    }
                }
                """)
        #expect(
            server.comes("\(Self.web).clusterset.local. IN A", to: "10.99.0.1"), "\(server.log)")
        // The own cluster exports no db: what an import says of it is not believed.
        #expect(server.comes("db.default.svc.clusterset.local. IN A", to: "10.2.0.1"))
        #expect(
            try server.answers(to: "db-0.pudong.db.default.svc.clusterset.local. IN A")
                == "10.2.0.1")
        try plane.kubectl(["delete", "serviceimport", "web"])
        #expect(server.comes("\(Self.web).clusterset.local. IN A", to: "NXDOMAIN"))
    }

    @Test("The shipped ClusterRole is enough for both kinds")
    func rights() throws {
        let plane = try ControlPlane(name: "chaoyang")
        try MCSKinds.install(on: plane)
        try plane.apply(
            try String(
                contentsOf: Programs.repository.appending(path: "deploy/rbac.yaml"),
                encoding: .utf8))
        let account = "--as=system:serviceaccount:fabedge:fabdns"
        for kind in ["serviceexports", "serviceimports"] {
            let resource = "\(kind).multicluster.x-k8s.io"
            for verb in ["list", "watch", "get", "create", "update", "patch", "delete"] {
                // `no` is an exit code of 1 too.
                let may =
                    (try? plane.kubectl(["auth", "can-i", verb, resource, account])) != nil
                #expect(may == ["list", "watch"].contains(verb), "\(verb) \(resource)")
            }
        }
    }

    @Test("CRDs that come late, in the older version, are found")
    func lateCRDs() throws {
        let plane = try ControlPlane(name: "chaoyang")
        try plane.apply(
            Self.service("web", "clusterIP: 10.96.0.10", endpoint: "10.1.0.1") + "\n"
                + ClusterObjects.service("labelled", "10.96.0.13", endpoints: ["10.1.0.5"]))
        let server = try RunningServer(corefile: Self.corefile(plane))
        #expect(server.comes("labelled.default.svc.global. IN A", to: "10.96.0.13"))
        #expect(try server.outcome("\(Self.web).clusterset.local. IN A") == "NXDOMAIN []")
        try MCSKinds.install(on: plane, onlyAlpha: true)
        try plane.apply(Self.export("web", version: "v1alpha1"))
        #expect(
            server.comes("\(Self.web).clusterset.local. IN A", to: "10.96.0.10", within: 60),
            "\(server.log)")
        #expect(try server.outcome("\(Self.web).global. IN A") == "NOERROR []")
    }
}

/// The CRDs of the Multi-Cluster Services API.
enum MCSKinds {
    static let folder = ProcessInfo.processInfo.environment["MCS_CRDS"].flatMap {
        $0.isEmpty ? nil : $0
    }

    /// Installs them, in the older version alone if that is wanted, and waits for them.
    static func install(on plane: ControlPlane, onlyAlpha: Bool = false) throws {
        let copies = try Folder()
        for name in ["serviceexports", "serviceimports"] {
            let file = "multicluster.x-k8s.io_\(name).yaml"
            var text = try String(
                contentsOf: URL(filePath: folder ?? "").appending(path: file), encoding: .utf8)
            if onlyAlpha { text = withoutBeta(text) }
            try text.write(toFile: copies.path(file), atomically: true, encoding: .utf8)
            try plane.kubectl(["apply", "-f", copies.path(file)])
            try plane.kubectl([
                "wait", "--for=condition=Established", "crd/\(name).multicluster.x-k8s.io",
            ])
        }
    }

    /// The newer version is not served, and the older one is what is stored.
    private static func withoutBeta(_ text: String) -> String {
        var version = ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if let found = line.firstMatch(of: /^ {4}- name: (v1\w+)$/) {
                version = String(found.1)
            }
            guard let field = line.firstMatch(of: /^ {6}(served|storage):/) else {
                return String(line)
            }
            return "\(field.0) \(version == "v1alpha1")"
        }.joined(separator: "\n")
    }
}
