// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import TestSupport
import Testing

@Suite("Directives at work")
struct FeatureTests {
    private static let catalog = """
        apiVersion: dns.fabedge.io/v1alpha1
        kind: GlobalService
        metadata: {name: nginx, namespace: default}
        spec:
          endpoints:
          - {addresses: [10.0.0.1], cluster: beijing, zone: x, region: north}
        """

    private func server(
        _ directives: String, zones: String = "global", files: [String: String] = [:]
    ) throws -> RunningServer {
        try RunningServer(
            corefile: """
                \(zones) {
                    bind 127.0.0.1
                    fabdns global {
                        catalog {folder}/catalog.yaml
                    }
                    \(directives)
                }
                """, files: files.merging(["catalog.yaml": Self.catalog]) { $1 })
    }

    private func dig(_ server: RunningServer, _ arguments: String...) throws -> String {
        let dig = try #require(Programs.installed("dig"))
        return try Programs.run(
            dig, ["@127.0.0.1", "-p", "\(server.port)", "+time=5", "+tries=1"] + arguments
        ).output
    }

    @Test("dig sees chaos, nsid and whoami")
    func digSees() throws {
        let server = try server("chaos 1.2 me\nnsid edge-1\nwhoami", zones: "global .")
        #expect(try dig(server, "CH", "TXT", "version.bind", "+short") == "\"1.2\"\n")
        #expect(try dig(server, "CH", "TXT", "authors.bind", "+short") == "\"me\"\n")
        #expect(
            try dig(server, "nginx.default.svc.global", "+nsid").contains("(\"edge-1\")"))
        let told = try dig(server, "whoami.example", "+tcp")
        #expect(told.contains("whoami.example.\t\t0\tIN\tA\t127.0.0.1"))
        #expect(told.contains("_tcp.whoami.example.\t0\tIN\tSRV\t0 0 "))
    }

    @Test("whoami has no port where its name would pass 255 octets", arguments: [56, 57])
    func whoamiOfLongName(lastLabel: Int) throws {
        let server = try server("whoami", zones: ".")
        let labels = [63, 63, 63, lastLabel].map { String(repeating: "a", count: $0) }
        let told = try dig(server, labels.joined(separator: "."))
        #expect(told.contains("ADDITIONAL: \(lastLabel == 56 ? 3 : 2)\n"))
        #expect(!told.contains("malformed"))
    }

    @Test("dig -x finds the names of addresses, and the zone file has them")
    func reverse() throws {
        let server = try RunningServer(
            corefile: """
                global 10.0.0.0/16 {
                    bind 127.0.0.1
                    fabdns {
                        catalog {folder}/catalog.yaml
                    }
                }
                """, files: ["catalog.yaml": Self.catalog])
        #expect(try dig(server, "-x", "10.0.0.1", "+short") == "nginx.default.svc.global.\n")
        #expect(try dig(server, "-x", "10.0.0.2").contains("status: NXDOMAIN"))
        let zone = try Programs.run(
            Programs.fabdns, ["zone", server.folder.path("Corefile"), "0.10.in-addr.arpa"])
        #expect(zone.output.contains("1.0.0.10.in-addr.arpa. 5 IN PTR nginx.default.svc.global.\n"))
        #expect(zone.output.hasPrefix("0.10.in-addr.arpa. 5 IN SOA "))
        let folder = try Folder([
            "Corefile": "10.0.0.0/16 {\n fabdns {\n  catalog x\n }\n}\n"
        ])
        let alone = try Programs.run(Programs.fabdns, ["check", folder.path("Corefile")])
        #expect(alone.status == 1)
        #expect(alone.output.contains(":2:2: expected a zone beside '0.10.in-addr.arpa.'"))
    }

    @Test("acl judges by the asker's address, over UDP and TCP, and is counted")
    func access() throws {
        let port = try Programs.freePort()
        let server = try server(
            "prometheus 127.0.0.1:\(port)\nacl {\nfilter type AAAA\nblock net 127.0.0.1\n}\n"
                + "acl nginx.default.svc.global {\nallow net 127.0.0.0/8\n}")
        let name = "nginx.default.svc.global."
        for overTCP in [false, true] {
            let asker = Asker(port: server.port, overTCP: overTCP)
            #expect(try asker.ask("\(name) IN A").summary == "REFUSED")
            #expect(try asker.ask("\(name) IN AAAA").summary == "")
        }
        let curl = try #require(Programs.installed("curl"))
        let page = try Programs.run(curl, ["-s", "http://127.0.0.1:\(port)/metrics"]).output
        let labels = "{server=\"dns://127.0.0.1:\(server.port)\",zone=\"global.\",view=\"\"}"
        #expect(page.contains("coredns_acl_blocked_requests_total\(labels) 2\n"))
        #expect(page.contains("coredns_acl_filtered_requests_total\(labels) 2\n"))
        try server.reload(
            corefile: """
                global {
                    bind 127.0.0.1
                    acl a.global {
                        drop
                    }
                    fabdns {
                        catalog {folder}/catalog.yaml
                    }
                }
                """)
        #expect(server.program.output.waits(for: "reloaded"))
        #expect(try server.answers(to: "\(name) IN A") == "10.0.0.1")
        #expect(throws: Failure.self) {
            let socket = try Socket(.udp, port: server.port)
            let query = Message(query: "b.a.global.", type: .a).encode()
            try socket.send(query)
            try socket.send(Message(query: "global.", type: .soa, id: 9).encode())
            guard socket.receive()?[1] != 9 else { throw Failure("only the second is answered") }
        }
    }

    @Test("log says who asked what, and reload changes it")
    func log() throws {
        let server = try server("log global \"{remote} {name} {rcode} {local}\"")
        let name = "nginx.default.svc.global."
        _ = try server.ask("\(name) IN A")
        #expect(
            server.program.output.waits(for: "[INFO] 127.0.0.1 \(name) NOERROR 127.0.0.1\n"))
        try server.reload(
            corefile: """
                global {
                    bind 127.0.0.1
                    log . "now {rcode}" {
                        class denial
                    }
                    fabdns {
                        catalog {folder}/catalog.yaml
                    }
                }
                """)
        #expect(server.program.output.waits(for: "reloaded"))
        _ = try server.ask("\(name) IN A")
        _ = try server.ask("absent.global. IN A")
        #expect(server.program.output.waits(for: "[INFO] now NXDOMAIN\n"))
        #expect(!server.log.contains("now NOERROR"))
        #expect(server.program.end() == 0)
    }

    @Test("A log that nobody reads stalls nobody, and what is lost is counted")
    func stalledLog() throws {
        let port = try Programs.freePort()
        let pages = try Programs.freePort()
        let folder = try Folder(["catalog.yaml": Self.catalog])
        try folder.write(
            "Corefile",
            """
            global:\(port) {
                bind 127.0.0.1
                log
                prometheus 127.0.0.1:\(pages)
                fabdns {
                    catalog \(folder.path("catalog.yaml"))
                }
            }
            """)
        let process = Process()
        let unread = Pipe()
        process.executableURL = Programs.fabdns
        process.arguments = ["-conf", folder.path("Corefile")]
        process.standardOutput = unread
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let asker = Asker(port: port)
        #expect(
            eventually { (try? asker.ask("nginx.default.svc.global. IN A").summary) == "10.0.0.1" })
        let query = framed(Message(query: "nginx.default.svc.global.", type: .a).encode())
        let batch = Array([[UInt8]](repeating: query, count: 500).joined())
        for _ in 0..<40 {
            let socket = try Socket(.tcp, port: port)
            try socket.send(batch)
            socket.endSending()
            #expect(unframed(socket.receiveAll())?.count == 500)
        }
        let curl = try #require(Programs.installed("curl"))
        func lostLines() throws -> Int? {
            let page = try Programs.run(curl, ["-s", "http://127.0.0.1:\(pages)/metrics"]).output
            let line = page.split(separator: "\n").first {
                $0.hasPrefix("fabdns_log_lost_lines_total ")
            }
            return line.flatMap { Int($0.drop { $0 != " " }.dropFirst()) }
        }
        #expect(try eventually { try lostLines() ?? 0 > 0 })
        #expect(try asker.ask("nginx.default.svc.global. IN A").summary == "10.0.0.1")
        withExtendedLifetime(unread) {}
    }

    @Test("timeouts end a connection behind so many queries, and an idle one in time")
    func timeouts() throws {
        let server = try server("timeouts {\nidle 1s\nmaxtcpqueries 3\n}")
        let query = framed(Message(query: "nginx.default.svc.global.", type: .a).encode())
        let many = try Socket(.tcp, port: server.port)
        try many.send(query + query + query + query + query)
        #expect(unframed(many.receiveAll())?.count == 3)
        let idle = try Socket(.tcp, port: server.port)
        try idle.send(query)
        let began = ContinuousClock.now
        #expect(unframed(idle.receiveAll())?.count == 1)
        #expect(ContinuousClock.now - began < .seconds(9))
    }

    // MARK: DNS over TLS

    private func tlsPort(_ server: RunningServer) throws -> UInt16 {
        let line = server.log.split(separator: "\n").first { $0.hasPrefix("tls://") }
        let digits = line?.split(separator: ":").last?.prefix { $0.isNumber }
        return try #require(digits.flatMap { UInt16($0) })
    }

    private func kdig(_ port: UInt16, authority: String, _ options: String...) throws -> String {
        let kdig = try #require(Programs.installed("kdig"))
        return try Programs.run(
            kdig,
            [
                "@127.0.0.1", "-p", "\(port)", "+tls-ca=\(authority)", "+tls-hostname=localhost",
                "+short", "+retry=0", "nginx.default.svc.global",
            ] + options
        ).output
    }

    @Test("tls:// is DNS over TLS; a renewed certificate is served to the next connection")
    func overTLS() throws {
        let folder = try Folder()
        for name in ["one", "two"] { try Certificates.make(name, in: folder) }
        let corefile = """
            global tls://global:0 {
                bind 127.0.0.1
                tls \(folder.path("live.pem")) \(folder.path("live.key"))
                fabdns {
                    catalog {folder}/catalog.yaml
                }
            }
            """
        func use(_ name: String) throws {
            for suffix in ["pem", "key"] {
                try folder.write(
                    "live.\(suffix)",
                    String(contentsOfFile: folder.path("\(name).\(suffix)"), encoding: .utf8))
            }
        }
        try use("one")
        let server = try RunningServer(corefile: corefile, files: ["catalog.yaml": Self.catalog])
        let port = try tlsPort(server)
        #expect(try server.answers(to: "nginx.default.svc.global. IN A") == "10.0.0.1")
        #expect(try kdig(port, authority: folder.path("one.pem")) == "10.0.0.1\n")
        #expect(try kdig(port, authority: folder.path("two.pem")) != "10.0.0.1\n")
        #expect(try kdig(port, authority: folder.path("one.pem"), "+notls", "+tcp").isEmpty)
        try use("two")
        #expect(server.program.output.waits(for: "live.pem again"))
        #expect(try kdig(port, authority: folder.path("two.pem")) == "10.0.0.1\n")
        try folder.write("live.pem", "no certificate\n")
        #expect(server.program.output.waits(for: "the certificate that was there stays"))
        #expect(try kdig(port, authority: folder.path("two.pem")) == "10.0.0.1\n")
    }

    @Test("A thousand clients of DNS over TLS are answered at once")
    func thousandClients() throws {
        let folder = try Folder()
        try Certificates.make("one", in: folder)
        let server = try RunningServer(
            corefile: """
                global tls://global:0 {
                    bind 127.0.0.1
                    tls \(folder.path("one.pem")) \(folder.path("one.key"))
                    fabdns {
                        catalog {folder}/catalog.yaml
                    }
                }
                """, files: ["catalog.yaml": Self.catalog])
        let python = try #require(Programs.installed("python3"))
        let ended = try Programs.run(
            python,
            [
                Programs.repository.appending(path: "Tests/Oracles/dot_connections.py").path(),
                "\(try tlsPort(server))", folder.path("one.pem"), "1000",
            ])
        #expect(ended.output == "1000\n", "\(ended.error)")
    }

    @Test("A certificate that cannot be read is said with its line, and nothing starts")
    func badCertificate() throws {
        let folder = try Folder(["catalog.yaml": Self.catalog, "bad.pem": "none"])
        try folder.write(
            "Corefile",
            """
            tls://global:0 {
                tls \(folder.path("bad.pem")) \(folder.path("bad.pem"))
                fabdns {
                    catalog \(folder.path("catalog.yaml"))
                }
            }
            """)
        let ended = try Programs.run(Programs.fabdns, ["-conf", folder.path("Corefile")])
        #expect(ended.status == 1)
        #expect(
            ended.error.hasPrefix(
                "\(folder.path("Corefile")):2:5: \(folder.path("bad.pem")): no certificate"))
    }
}
