// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

/// What a feed makes of servers that mislead it, and of what it lacks itself.
@Suite("Feeds that are misled")
struct FeedFaultTests {
    private static let web = "web.a.svc.global. IN A"
    private static let exports = "/apis/multicluster.x-k8s.io/v1beta1/serviceexports"

    private let objects = WatchedObjects.cluster()

    init() { objects.put(service: "web", "10.0.0.1") }

    private static func isWatch(_ request: FakeAPIServer.Request) -> Bool {
        request.query["watch"] == "true"
    }

    private static func corefile(_ kubeconfig: String, _ more: String = "") -> String {
        """
        global {
            bind 127.0.0.1
            fabdns {
                member c1 {
                    kubeconfig \(kubeconfig)
                    \(more)
                }
            }
        }
        """
    }

    @Test("Watches that are cut as soon as they are there do not hurry each other for ever")
    func pingPong() throws {
        let server = try FakeAPIServer { [objects] request in
            Self.isWatch(request) ? [.begin(status: 200), .cut] : objects.respond(request)
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(eventually { feed.restarts(.cut) > 3 })
        let before = server.requests.count
        Thread.sleep(forTimeInterval: 2)
        #expect(server.requests.count - before < 150)
    }

    @Test("A server that has none of the kinds that every API server has is not heard")
    func noAPIServer() throws {
        let server = try FakeAPIServer { _ in
            [.reply(status: 404, contentType: "text/plain", body: Array("404 page not found".utf8))]
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(eventually { feed.log.contains { $0.contains("not heard yet") } })
        #expect(!feed.isHeard)
        #expect(feed.log.contains { $0.contains("this address is no API server") })
    }

    @Test("A name that a first list has is never denied on its way")
    func neverDenied() throws {
        for number in 0..<3000 { objects.put(service: "s\(number)", "10.0.1.1") }
        let last = "s2999.a.svc.global. IN A"
        let api = try FakeAPIServer(respond: objects.respond)
        api.stop()
        let server = try RunningServer(corefile: Self.corefile(api.kubeconfig))
        #expect(try server.outcome(last) == "SERVFAIL [14]")
        try api.start()
        var outcomes: [String] = []
        let isThere = eventually(within: 30) {
            guard let outcome = try? server.outcome(last) else { return false }
            if outcomes.last != outcome { outcomes.append(outcome) }
            return outcome.hasPrefix("NOERROR")
        }
        #expect(isThere)
        #expect(outcomes == ["SERVFAIL [14]", "NOERROR []"])
    }

    @Test("A reload that puts a cluster into another region keeps what is known of it")
    func otherPlace() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        let server = try RunningServer(corefile: Self.corefile(api.kubeconfig))
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        api.stop()
        #expect(server.turns(Self.web, to: "NOERROR [3]"))
        try server.reload(corefile: Self.corefile(api.kubeconfig, "region north"))
        #expect(eventually { server.log.contains("reloaded ") })
        #expect(try server.outcome(Self.web) == "NOERROR [3]")
        try server.reload(corefile: Self.corefile(api.kubeconfig, "namespaces b"))
        #expect(server.turns(Self.web, to: "NXDOMAIN [19]"))
    }

    @Test("Without a descriptor left a watch is tried again later, and said once")
    func noDescriptors() throws {
        guard let prlimit = Programs.installed("prlimit") else { return }
        let paths = ["services", "endpointslices"].map { kind in
            kind == "services"
                ? "/api/v1/namespaces/a/\(kind)" : "/apis/discovery.k8s.io/v1/namespaces/a/\(kind)"
        }
        let all = WatchedObjects(
            [APIText.services, APIText.slices, APIText.nodes, Self.exports] + paths)
        all.put(service: "web", "10.0.0.1")
        let api = try FakeAPIServer(respond: all.respond)
        let server = try RunningServer(corefile: Self.corefile(api.kubeconfig))
        #expect(server.turns(Self.web, to: "NOERROR []"))
        let process = "\(server.program.identifier)"
        func limit(_ count: Int) throws {
            _ = try Programs.run(prlimit, ["--pid", process, "--nofile=\(count):4096"])
        }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
        try limit((0...).first { !open.contains("\($0)") } ?? 0)
        all.put(paths[0], namespace: "a", name: "db") {
            APIText.service("db", "10.0.0.2", version: $0)
        }
        all.put(paths[1], namespace: "a", name: "db-1") {
            APIText.slice("db", ["10.1.0.1"], version: $0)
        }
        all.put(Self.exports, namespace: "a", name: "db") {
            #"{"kind":"ServiceExport","metadata":{"namespace":"a","name":"db","resourceVersion":"\#($0)","#
                + #""creationTimestamp":"2026-01-01T00:00:00Z"}}"#
        }
        #expect(eventually { server.log.contains("cannot be watched") })
        Thread.sleep(forTimeInterval: 1)
        #expect(
            server.log.split(separator: "\n").filter { $0.contains("cannot be watched") }.count == 1
        )
        try limit(1024)
        #expect(server.comes("db.a.svc.global. IN A", to: "10.0.0.2"))
    }
}
