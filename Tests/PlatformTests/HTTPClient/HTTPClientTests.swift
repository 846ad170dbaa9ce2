// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import EventLoop
import Foundation
import HTTPClient
import TestSupport
import Testing

/// What is asked of our own server, and of servers that misbehave.
@Suite("HTTP client")
struct HTTPClientTests {
    private static func target(_ server: TestApplication) -> HTTPTarget {
        HTTPTarget(origin: "http://127.0.0.1:\(server.port)")
    }

    private static func get(_ path: String) -> HTTPClientRequest { HTTPClientRequest(path: path) }

    // MARK: Responses

    @Test("A response is delivered, and its end is told once")
    func response() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let exchange = client.ask(Self.get("/now"), to: Self.target(server))
        #expect(exchange.statuses == [200])
        #expect(exchange.text == "hello world\n")
        let expected = HTTPOutcome(
            status: 200, contentType: "text/plain; charset=utf-8", wireOctets: 12)
        #expect(exchange.outcomes == [expected])
        #expect(!exchange.endedWithinStart)
        let missing = client.ask(Self.get("/nowhere"), to: Self.target(server))
        #expect(missing.outcomes.map(\.status) == [404])
        #expect(missing.failure == nil)
        #expect(exchange.outcomes.count == 1)
    }

    @Test("Large content comes whole, in pieces")
    func largeContent() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let exchange = client.ask(Self.get("/big"), to: Self.target(server))
        #expect(exchange.octets == 1 << 20)
        #expect(exchange.outcomes.first?.wireOctets == 1 << 20)
    }

    @Test(
        "Content is sent, also none",
        arguments: [
            ("POST", 5), ("PUT", 70_000), ("PATCH", 1), ("POST", 0), ("PUT", nil), ("DELETE", 3),
        ])
    func sending(_ method: String, _ count: Int?) throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let content = count.map { [UInt8](repeating: 0x61, count: $0) }
        let request = HTTPClientRequest(method: method, path: "/upload", content: content)
        let exchange = client.ask(request, to: Self.target(server))
        #expect(exchange.statuses == [200])
        #expect(exchange.text == "\(count ?? 0)\n")
    }

    @Test("The response to HEAD has no content")
    func head() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let request = HTTPClientRequest(method: "HEAD", path: "/now")
        let exchange = client.ask(request, to: Self.target(server))
        #expect(exchange.statuses == [200])
        #expect(exchange.octets == 0)
        #expect(exchange.outcomes.count == 1)
        #expect(exchange.failure == nil)
    }

    @Test("A stream arrives piece by piece")
    func stream() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let exchange = client.start(Self.get("/events"), to: Self.target(server))
        #expect(eventually { server.streams == 1 && exchange.statuses == [200] })
        for number in 1...3 {
            server.publish("\(number)\n")
            #expect(eventually { exchange.text.hasSuffix("\(number)\n") })
        }
        #expect(exchange.outcomes.isEmpty)
        server.publish("end\n", ends: true)
        #expect(eventually { exchange.outcomes.count == 1 })
        #expect(exchange.text == "1\n2\n3\nend\n")
        #expect(exchange.failure == nil)
    }

    @Test("Only the final head is told")
    func informationalHeads() throws {
        let server = try RawServer(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 1\r\n\r\na")
        let client = try TestClient()
        let exchange = client.ask(Self.get("/"), to: HTTPTarget(origin: server.origin))
        #expect(exchange.statuses == [429])
        let expected = HTTPOutcome(status: 429, retryAfterSeconds: 7, wireOctets: 1)
        #expect(exchange.outcomes == [expected])
    }

    @Test("Compressed content is delivered uncompressed, where it was asked for")
    func compression() throws {
        let hello: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd, 0xc9,
            0xc9, 0xe7, 0x02, 0x00, 0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00,
        ]
        let server = try RawServer(
            Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 26\r\n\r\n".utf8)
                + hello)
        let client = try TestClient()
        let request = HTTPClientRequest(path: "/", acceptsGzip: true)
        let exchange = client.ask(request, to: HTTPTarget(origin: server.origin))
        #expect(exchange.text == "hello\n")
        #expect(exchange.outcomes.first?.wireOctets == 26)
        #expect(server.requests.first?.contains("Accept-Encoding: gzip\r\n") == true)
    }

    /// Connections to a port that are open or were closed not long ago.
    private static func connections(to port: UInt16) throws -> Int {
        let file = try #require(FileHandle(forReadingAtPath: "/proc/net/tcp"))
        let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        let suffix = String(format: ":%04X", Int(port))
        return table.split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            return fields.count > 2 && fields[2].hasSuffix(suffix)
        }
    }

    @Test("200 requests share few connections")
    func sharing() throws {
        let (server, client) = (try TestApplication(), try TestClient(maximumConnections: 3))
        // Another server may have had the port.
        let before = try Self.connections(to: server.port)
        let exchanges = (0..<200).map { _ in
            client.start(Self.get("/now"), to: Self.target(server))
        }
        #expect(eventually { exchanges.allSatisfy { $0.outcomes.count == 1 } })
        #expect(exchanges.allSatisfy { $0.text == "hello world\n" && $0.failure == nil })
        #expect(1...3 ~= (try Self.connections(to: server.port)) - before)
    }

    // MARK: Failures

    private static func kind(_ client: TestClient, _ server: RawServer) -> HTTPFailure.Kind? {
        client.ask(get("/"), to: HTTPTarget(origin: server.origin)).failure?.kind
    }

    @Test("A port where nobody listens cannot be connected to")
    func refused() throws {
        let client = try TestClient()
        // Of all ports the first is the least likely to be in use.
        let exchange = client.ask(Self.get("/"), to: HTTPTarget(origin: "http://127.0.0.1:1"))
        #expect(exchange.outcomes.map(\.status) == [0])
        #expect(exchange.failure?.kind == .cannotConnect)
        #expect(exchange.failure?.message.contains("127.0.0.1") == true)
    }

    @Test(
        "A response that ends early is cut",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "",
        ])
    func cut(_ reply: String) throws {
        let (server, client) = (try RawServer(reply), try TestClient())
        #expect(Self.kind(client, server) == .cut)
    }

    @Test("What is no HTTP fails, and so does a head without end")
    func noHTTP() throws {
        let client = try TestClient()
        #expect(Self.kind(client, try RawServer("hello world\n")) == .other)
        let endless = "HTTP/1.1 200 OK\r\n" + String(repeating: "X: a\r\n", count: 60_000)
        #expect(Self.kind(client, try RawServer(endless, holds: true)) == .tooLarge)
    }

    @Test("What takes longer than allowed is over")
    func timeout() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let request = HTTPClientRequest(path: "/watch", timeoutMilliseconds: 100)
        let exchange = client.ask(request, to: Self.target(server))
        #expect(exchange.failure?.kind == .timeout)
        #expect(eventually { server.aborted == 1 })
    }

    @Test("A receiver that says stop gets no more")
    func stop() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let exchange = client.start(
            Self.get("/big"), to: Self.target(server), onContent: { _ in false })
        #expect(eventually { exchange.outcomes.count == 1 })
        #expect(exchange.failure?.kind == .tooLarge)
        #expect(exchange.outcomes.first?.status == 200)
        #expect(exchange.octets < 1 << 20)
    }

    @Test(
        "A header that would become two, or none, is refused",
        arguments: [
            ("X", "a\nY: b"), ("X", "a\r\nY: b"), ("X", "a\rb"), ("X", "a\0b"), ("X: a", "b"),
            ("", "b"), ("X\n", "b"),
        ])
    func headers(_ name: String, _ value: String) throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let request = HTTPClientRequest(path: "/now", headers: [(name, value)])
        let exchange = client.ask(request, to: Self.target(server))
        #expect(exchange.outcomes.map(\.status) == [0])
        #expect(exchange.failure?.kind == .other)
        #expect(!exchange.endedWithinStart)
    }

    @Test("Headers are sent as given, but for blanks around their values")
    func sentHeaders() throws {
        let server = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let client = try TestClient()
        let request = HTTPClientRequest(
            method: "POST", path: "/a?b=c",
            headers: [("Authorization", "Bearer a "), ("Accept", "application/json"), ("X", "")],
            content: [0x61], userAgent: "fabdns/1")
        _ = client.ask(request, to: HTTPTarget(origin: server.origin + "/prefix/"))
        let lines = (server.requests.first ?? "").components(separatedBy: "\r\n")
        let expected = [
            "POST /prefix/a?b=c HTTP/1.1", "Host: 127.0.0.1:\(server.port)",
            "User-Agent: fabdns/1", "Authorization: Bearer a", "Accept: application/json", "X:",
            "Content-Length: 1",
        ]
        #expect(Set(lines.filter { !$0.isEmpty && $0 != "a" }) == Set(expected))
    }

    @Test("A proxy is asked for the whole URL; one that refuses a tunnel is no server")
    func proxies() throws {
        let proxy = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let client = try TestClient()
        var target = HTTPTarget(origin: "http://nowhere.invalid:81", proxy: proxy.origin)
        #expect(client.ask(Self.get("/a"), to: target).statuses == [200])
        let line = "GET http://nowhere.invalid:81/a HTTP/1.1\r\n"
        #expect(proxy.requests.first?.hasPrefix(line) == true)

        let refusing = try RawServer("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        target.origin = "https://nowhere.invalid:81"
        target.proxy = "http://user:secret@127.0.0.1:\(refusing.port)/"
        let exchange = client.ask(Self.get("/a"), to: target)
        #expect(exchange.statuses == [])
        #expect(exchange.outcomes.map(\.status) == [0])
        #expect(exchange.failure?.kind == .cannotConnect)
        let way = "through the proxy http://127.0.0.1:\(refusing.port): CONNECT tunnel failed"
        #expect(exchange.failure?.message.hasPrefix(way) == true)
        #expect(exchange.failure?.message.contains("secret") == false)
        #expect(refusing.requests.first?.contains("Proxy-Authorization: Basic ") == true)
    }
}
