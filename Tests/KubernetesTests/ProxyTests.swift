// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

/// The `proxy-url` of a kubeconfig, with proxies that others have written.
@Suite(
    "Proxies",
    .enabled(if: RunningProxy.isAvailable, "needs tinyproxy, stunnel4 and microsocks"))
struct ProxyTests {
    private let objects = WatchedObjects.cluster()
    private let user = RunningProxy.User(name: "edge", password: "s3.cr3t")
    /// The password as a URL may have it.
    private let escaped = "s3%2Ecr3t"

    init() { objects.put(service: "web", "10.0.0.1") }

    private static let web = ["a/web \(IPAddress.v4(0x0A00_0001))"]
    private static let question = "web.a.svc.global. IN A"

    @Test(
        "Lists and watches go through the proxy, and nowhere else",
        arguments: RunningProxy.Kind.allCases)
    func kinds(_ kind: RunningProxy.Kind) throws {
        let proxy = try RunningProxy(kind)
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        let feed = try WatchedFeed(proxy.kubeconfig(from: server.kubeconfig))
        #expect(feed.comes(to: Self.web), "\(feed.log)")
        #expect(eventually { feed.isLive })
        objects.put(service: "db", "10.0.0.2")
        let both = ["a/db \(IPAddress.v4(0x0A00_0002))"] + Self.web
        #expect(feed.comes(to: both))
        #expect(eventually { proxy.log.contains("127.0.0.1:\(server.port)") }, "\(proxy.log)")

        proxy.stop()
        #expect(eventually { feed.snapshot.clusters["c1"]?.name == "stale" })
        #expect(eventually { server.connectionCount == 0 })
        objects.remove(service: "db")
        #expect(feed.services == both)
        let reason = "not heard (through the proxy \(proxy.url): Failed to connect"
        #expect(feed.log.contains { $0.contains(reason) }, "\(feed.log)")

        try proxy.start()
        #expect(feed.comes(to: Self.web, within: 40))
        #expect(eventually(within: 40) { feed.isLive })
    }

    @Test(
        "A real API server is watched through one of each kind; kubectl trusts whom we trust",
        .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"))
    func realServer() throws {
        let plane = try ControlPlane(name: "c1")
        func get(_ kubeconfig: String) throws -> String {
            try plane.kubectl(["--kubeconfig=\(kubeconfig)", "get", "services", "--output=name"])
        }
        var watched: [(proxy: RunningProxy, feed: WatchedFeed)] = []
        for kind in RunningProxy.Kind.allCases {
            let proxy = try RunningProxy(kind)
            let kubeconfig = try proxy.kubeconfig(from: plane.kubeconfig)
            #expect(throws: Never.self) { try get(kubeconfig) }
            watched.append((proxy, try WatchedFeed(kubeconfig)))
        }
        try plane.apply(ClusterObjects.service("web", "10.96.0.10", endpoints: ["10.1.0.1"]))
        for (proxy, feed) in watched {
            let web = ["default/web \(IPAddress.v4(0x0A60_000A))"]
            #expect(feed.comes(to: web), "\(proxy.kind): \(feed.log)")
            #expect(eventually { proxy.log.contains("127.0.0.1:\(plane.port)") }, "\(proxy.log)")
        }
        let proxy = try RunningProxy(.https)
        let doubtful = try proxy.kubeconfig(from: plane.kubeconfig, isTrusted: false)
        let failure = #expect(throws: Failure.self) { try get(doubtful) }
        #expect(failure?.description.contains("proxyconnect") == true)
        #expect(failure?.description.contains("certificate") == true)
    }

    @Test("The proxy's certificate is checked against the authority of the kubeconfig")
    func certificate() throws {
        let proxy = try RunningProxy(.https)
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        let doubtful = try proxy.kubeconfig(from: server.kubeconfig, isTrusted: false)
        let feed = try WatchedFeed(doubtful)
        let reason = "not heard yet: through the proxy \(proxy.url): SSL certificate problem"
        #expect(eventually { feed.log.contains { $0.contains(reason) } }, "\(feed.log)")
        #expect(server.requests.isEmpty && !feed.isHeard)

        let careless = try Folder()
        try careless.write(
            "kubeconfig",
            String(contentsOf: URL(filePath: doubtful), encoding: .utf8).replacing(
                /certificate-authority: .*/, with: "insecure-skip-tls-verify: true"))
        let trusting = try WatchedFeed(careless.path("kubeconfig"))
        #expect(trusting.comes(to: Self.web), "\(trusting.log)")
    }

    // MARK: What a proxy wants to know, and what it refuses

    @Test("A proxy that knows its users is told who we are", arguments: RunningProxy.Kind.allCases)
    func user(_ kind: RunningProxy.Kind) throws {
        let proxy = try RunningProxy(kind, user: user)
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        let url = proxy.url(user: user.name, password: escaped)
        let feed = try WatchedFeed(proxy.kubeconfig(from: server.kubeconfig, url: url))
        #expect(feed.comes(to: Self.web), "\(feed.log)")
        #expect(
            server.requests.allSatisfy {
                $0.headers["proxy-authorization"] == nil
                    && $0.headers["authorization"] == "Bearer fake-token"
            })
    }

    /// A server with pages that tell how `member c1` stands.
    private struct Watcher {
        let server: RunningServer
        let ready: UInt16
        let admin: UInt16

        init(_ kubeconfig: String, environment: [String: String] = [:]) throws {
            ready = try Programs.freePort()
            admin = try Programs.freePort()
            server = try RunningServer(
                corefile: """
                    global {
                        bind 127.0.0.1
                        ready 127.0.0.1:\(ready)
                        fabdns {
                            member c1 {
                                kubeconfig \(kubeconfig)
                            }
                            admin 127.0.0.1:\(admin)
                        }
                    }
                    """, environment: environment)
        }

        /// Waits until the log and both pages have these words; all three.
        func tells(_ words: String) throws -> String? {
            var pages = ""
            let isTold = try eventually {
                pages = try server.page(ready, "/ready") + server.page(admin, "/api/v1/status")
                // JSON has another way to write a slash.
                let told = pages.replacing("\\/", with: "/").split(separator: words).count
                return told > 2 && server.log.contains(words)
            }
            return isTold ? pages + server.log : nil
        }
    }

    @Test(
        "A wrong password is told in the log and on the pages; what it was is not",
        arguments: [
            // 407 is for those who say nothing; tinyproxy has another number for those who err.
            (RunningProxy.Kind.http, "CONNECT tunnel failed, response 401"),
            (.https, "CONNECT tunnel failed, response 401"),
            (.socks5, "User was rejected by the SOCKS5 server"),
        ])
    func wrongPassword(_ kind: RunningProxy.Kind, _ reason: String) throws {
        let proxy = try RunningProxy(kind, user: user)
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        let url = proxy.url(user: user.name, password: "t0p%2Fs3cr3t")
        let watcher = try Watcher(proxy.kubeconfig(from: server.kubeconfig, url: url))
        let said = try watcher.tells("through the proxy \(proxy.url): \(reason)")
        #expect(said?.contains("s3cr3t") == false, "\(said ?? watcher.server.log)")
        #expect(server.requests.isEmpty)
        #expect(try watcher.server.outcome(Self.question) == "SERVFAIL [14]")
    }

    /// Through each proxy nothing is heard, for that reason.
    private func hearNothing(
        _ server: FakeAPIServer, _ failures: [(proxy: RunningProxy, reason: String)]
    ) throws {
        let feeds = try failures.map {
            try WatchedFeed($0.proxy.kubeconfig(from: server.kubeconfig))
        }
        for (failure, feed) in zip(failures, feeds) {
            let line = "not heard yet: through the proxy \(failure.proxy.url): \(failure.reason)"
            #expect(eventually { feed.log.contains { $0.contains(line) } }, "\(feed.log)")
        }
    }

    @Test("A proxy that does not know us, or must not reach the server, says so")
    func refused() throws {
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        try hearNothing(
            server,
            [
                (try RunningProxy(.http, user: user), "CONNECT tunnel failed, response 407"),
                (try RunningProxy(.socks5, user: user), "No authentication method was acceptable."),
                (
                    try RunningProxy(.http, refuses: #"127\.0\.0\.1"#),
                    "CONNECT tunnel failed, response 403"
                ),
            ])
        #expect(server.requests.isEmpty)
    }

    @Test("A proxy that is not there yet is waited for", arguments: RunningProxy.Kind.allCases)
    func absent(_ kind: RunningProxy.Kind) throws {
        let proxy = try RunningProxy(kind)
        proxy.stop()
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        let watcher = try Watcher(proxy.kubeconfig(from: server.kubeconfig))
        let said = try watcher.tells(
            "through the proxy \(proxy.url): Failed to connect to 127.0.0.1 port \(proxy.port)")
        #expect(said != nil, "\(watcher.server.log)")
        try proxy.start()
        #expect(watcher.server.comes(Self.question, to: "10.0.0.1", within: 40))
    }

    @Test("A server that the proxy does not find is told as the proxy tells it")
    func noServer() throws {
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        server.stop()
        try hearNothing(
            server,
            [
                (RunningProxy(.http), "CONNECT tunnel failed, response 500"),
                (RunningProxy(.socks5), "Can't complete SOCKS5 connection to 127.0.0.1. (5)"),
            ])
    }

    @Test("A URL that is no proxy's is refused by its field, without what may be a password")
    func noProxy() throws {
        let proxy = try RunningProxy(.http)
        let server = try FakeAPIServer(respond: objects.respond)
        let kubeconfig = try proxy.kubeconfig(
            from: server.kubeconfig, url: "ftp://edge:t0p%2Fs3cr3t@127.0.0.1")
        let watcher = try Watcher(kubeconfig)
        let said = try watcher.tells(
            "clusters[0].cluster.proxy-url: expected a URL of a proxy: http://, https:// or socks5://"
        )
        #expect(said?.contains("s3cr3t") == false, "\(said ?? watcher.server.log)")
        #expect(server.requests.isEmpty)
    }

    // MARK: The environment

    @Test("The environment's proxies are not used, nor its exceptions from the kubeconfig's")
    func environment() throws {
        let proxy = try RunningProxy(.http)
        let nobody = try RunningProxy(.http)
        let server = try FakeAPIServer(tls: true, respond: objects.respond)
        var environment: [String: String] = [:]
        for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            environment[name] = nobody.url
        }
        // This process's own exceptions would make it too easy.
        environment["no_proxy"] = ""
        environment["NO_PROXY"] = ""
        let direct = try Watcher(server.kubeconfig, environment: environment)
        #expect(direct.server.comes(Self.question, to: "10.0.0.1"))
        environment["no_proxy"] = "*"
        environment["NO_PROXY"] = "*"
        let through = try Watcher(
            proxy.kubeconfig(from: server.kubeconfig), environment: environment)
        #expect(through.server.comes(Self.question, to: "10.0.0.1"))
        #expect(eventually { proxy.log.contains("127.0.0.1:\(server.port)") })
        #expect(!nobody.log.contains("127.0.0.1:\(server.port)"))
    }
}
