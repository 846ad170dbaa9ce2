// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import TestSupport
import Testing

/// The built server, asked over real sockets.
@Suite("The server as a program")
struct ServerTests {
    private static let nginx = "nginx.default.svc.global. IN A"

    private static func query() throws -> [UInt8] {
        Message(query: try DomainName(presentation: "nginx.default.svc.global."), type: .a).encode()
    }

    // MARK: Streams

    @Test("One stream gets an answer to each query, though it ends while they are answered")
    func pipelined() throws {
        let server = try RunningServer()
        let count = 2000
        let query = framed(try Self.query())
        let output = try server.converse(Array(repeating: query, count: count).flatMap { $0 })
        let messages = try #require(unframed(output))
        #expect(messages.count == count)
        for octets in messages {
            let message = try Message(parsing: octets.span)
            #expect(message.header.responseCode == .noError && message.answer.count == 1)
        }
    }

    @Test("A query that comes octet by octet is answered when it is whole")
    func slow() throws {
        let server = try RunningServer()
        let socket = try Socket(.tcp, port: server.port)
        for octet in framed(try Self.query()) { try socket.send([octet]) }
        let reply = try #require(socket.receive())
        #expect(unframed(reply)?.count == 1)
    }

    @Test("What is no DNS message ends the stream, and only that one", arguments: [0, 1, 11])
    func noMessage(_ length: Int) throws {
        let server = try RunningServer()
        let other = try Socket(.tcp, port: server.port)
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(framed([UInt8](repeating: 0, count: length)))
        #expect(socket.receive() == [])
        try other.send(framed(try Self.query()))
        #expect(other.receive()?.isEmpty == false)
    }

    @Test("Hundreds of streams that say nothing leave room for the one that asks")
    func idle() throws {
        let server = try RunningServer()
        let sockets = try (0..<300).map { _ in try Socket(.tcp, port: server.port) }
        for socket in sockets { try socket.send([0]) }
        #expect(
            try Asker(port: server.port, overTCP: true).ask(Self.nginx).summary == "10.101.0.10")
        #expect(try server.answers(to: Self.nginx) == "10.101.0.10")
    }

    @Test("Streams are accepted again after descriptors have run out")
    func descriptors() throws {
        let server = try RunningServer(corefile: Self.corefile("chaoyang", "", workers: 8))
        var sockets: [Socket] = []
        let open = try FileManager.default.contentsOfDirectory(
            atPath: "/proc/\(server.program.identifier)/fd"
        ).count
        _ = try Programs.run(
            URL(filePath: "/usr/bin/prlimit"),
            ["--pid", "\(server.program.identifier)", "--nofile=\(open + 4)"])
        for _ in 0..<64 { sockets.append(try Socket(.tcp, port: server.port)) }
        // A listener that finds no descriptor rests for half a second.
        usleep(200_000)
        sockets = []
        // What still waits to be accepted may push an asker out; after it, nobody is pushed out.
        // The kernel spreads a round over all workers: one that rests for good fails it.
        #expect(
            eventually {
                (0..<64).allSatisfy { _ in
                    let answer = try? Asker(port: server.port, overTCP: true).ask(Self.nginx)
                    return answer?.summary == "10.101.0.10"
                }
            })
    }

    // MARK: Addresses

    @Test("On a wildcard the reply comes from the address that was asked, in both families")
    func wildcard() throws {
        let server = try RunningServer(
            corefile: """
                global {
                    fabdns {
                        catalog corefile-examples/catalog.yaml
                    }
                }
                """)
        for address in ["127.0.0.1", "127.0.0.77", "::1"] {
            // A connected socket takes nothing from another address.
            #expect(
                try server.answers(to: "db-1.pudong.db.default.svc.global. IN A", at: address)
                    == "10.2.0.21")
        }
    }

    @Test("Several addresses, zones and places at once")
    func several() throws {
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1 127.0.0.2 ::1
                    fabdns {
                        catalog corefile-examples/catalog.yaml
                        cluster pudong
                    }
                }
                example.org global.example {
                    bind 127.0.0.2
                    fabdns global.example {
                        catalog corefile-examples/catalog.yaml
                        cluster shijiazhuang
                        ttl 30
                    }
                }
                """)
        for address in ["127.0.0.1", "127.0.0.2", "::1"] {
            #expect(try server.answers(to: Self.nginx, at: address) == "10.102.0.10")
        }
        let other = try server.ask("nginx.default.svc.global.example. IN A", at: "127.0.0.2")
        #expect(other.summary == "10.103.0.10" && other.answer[0].ttl == 30)
        #expect(
            try server.answers(to: "nginx.default.svc.global.example. IN A", at: "127.0.0.1")
                == "REFUSED")
        #expect(try server.answers(to: "example.org. IN SOA", at: "127.0.0.2") == "REFUSED")
        #expect(try server.answers(to: "ns.dns.global. IN AAAA", at: "::1") == "::1")
    }

    // MARK: Reload

    private static func corefile(
        _ cluster: String, _ more: String = "", bind: String? = "127.0.0.1", workers: Int = 2
    ) -> String {
        """
        global \(more) {
            \(bind.map { "bind \($0)" } ?? "")
            multisocket \(workers)
            fabdns {
                catalog corefile-examples/catalog.yaml
                cluster \(cluster)
            }
        }
        """
    }

    @Test("SIGUSR1 reads the Corefile again; sockets that stay lose no query")
    func reload() throws {
        let server = try RunningServer(corefile: Self.corefile("chaoyang"))
        #expect(try server.answers(to: Self.nginx) == "10.101.0.10")
        let stream = try Socket(.tcp, port: server.port)
        for round in 0..<6 {
            let cluster = round.isMultiple(of: 2) ? "pudong" : "chaoyang"
            try server.reload(corefile: Self.corefile(cluster, round == 5 ? "example" : ""))
            let wanted = round.isMultiple(of: 2) ? "10.102.0.10" : "10.101.0.10"
            // Every query is answered, from the old place or the new one.
            #expect(try eventually { try server.answers(to: Self.nginx) == wanted })
        }
        #expect(
            try eventually {
                try server.answers(to: "nginx.default.svc.example. IN A") == "10.101.0.10"
            })
        try stream.send(framed(try Self.query()))
        #expect(stream.receive()?.isEmpty == false)
        #expect(server.log.contains("[INFO] reloaded"))
    }

    @Test("A Corefile that cannot be served changes nothing, and the log says why")
    func failedReload() throws {
        let server = try RunningServer(corefile: Self.corefile("chaoyang"))
        for (corefile, message) in [
            (
                "global {\n  fabdns {\n    catlog x\n  }\n}\n",
                "Corefile:3:5: unknown property 'catlog'"
            ),
            (Self.corefile("pudong").replacing("catalog.yaml", with: "none.yaml"), "none.yaml"),
            (Self.corefile("pudong", bind: "192.0.2.1"), "192.0.2.1"),
        ] {
            try server.reload(corefile: corefile)
            #expect(server.program.output.waits(for: message), "\(server.log)")
            #expect(try server.answers(to: Self.nginx) == "10.101.0.10")
        }
        let lines = server.log.split(separator: "\n").filter { $0.contains("reload failed") }
        #expect(lines.count == 3)
    }

    @Test("A reload goes from one address to all and back")
    func wildcardReload() throws {
        let server = try RunningServer(corefile: Self.corefile("chaoyang", bind: nil))
        #expect(try server.answers(to: Self.nginx, at: "127.0.0.3") == "10.101.0.10")
        try server.reload(corefile: Self.corefile("pudong"))
        #expect(eventually { (try? server.answers(to: Self.nginx)) == "10.102.0.10" })
        #expect(eventually { (try? server.answers(to: Self.nginx, at: "127.0.0.3")) == nil })
        try server.reload(corefile: Self.corefile("chaoyang", bind: nil))
        #expect(
            eventually { (try? server.answers(to: Self.nginx, at: "127.0.0.3")) == "10.101.0.10" })
        #expect(!server.log.contains("reload failed"), "\(server.log)")
    }

    @Test("An address that an interface has and 'except' names is not listened on")
    func except() throws {
        let server = try RunningServer(
            corefile: Self.corefile("chaoyang", bind: "lo {\nexcept 127.0.0.1\n}"))
        #expect(try server.answers(to: Self.nginx, at: "::1") == "10.101.0.10")
        #expect((try? server.answers(to: Self.nginx)) == nil)
    }

    @Test("A reload opens listeners that are new and closes those that are gone")
    func listeners() throws {
        let server = try RunningServer(corefile: Self.corefile("chaoyang"))
        try server.reload(corefile: Self.corefile("chaoyang", bind: "127.0.0.1 127.0.0.2"))
        #expect(
            eventually { (try? server.answers(to: Self.nginx, at: "127.0.0.2")) == "10.101.0.10" })
        try server.reload(corefile: Self.corefile("chaoyang", bind: "127.0.0.2"))
        #expect(eventually { (try? server.answers(to: Self.nginx)) == nil })
        #expect(try server.answers(to: Self.nginx, at: "127.0.0.2") == "10.101.0.10")
    }
}
