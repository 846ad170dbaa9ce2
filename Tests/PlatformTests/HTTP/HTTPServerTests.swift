// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import HTTP
import TestSupport
import Testing

/// What a client sees that behaves, and one that does not.
@Suite("HTTP server")
struct HTTPServerTests {
    private static func get(_ path: String, _ fields: String = "") -> [UInt8] {
        request("GET", path, fields)
    }

    private static func request(
        _ method: String, _ path: String, _ fields: String = "", _ content: String = ""
    ) -> [UInt8] {
        let length = content.isEmpty ? "" : "Content-Length: \(content.utf8.count)\r\n"
        return Array(
            "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(length)\(fields)\r\n\(content)".utf8)
    }

    /// All that comes before the other side closes, with `Connection: close` asked for.
    private static func reply(
        _ server: TestApplication, _ octets: [UInt8]
    ) throws -> String {
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(octets)
        return String(decoding: socket.receiveAll(), as: UTF8.self)
    }

    /// Reads until the text ends so.
    private static func read(_ socket: Socket, until end: String) -> String {
        var octets: [UInt8] = []
        while !octets.reversed().starts(with: end.utf8.reversed()),
            let more = socket.receive(), !more.isEmpty
        {
            octets += more
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func status(_ text: String) -> String {
        text.hasPrefix("HTTP/1.1 ") ? String(text.dropFirst(9).prefix(3)) : text
    }

    private static let close = "Connection: close\r\n"

    // MARK: Those that behave

    @Test("A reply has a date, a type and a length; HEAD has all but the content")
    func reply() throws {
        let server = try TestApplication()
        let get = try Self.reply(server, Self.get("/now", Self.close))
        #expect(get.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
        #expect(get.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"))
        #expect(get.contains("\r\nConnection: close\r\n"))
        #expect(get.hasSuffix("\r\nContent-Length: 12\r\n\r\nhello world\n"))
        let head = try Self.reply(server, Self.request("HEAD", "/now", Self.close))
        #expect(head.hasSuffix("\r\nContent-Length: 12\r\n\r\n"))
    }

    @Test("Requests of one connection are answered in order, pipelined ones too")
    func pipelining() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        for _ in 0..<3 {
            try socket.send(Self.get("/now"))
            #expect(Self.read(socket, until: "world\n").hasPrefix("HTTP/1.1 200"))
        }
        try socket.send(
            Self.get("/now") + Self.request("POST", "/upload", "", "hello")
                + Self.get("/nowhere", Self.close))
        let text = String(decoding: socket.receiveAll(), as: UTF8.self)
        let statuses = text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
        #expect(statuses == ["200", "200", "404"])
        #expect(text.contains("\r\n\r\n5\n"))
    }

    @Test("HTTP/1.0 is answered, and closed")
    func oldVersion() throws {
        let server = try TestApplication()
        let text = try Self.reply(server, Array("GET /now HTTP/1.0\r\n\r\n".utf8))
        #expect(text.hasSuffix("hello world\n"))
    }

    @Test("A request in single octets is read like one in one piece")
    func octets() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        for octet in Self.request("POST", "/upload", Self.close, "hello") {
            try socket.send([octet])
        }
        #expect(String(decoding: socket.receiveAll(), as: UTF8.self).hasSuffix("\r\n\r\n5\n"))
    }

    @Test("Content that is waited for is asked for, content that is too large is not")
    func expectation() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        let expect = "Expect: 100-continue\r\n"
        try socket.send(
            Self.request("POST", "/upload", "\(expect)Content-Length: 5\r\n"))
        #expect(Self.read(socket, until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        try socket.send(Array("hello".utf8))
        #expect(Self.status(Self.read(socket, until: "5\n")) == "200")
        try socket.send(
            Self.request("POST", "/upload", "\(expect)Content-Length: 100001\r\n"))
        #expect(Self.status(String(decoding: socket.receiveAll(), as: UTF8.self)) == "413")
    }

    @Test("A reply larger than all buffers arrives whole")
    func big() throws {
        let server = try TestApplication()
        let text = try Self.reply(server, Self.get("/big", Self.close))
        #expect(text.utf8.count > 1 << 20)
        #expect(text.hasSuffix("aaaa"))
    }

    @Test("curl gets what is served, over ten requests of one connection")
    func curl() throws {
        let server = try TestApplication()
        let curl = try #require(Programs.installed("curl"))
        let address = "http://127.0.0.1:\(server.port)/now"
        let ended = try Programs.run(
            curl, ["-sS", "-w", "%{num_connects} "] + [String](repeating: address, count: 10))
        #expect(ended.status == 0, "\(ended.error)")
        #expect(ended.output.hasPrefix("hello world\n1 hello world\n0 "), "\(ended.output)")
    }

    // MARK: Later

    @Test("A request may be answered from another queue; the connection goes on")
    func later() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Self.get("/watch") + Self.get("/now"))
        #expect(eventually { server.held == 1 })
        server.publish("news\n")
        let text = Self.read(socket, until: "world\n")
        #expect(text.contains("news\nHTTP/1.1 200 OK"))
    }

    @Test(
        "A held client that goes away is noticed, also behind requests it had sent on",
        arguments: [0, 1, 200])
    func aborted(_ more: Int) throws {
        let server = try TestApplication()
        var socket: Socket? = try Socket(.tcp, port: server.port)
        try socket?.send(Self.get("/watch"))
        #expect(eventually { server.held == 1 })
        for _ in 0..<more { try socket?.send(Self.get("/now")) }
        socket = nil
        #expect(eventually { server.held == 0 && server.aborted == 1 })
    }

    @Test("A client that sends no more still gets its reply, and is not waited for long")
    func halfClosed() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Self.get("/now"))
        socket.endSending()
        #expect(String(decoding: socket.receiveAll(), as: UTF8.self).hasSuffix("world\n"))

        let held = try Socket(.tcp, port: server.port)
        try held.send(Self.get("/watch"))
        #expect(eventually { server.held == 1 })
        held.endSending()
        server.publish("news\n")
        #expect(Self.read(held, until: "news\n").hasSuffix("news\n"))

        let forgotten = try Socket(.tcp, port: server.port)
        try forgotten.send(Self.get("/watch"))
        #expect(eventually { server.held == 1 })
        forgotten.endSending()
        #expect(forgotten.receive() == [])
        #expect(eventually { server.held == 0 })

        let half = try Socket(.tcp, port: server.port)
        try half.send(Self.request("POST", "/upload", "Content-Length: 50\r\n"))
        half.endSending()
        #expect(half.receive() == [])
    }

    @Test("A stream brings events as they happen, and ends properly")
    func stream() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Self.get("/events"))
        let head = Self.read(socket, until: "\r\n\r\n")
        #expect(head.contains("Content-Type: text/event-stream\r\n"))
        #expect(head.contains("Transfer-Encoding: chunked\r\n"))
        #expect(eventually { server.streams == 1 })
        server.publish("data: 1\n\n")
        #expect(Self.read(socket, until: "\n\n\r\n") == "9\r\ndata: 1\n\n\r\n")
        server.publish("data: 2\n\n", ends: true)
        #expect(
            String(decoding: socket.receiveAll(), as: UTF8.self)
                == "9\r\ndata: 2\n\n\r\n0\r\n\r\n")
    }

    @Test("Who does not read its stream is cut off")
    func unreadStream() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Self.get("/events"))
        #expect(eventually { server.streams == 1 })
        let event = String(repeating: "x", count: 60_000)
        for _ in 0..<1000 where server.streams == 1 {
            server.publish(event)
            usleep(1_000)
        }
        #expect(eventually { server.streams == 0 })
    }

    // MARK: Those that do not behave

    @Test(
        "What is refused is told, though the client goes on sending",
        arguments: [
            ("/upload", "413"), ("/refused", "403"),
        ])
    func refused(_ path: String, _ status: String) throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        let content = [UInt8](repeating: 0x61, count: 500_000)
        try socket.send(Self.request("POST", path, "Content-Length: 500000\r\n"))
        for part in 0..<10 { try? socket.send(Array(content[(part * 50_000)...].prefix(50_000))) }
        #expect(Self.status(String(decoding: socket.receiveAll(), as: UTF8.self)) == status)
    }

    @Test("What is no HTTP is refused at once", arguments: ["\u{16}\u{3}\u{1}", "\0", "{}", "\n"])
    func noise(_ text: String) throws {
        let server = try TestApplication()
        #expect(Self.status(try Self.reply(server, Array(text.utf8))) == "400")
    }

    @Test("Thousands of pipelined requests whose replies nobody reads keep nobody else waiting")
    func unreadReplies() throws {
        let server = try TestApplication()
        let greedy = try Socket(.tcp, port: server.port)
        for _ in 0..<200 { _ = greedy.sendSome(Self.get("/big")) }
        #expect(
            try Self.reply(server, Self.get("/now", Self.close)).hasSuffix("hello world\n"))
    }

    @Test("Above its bound of connections the server still answers newcomers")
    func crowd() throws {
        let server = try TestApplication(maximumConnections: 20)
        let sockets = try (0..<60).map { _ in try Socket(.tcp, port: server.port) }
        #expect(
            try Self.reply(server, Self.get("/now", Self.close)).hasSuffix("hello world\n"))
        _ = sockets
    }

    @Test("A closed listener ends its connections and refuses others")
    func closed() throws {
        let server = try TestApplication()
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Self.get("/watch"))
        #expect(eventually { server.held == 1 })
        server.close()
        #expect(socket.receive() == [])
        #expect(eventually { (try? Socket(.tcp, port: server.port)) == nil })
    }
}
