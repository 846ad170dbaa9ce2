// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// Clusters that Secrets of a real API server name.
@Suite(
    "Clusters named by Secrets", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"))
struct MemberSecretTests {
    private static func secret(
        _ name: String, cluster: String, kubeconfig: String, zone: String = "beijing"
    ) -> String {
        """
        ---
        apiVersion: v1
        kind: Secret
        metadata:
          name: \(name)
          namespace: fabedge
          labels: {fabedge.io/cluster-kubeconfig: \(cluster), fabedge.io/zone: \(zone)}
        data:
          kubeconfig: \(Data(kubeconfig.utf8).base64EncodedString())
        """
    }

    private static func deploy(_ name: String) throws -> String {
        try String(
            contentsOf: Programs.repository.appending(path: "deploy/\(name)"), encoding: .utf8)
    }

    /// A member with one service at the address.
    private static func member(_ address: String) throws -> FakeAPIServer {
        let objects = WatchedObjects.cluster()
        objects.put(service: "web", address)
        return try FakeAPIServer(respond: objects.respond)
    }

    private static func text(_ server: FakeAPIServer) throws -> String {
        try String(contentsOfFile: server.kubeconfig, encoding: .utf8)
    }

    private static let web = "web.a.svc.global. IN A"

    private static func hasState(_ server: RunningServer) -> Bool {
        FileManager.default.fileExists(
            atPath: server.folder.path("state/cluster-pudong.state"))
    }

    @Test("They come within a second, change their credentials, and go; their rights are narrow")
    func comeAndGo() throws {
        let plane = try ControlPlane(name: "own")
        try plane.apply(try Self.deploy("rbac.yaml"))
        try plane.apply(try Self.deploy("rbac-member-secrets.yaml"))
        let own = try plane.kubeconfig(serviceAccount: "fabdns", namespace: "fabedge")
        let (first, second) = (try Self.member("10.0.0.1"), try Self.member("10.0.0.2"))
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    fabdns {
                        kubeconfig \(own)
                        member-secrets fabedge
                        state {folder}/state every 1s
                        zone beijing
                    }
                }
                """)
        #expect(server.turns(Self.web, to: "NXDOMAIN []"))
        try plane.apply(
            Self.secret("one", cluster: "chaoyang", kubeconfig: try Self.text(first)))
        let start = ContinuousClock.now
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        #expect(ContinuousClock.now - start < .seconds(1) * TestRun.patience)
        // Another zone is farther away; a bad one hurts nobody.
        try plane.apply(
            Self.secret(
                "two", cluster: "pudong", kubeconfig: try Self.text(second), zone: "shanghai")
                + "\n" + Self.secret("three", cluster: "bad", kubeconfig: "{")
                + "\n"
                + Self.secret(
                    "four", cluster: "files",
                    kubeconfig: try Self.text(first).replacing(
                        "users:", with: "users:\n- name: x\n  user: {tokenFile: /etc/passwd}\n#"))
                + "\n" + Self.secret("five", cluster: "chaoyang", kubeconfig: "{}"))
        #expect(server.comes("web.a.pudong.global. IN A", to: "10.0.0.2"))
        #expect(try server.answers(to: Self.web) == "10.0.0.1")
        #expect(try server.outcome("nope.a.svc.global. IN A") == "NXDOMAIN []")
        #expect(
            eventually { server.log.contains("cluster bad: not heard yet: secret fabedge/three") })
        #expect(
            eventually { server.log.contains("cluster files: not heard yet: secret fabedge/four") })
        #expect(server.log.contains("secret fabedge/one: cluster chaoyang has another one already"))
        // The credentials of a cluster are exchanged.
        try plane.apply(
            Self.secret("two", cluster: "pudong", kubeconfig: try Self.text(first)))
        #expect(server.comes("web.a.pudong.global. IN A", to: "10.0.0.1"))
        #expect(
            eventually { Self.hasState(server) })
        try plane.kubectl(["delete", "secret", "two", "-n", "fabedge"])
        #expect(server.comes("web.a.pudong.global. IN A", to: "NXDOMAIN"))
        #expect(
            eventually { !Self.hasState(server) })
        let account = "--as=system:serviceaccount:fabedge:fabdns"
        for (namespace, verb) in [
            ("default", "list"), ("kube-system", "watch"), ("fabedge", "get"),
        ] {
            #expect(throws: Failure.self) {
                try plane.kubectl(["auth", "can-i", verb, "secrets", "-n", namespace, account])
            }
        }
    }

    @Test("What a policy with a time holds is gone after that time")
    func policy() throws {
        let plane = try ControlPlane(name: "own")
        try plane.apply(try Self.deploy("rbac.yaml"))
        let member = try Self.member("10.0.0.1")
        try plane.apply(
            Self.secret("one", cluster: "chaoyang", kubeconfig: try Self.text(member)))
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    fabdns {
                        kubeconfig \(plane.kubeconfig)
                        member-secrets fabedge
                        stale drop after 2s
                    }
                }
                """)
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        try plane.kubectl(["delete", "secret", "one", "-n", "fabedge"])
        #expect(server.turns(Self.web, to: "NOERROR [3]"))
        #expect(server.comes(Self.web, to: "NXDOMAIN"))
    }
}
