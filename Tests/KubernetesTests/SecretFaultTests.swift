// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// Clusters that Secrets name, over restarts, reloads and bad Secrets.
@Suite("Clusters named by Secrets, when something is wrong")
struct SecretFaultTests {
    private static let secrets = "/api/v1/namespaces/f/secrets"
    private static let web = "web.a.svc.global. IN A"

    private let own = WatchedObjects([secrets])
    private let objects = WatchedObjects.cluster()
    private let folder: Folder

    init() throws {
        folder = try Folder()
        objects.put(service: "web", "10.0.0.1")
    }

    private func put(_ name: String, cluster: String, kubeconfig: String, note: Int = 0) {
        let data = Data(kubeconfig.utf8).base64EncodedString()
        own.put(Self.secrets, namespace: "f", name: name) { version in
            #"{"metadata":{"namespace":"f","name":"\#(name)","resourceVersion":"\#(version)","#
                + #""labels":{"fabedge.io/cluster-kubeconfig":"\#(cluster)","#
                + #""fabedge.io/zone":"z\#(note)"}},"data":{"kubeconfig":"\#(data)"}}"#
        }
    }

    private func put(_ member: FakeAPIServer) throws {
        put("one", cluster: "c1", kubeconfig: try Self.text(member))
    }

    private static func text(_ server: FakeAPIServer) throws -> String {
        try String(contentsOfFile: server.kubeconfig, encoding: .utf8)
    }

    /// The block's further lines, and whether it has state.
    private func corefile(_ own: FakeAPIServer, _ more: String = "", state: Bool = false) -> String
    {
        """
        global {
            bind 127.0.0.1
            fabdns {
                kubeconfig \(own.kubeconfig)
                member-secrets f
                \(state ? "state \(folder.path("state")) every 1s" : "")
                \(more)
            }
        }
        """
    }

    @Test("A Secret that is replaced by one that does not work makes its cluster stale")
    func replaced() throws {
        let (api, member) = (
            try FakeAPIServer(respond: own.respond), try FakeAPIServer(respond: objects.respond)
        )
        try put(member)
        let server = try RunningServer(corefile: corefile(api, "stale drop after 5s"))
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        let port = try Programs.freePort()
        put(
            "one", cluster: "c1",
            kubeconfig: try Self.text(member).replacing(
                /127\.0\.0\.1:[0-9]+/, with: "127.0.0.1:\(port)"))
        #expect(server.turns(Self.web, to: "NOERROR [3]"))
        #expect(server.turns(Self.web, to: "NXDOMAIN [19]"))
    }

    @Test("A cluster that saved state brought back is saved again")
    func savedAgain() throws {
        let (api, member) = (
            try FakeAPIServer(respond: own.respond), try FakeAPIServer(respond: objects.respond)
        )
        try put(member)
        let state = folder.path("state/cluster-c1.state")
        let first = try RunningServer(corefile: corefile(api, state: true))
        #expect(first.comes(Self.web, to: "10.0.0.1"))
        #expect(eventually { FileManager.default.fileExists(atPath: state) })
        first.program.end(SIGKILL)
        let second = try RunningServer(corefile: corefile(api, state: true))
        #expect(second.turns(Self.web, to: "NOERROR []"))
        objects.put(service: "db", "10.0.0.2")
        #expect(second.comes("db.a.svc.global. IN A", to: "10.0.0.2"))
        second.program.end(SIGTERM)
        member.stop()
        api.stop()
        let third = try RunningServer(corefile: corefile(api, state: true))
        #expect(try third.answers(to: "db.a.svc.global. IN A") == "10.0.0.2")
    }

    @Test("A reload keeps what is known of clusters that Secrets name, their APIs away")
    func reload() throws {
        let (api, member) = (
            try FakeAPIServer(respond: own.respond), try FakeAPIServer(respond: objects.respond)
        )
        try put(member)
        let server = try RunningServer(corefile: corefile(api))
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        member.stop()
        #expect(server.turns(Self.web, to: "NOERROR [3]"))
        try server.reload(corefile: corefile(api, "stale demote after 1h"))
        #expect(eventually { server.log.contains("reloaded ") })
        #expect(try server.outcome(Self.web) == "NOERROR [3]")
        try member.start()
        #expect(server.turns(Self.web, to: "NOERROR []", within: 60))
    }

    @Test("Reloads while Secrets and addresses change end with what is true then")
    func reloads() throws {
        let (api, member) = (
            try FakeAPIServer(respond: own.respond), try FakeAPIServer(respond: objects.respond)
        )
        let text = try Self.text(member)
        for number in 0..<20 { put("s\(number)", cluster: "c\(number)", kubeconfig: text) }
        let server = try RunningServer(corefile: corefile(api))
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        for step in 1...(TestRun.isThorough ? 100 : 12) {
            try server.reload(corefile: corefile(api, "stale demote after \(step)h"))
            for number in 0..<20 {
                put("s\(number)", cluster: "c\(number)", kubeconfig: text, note: step)
                objects.put(service: "web", "10.0.0.\(step)")
                usleep(5_000)
            }
            #expect(server.comes(Self.web, to: "10.0.0.\(step)"), "after reload \(step)")
        }
        #expect(server.program.isRunning)
    }
}
