// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// Secrets with kubeconfigs in an etcd that loses them all.
@Suite("Secrets that are lost all at once", .serialized)
struct WipedSecretTests {
    private static let path = "/api/v1/namespaces/f/secrets"

    private let secrets = WatchedObjects([path])
    private let own: FakeAPIServer
    private let member: FakeAPIServer
    private let kubeconfig: String

    /// Twelve Secrets name clusters, all with the same API.
    init() throws {
        let objects = WatchedObjects.cluster()
        objects.put(service: "web", "10.0.0.1")
        member = try FakeAPIServer(respond: objects.respond)
        own = try FakeAPIServer(respond: secrets.respond)
        kubeconfig = Data(try String(contentsOfFile: member.kubeconfig, encoding: .utf8).utf8)
            .base64EncodedString()
        for number in 0..<12 { put(number) }
    }

    private func put(_ number: Int) {
        secrets.put(Self.path, namespace: "f", name: "s\(number)") { [kubeconfig] version in
            #"{"metadata":{"namespace":"f","name":"s\#(number)","resourceVersion":"\#(version)","#
                + #""labels":{"fabedge.io/cluster-kubeconfig":"c\#(number)"}},"#
                + #""data":{"kubeconfig":"\#(kubeconfig)"}}"#
        }
    }

    private func remove(_ number: Int) {
        secrets.remove(Self.path, namespace: "f", name: "s\(number)")
    }

    private func wipe() throws {
        own.stop()
        for number in 0..<12 { remove(number) }
        secrets.forget()
        try own.start()
    }

    /// Serves all twelve.
    private func server(_ more: String = "") throws -> RunningServer {
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    fabdns {
                        kubeconfig \(own.kubeconfig)
                        member-secrets f
                        \(more)
                    }
                }
                """)
        for number in 0..<12 { #expect(server.comes(Self.web(number), to: "10.0.0.1")) }
        return server
    }

    private static func web(_ number: Int) -> String { "web.a.c\(number).global. IN A" }

    @Test("Their clusters stay when the first comes back, and go one by one as they are deleted")
    func comeBack() throws {
        let server = try server()
        try wipe()
        #expect(eventually { server.log.contains("12 clusters are no longer named") })
        for number in [12, 0] { put(number) }
        #expect(server.comes(Self.web(12), to: "10.0.0.1"))
        for number in 0..<12 { #expect(try server.answers(to: Self.web(number)) == "10.0.0.1") }
        // Whoever wants one to go says so.
        put(7)
        remove(7)
        #expect(server.comes(Self.web(7), to: "NXDOMAIN"))
        #expect(try server.answers(to: Self.web(8)) == "10.0.0.1")
    }

    @Test("Their clusters go when a brake with a time lets go")
    func released() throws {
        let server = try server("brake release after 1s")
        try wipe()
        #expect(eventually { server.log.contains("12 clusters are no longer named") })
        for number in 0..<12 { #expect(server.comes(Self.web(number), to: "NXDOMAIN")) }
    }
}
