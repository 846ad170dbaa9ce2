// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Synchronization
import TestSupport
import Testing

/// What other tests expect of the server that misbehaves when it is told to.
@Suite("Fake API server")
struct FakeAPIServerTests {
    private static func curl(_ arguments: String...) throws -> Programs.Ended {
        try Programs.run(
            Programs.required("curl"),
            ["--silent", "--noproxy", "*", "--max-time", "20"] + arguments)
    }

    private static func url(_ server: FakeAPIServer, _ path: String = "/") -> String {
        "http://127.0.0.1:\(server.port)\(path)"
    }

    private static let ok = FakeAPIServer.Step.reply(status: 200, body: Array("{}".utf8))

    private static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    /// Reads from a socket until the text is there, or nothing more comes.
    private static func read(_ socket: Socket, until part: String) -> String {
        var octets: [UInt8] = []
        while !String(decoding: octets, as: UTF8.self).contains(part),
            let more = socket.receive(), !more.isEmpty
        {
            octets += more
        }
        return String(decoding: octets, as: UTF8.self)
    }

    @Test("A request is taken apart and kept")
    func request() throws {
        let server = try FakeAPIServer { _ in [Self.ok] }
        let ended = try Self.curl(
            "-d", "hello", "-H", "Authorization: Bearer x",
            Self.url(server, "/a%20b?labelSelector=x%3Dy%2Cz&watch"))
        #expect(ended.output == "{}")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/a b")
        #expect(request.query == ["labelSelector": "x=y,z", "watch": ""])
        #expect(request.headers["authorization"] == "Bearer x")
        #expect(request.content == Array("hello".utf8))
    }

    @Test("A large upload is asked for, and replies carry status, type, headers and length")
    func upload() throws {
        let server = try FakeAPIServer { request in
            [
                .reply(
                    status: 429, contentType: "text/plain", headers: ["Retry-After: 1"],
                    body: Array("\(request.content.count)".utf8))
            ]
        }
        let folder = try Folder(["big": String(repeating: "a", count: 2_000_000)])
        let ended = try Self.curl(
            "-i", "-H", "Expect: 100-continue", "--data-binary", "@\(folder.path("big"))",
            Self.url(server))
        #expect(ended.output.contains("HTTP/1.1 429 "))
        #expect(ended.output.contains("Content-Type: text/plain\r\nRetry-After: 1\r\n"))
        #expect(ended.output.hasSuffix("Content-Length: 7\r\n\r\n2000000"))
    }

    @Test("Replies of one connection follow each other, chunked ones too")
    func keepAlive() throws {
        let server = try FakeAPIServer { request in
            request.path == "/chunks"
                ? [
                    .begin(status: 200), .chunk(Array("ab".utf8)), .wait(milliseconds: 20),
                    .chunk(Array("c".utf8)), .end,
                ] : [Self.ok]
        }
        let ended = try Self.curl(
            "-w", " %{num_connects}\n", Self.url(server, "/chunks"), Self.url(server),
            Self.url(server))
        #expect(ended.output == "abc 1\n{} 0\n{} 0\n")
    }

    @Test("TLS is checked with the authority of the kubeconfig")
    func tls() throws {
        let big = [UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000)
        let server = try FakeAPIServer(tls: true) { _ in [.reply(status: 200, body: big)] }
        let config = try String(contentsOfFile: server.kubeconfig, encoding: .utf8)
        let match = config.firstMatch(of: /certificate-authority: "([^"]+)"/)
        let authority = try #require(match?.1)
        let url = "https://127.0.0.1:\(server.port)/"
        let ended = try Self.curl("--cacert", String(authority), url)
        #expect(ended.status == 0)
        #expect(ended.output.utf8.count == big.count)
        #expect(try Self.curl(url).status == 60)
    }

    @Test("A cut is a reset, an end within chunks is none that was said, a freeze is silence")
    func faults() throws {
        let server = try FakeAPIServer { request in
            let begin: [FakeAPIServer.Step] = [.begin(status: 200), .chunk([1])]
            switch request.path {
            case "/cut": return begin + [.cut]
            case "/lost": return begin
            case "/frozen": return begin + [.freeze]
            default: return []
            }
        }
        #expect(try Self.curl(Self.url(server, "/cut")).status == 56)
        #expect(try Self.curl(Self.url(server, "/lost")).status == 18)
        let frozen = try Self.curl("--max-time", "0.3", Self.url(server, "/frozen"))
        #expect(frozen.status == 28)
        #expect(eventually { server.connectionCount == 0 })
    }

    @Test("Connections are reset on demand, and a stopped server comes back on its port")
    func stopping() throws {
        let ended = Atomic(0)
        let server = try FakeAPIServer { request in
            guard request.path == "/watch" else { return [Self.ok] }
            return [
                .begin(status: 200),
                .stream { writer in
                    repeat {} while writer.write([65]) && writer.wait(milliseconds: 10)
                    ended.add(1, ordering: .relaxed)
                },
            ]
        }
        for stop in [server.closeConnections, server.stop] {
            let socket = try Socket(.tcp, port: server.port)
            try socket.send(Self.get("/watch"))
            #expect(Self.read(socket, until: "1\r\nA\r\n1\r\nA\r\n").contains("chunked"))
            let silent = try Socket(.tcp, port: server.port)
            try silent.send(Self.get("/"))
            #expect(Self.read(silent, until: "{}").hasSuffix("{}"))
            stop()
            while let more = socket.receive(), !more.isEmpty {}
            #expect(eventually { server.connectionCount == 0 })
            // After a reset nothing can be sent, while the end of a stream would leave that side.
            #expect(throws: Failure.self) { try silent.send([0]) }
        }
        #expect(ended.load(ordering: .relaxed) == 2)
        #expect(throws: Failure.self) { try Socket(.tcp, port: server.port) }
        try server.start()
        #expect(try Self.curl(Self.url(server)).output == "{}")
    }

    @Test("Three hundred connections are served, more are closed")
    func limit() throws {
        let server = try FakeAPIServer { _ in [.begin(status: 200), .chunk([65]), .freeze] }
        let sockets = try (0..<300).map { _ in try Socket(.tcp, port: server.port) }
        for socket in sockets { try socket.send(Self.get("/")) }
        for socket in sockets {
            #expect(Self.read(socket, until: "1\r\nA\r\n").hasPrefix("HTTP/1.1 200 OK"))
        }
        #expect(try (Socket(.tcp, port: server.port).receive() ?? []).isEmpty)
    }
}
