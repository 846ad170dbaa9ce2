// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import HTTPClient

/// What becomes of a target and a request before the library has it.
@Suite("HTTP requests as planned")
struct RequestPlanTests {
    @Test(
        "The host of an origin stands alone",
        arguments: [
            ("https://10.0.0.1:6443", "10.0.0.1"),
            ("https://10.0.0.1:6443/", "10.0.0.1"),
            ("HTTPS://api.example.com/k8s/clusters/a", "api.example.com"),
            ("http://localhost", "localhost"),
            ("https://[fd77::1]:6443", "fd77::1"),
            ("https://[fe80::1%25eth0]:6443", "fe80::1%eth0"),
            ("https://", nil),
            ("https://:6443", nil),
            ("https://a:0", nil),
            ("https://a:65536", nil),
            ("https://a:", nil),
            ("https://a:+1", nil),
            ("https://user@a", nil),
            ("https://a?b", nil),
            ("https://a/b#c", nil),
            ("https://[fd77::1", nil),
            ("https://[]:1", nil),
            ("https://[a]", nil),
            ("https://[::1]a", nil),
            ("https://a b", nil),
            ("https://a\n", nil),
            ("https://\u{e9}", nil),
            ("ftp://a", nil),
            ("a", nil),
            ("", nil),
        ])
    func hosts(_ origin: String, _ host: String?) {
        #expect(HTTPTarget(origin: origin).host == host)
    }

    private static func plan(
        _ target: HTTPTarget, _ request: HTTPClientRequest = HTTPClientRequest(path: "/a")
    ) throws -> RequestPlan { try RequestPlan(request, target) }

    @Test("The path comes after the origin's")
    func url() throws {
        let plan = try Self.plan(HTTPTarget(origin: "https://A.example/b/c//"))
        #expect(plan.url == "https://A.example:443/b/c/a")
        #expect(plan.headerLines == [])
        #expect(plan.connectTo == nil)
        #expect(plan.resolve == nil)
        #expect(plan.proxy == "")
    }

    @Test("A TLS name is asked for at the origin's host")
    func serverName() throws {
        var target = HTTPTarget(origin: "https://[fd77::1]:6443", serverName: "kubernetes")
        var plan = try Self.plan(target)
        #expect(plan.url == "https://kubernetes:6443/a")
        #expect(plan.connectTo == "kubernetes:6443:[fd77::1]:6443")
        #expect(plan.headerLines == ["Host: [fd77::1]:6443"])
        target.origin = "https://10.0.0.1"
        target.serverName = "fd77::2"
        plan = try Self.plan(target)
        #expect(plan.url == "https://[fd77::2]:443/a")
        #expect(plan.connectTo == "[fd77::2]:443:10.0.0.1:443")
        #expect(plan.headerLines == ["Host: 10.0.0.1"])
        target.serverName = "a:b/c"
        #expect(throws: HTTPFailure.self) { try Self.plan(target) }
    }

    @Test("Addresses are for names only")
    func addresses() throws {
        var target = HTTPTarget(origin: "https://a", addresses: ["10.0.0.1", "fd77::1", "x,y"])
        #expect(try Self.plan(target).resolve == "a:443:10.0.0.1,[fd77::1]")
        target.origin = "https://10.0.0.2"
        #expect(try Self.plan(target).resolve == nil)
    }

    @Test(
        "A proxy has a scheme that is known, and its own port",
        arguments: [
            ("http://p", "http://p:80"),
            ("http://p:3128/", "http://p:3128"),
            ("https://u:x@p", "https://u:x@p:443"),
            ("socks5://p", "socks5h://p:1080"),
            ("socks5h://[fd77::1]:1", "socks5h://[fd77::1]:1"),
            ("", ""),
            ("p:3128", nil),
            ("ftp://p", nil),
            ("http://", nil),
            ("http://p/path", nil),
            ("http://a/b@p", nil),
            ("http://p\nX", nil),
        ])
    func proxies(_ text: String, _ expected: String?) {
        #expect((try? Self.plan(HTTPTarget(origin: "https://a", proxy: text)))?.proxy == expected)
    }

    @Test(
        "Requests that would be others are refused",
        arguments: [
            ("GET", "a", "x"), ("GET", "", "x"), ("GET", "/a b", "x"), ("GET", "/a#b", "x"),
            ("GET", "/a\r\nX: b", "x"), ("GET", "/\u{e9}", "x"), ("G T", "/", "x"),
            ("GET\r\n", "/", "x"), ("", "/", "x"), ("GET", "/", "x\n"), ("GET", "/", "\0"),
        ])
    func malformed(_ method: String, _ path: String, _ userAgent: String) {
        let request = HTTPClientRequest(method: method, path: path, userAgent: userAgent)
        #expect(throws: HTTPFailure.self) {
            try Self.plan(HTTPTarget(origin: "https://a"), request)
        }
    }
}
