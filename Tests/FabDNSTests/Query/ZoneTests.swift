// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Glibc
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

/// Names that a zone has of itself, names that are not there, and several zones at once.
@Suite("Zones")
struct ZoneTests {
    private static func services() throws -> [ExportedService] {
        [
            try service(
                "default/nginx", ports: [ServicePort(name: "http", number: 80)],
                "10.0.0.1 a/north/x", "10.0.0.2 b/south/y")
        ]
    }

    @Test(
        "A zone's own names",
        arguments: [
            Asked("testzone. IN NS", "ns.dns.testzone."),
            Asked("testzone. IN A", ""),
            Asked("ns.dns.testzone. IN A", "127.0.0.1"),
            Asked("ns.dns.testzone. IN AAAA", "::1"),
            Asked("ns.dns.testzone. IN TXT", ""),
            Asked("NS.Dns.testzone. IN A", "127.0.0.1"),
            Asked("dns.testzone. IN A", ""),
            Asked("x.dns.testzone. IN A", "NXDOMAIN"),
            Asked("dns-version.testzone. IN TXT", "\"1.1.0\""),
            Asked("DNS-Version.testzone. IN TXT", "\"1.1.0\""),
            Asked("dns-version.testzone. IN A", ""),
            Asked("dns-versiom.testzone. IN TXT", "NXDOMAIN"),
        ])
    func ownNames(_ row: Asked) throws {
        let zones = try AskedZones(Self.services())
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test("SOA: fixed timers, the block's TTL as negative TTL, a serial of this second")
    func soa() throws {
        let zones = try AskedZones(
            Self.services(), zones: [.init(name: "testzone.", ttlSeconds: 30)])
        let reply = try zones.ask("testzone. IN SOA")
        let words = reply.answer.map { "\($0)" }.joined().split(separator: " ").map(String.init)
        #expect(words.prefix(4) == ["testzone.", "30", "IN", "SOA"])
        #expect(words[4...5] == ["ns.dns.testzone.", "hostmaster.testzone."])
        #expect(words[7...] == ["7200", "1800", "86400", "30"])
        let now = UInt32(ContinuousClock.secondsSince1970)
        #expect(UInt32(words[6]).map { now - 5...now + 5 ~= $0 } == true)
    }

    @Test("The name server's addresses come along with NS")
    func glue() throws {
        let reply = try AskedZones(Self.services()).ask("testzone. IN NS")
        #expect(
            reply.additional.map { "\($0)" } == [
                "ns.dns.testzone. 5 IN A 127.0.0.1", "ns.dns.testzone. 5 IN AAAA ::1",
            ])
    }

    @Test(
        "Names above names exist and have nothing; with what is not there, both carry the SOA",
        arguments: [
            Asked("svc.testzone. IN A", ""),
            Asked("default.svc.testzone. IN A", ""),
            Asked("_tcp.nginx.default.svc.testzone. IN SRV", ""),
            Asked("_http._tcp.nginx.default.svc.testzone. IN A", ""),
            Asked("a.testzone. IN A", ""),
            Asked("default.a.testzone. IN A", ""),
            Asked("nginx.default.svc.testzone. IN TXT", ""),
            Asked("other.svc.testzone. IN A", "NXDOMAIN"),
            Asked("c.testzone. IN A", "NXDOMAIN"),
            Asked("_udp.nginx.default.svc.testzone. IN SRV", "NXDOMAIN"),
            Asked("_x._tcp.nginx.default.svc.testzone. IN SRV", "NXDOMAIN"),
            Asked("x.nginx.default.svc.testzone. IN A", "NXDOMAIN"),
        ])
    func denials(_ row: Asked) throws {
        let zones = try AskedZones(Self.services())
        #expect(try zones.answers(to: row.question) == row.answers)
        let reply = try zones.ask(row.question)
        #expect(reply.header.isAuthoritative)
        #expect(reply.authority.map(\.type) == [.soa] && reply.authority[0].ttl == 5)
        #expect(reply.authority[0].owner == "testzone.")
    }

    @Test("The parts of a cluster id with dots are names without data")
    func dottedCluster() throws {
        let zones = try AskedZones([
            service("default/web", "10.2.0.10 b.c//"),
            service("default/db headless", "10.2.0.11 a.b.c// h"),
        ])
        for (name, answer) in [
            ("b.c.web", "10.2.0.10"), ("c.web", ""), ("x.c.web", "NXDOMAIN"),
            ("h.a.b.c.db", "10.2.0.11"), ("a.b.c.db", "10.2.0.11"), ("b.c.db", ""), ("c.db", ""),
            ("a.c.db", "NXDOMAIN"),
        ] {
            #expect(try zones.answers(to: "\(name).default.svc.testzone. IN A") == answer)
        }
    }

    @Test("The deepest zone answers; a refused one between two served ones is refused")
    func nested() throws {
        let zones = try AskedZones(
            Self.services(),
            zones: [
                .init(name: "global.", place: place("a//"), ttlSeconds: 1),
                .init(name: "shut.global.", isServed: false),
                .init(name: "east.shut.global.", place: place("b//"), ttlSeconds: 2),
                .init(name: "test.org.", ttlSeconds: 3),
            ])
        #expect(try zones.answers(to: "nginx.default.svc.global. IN A") == "10.0.0.1")
        #expect(try zones.answers(to: "nginx.default.svc.east.shut.global. IN A") == "10.0.0.2")
        #expect(try zones.answers(to: "nginx.default.svc.shut.global. IN A") == "REFUSED")
        #expect(try zones.answers(to: "shut.global. IN SOA") == "REFUSED")
        #expect(
            try zones.answers(to: "nginx.default.svc.test.org. IN A") == "10.0.0.1 10.0.0.2")
        #expect(try zones.answers(to: "nginx.default.svc.org. IN A") == "REFUSED")
        let ttls = try ["global.", "east.shut.global.", "test.org."].map {
            try zones.ask("nginx.default.svc.\($0) IN A").answer[0].ttl
        }
        #expect(ttls == [1, 2, 3])
    }

    @Test("Among many zones the deepest answers too", arguments: [1, 4, 5, 40, 1000])
    func many(_ count: Int) throws {
        var named: [AskedZones.Zone] = [.init(name: "global.", ttlSeconds: 1)]
        for number in 0..<count {
            let name = try DomainName(presentation: "z\(number).global.")
            named.append(.init(name: name, ttlSeconds: UInt32(number) + 2))
        }
        let zones = try AskedZones(Self.services(), zones: named.shuffled())
        for number in [0, count / 2, count - 1] {
            let reply = try zones.ask("Nginx.Default.svc.Z\(number).Global. IN A")
            #expect(reply.answer.map(\.ttl) == [UInt32(number) + 2, UInt32(number) + 2])
        }
        #expect(try zones.ask("nginx.default.svc.global. IN A").answer[0].ttl == 1)
        #expect(try zones.answers(to: "nginx.default.svc.z\(count).global. IN A") == "NXDOMAIN")
        #expect(try zones.answers(to: "nginx.default.svc.xglobal. IN A") == "REFUSED")
    }

    // MARK: Changes

    @Test("What changes in the catalog changes in the answers, names above names included")
    func changes() throws {
        let zones = try AskedZones([])
        let question = "nginx.default.svc.testzone. IN A"
        #expect(try zones.answers(to: question) == "NXDOMAIN")
        #expect(try zones.answers(to: "default.svc.testzone. IN A") == "NXDOMAIN")
        zones.apply([.upserted(try service("default/nginx", "10.0.0.1 a//"))])
        #expect(try zones.answers(to: question) == "10.0.0.1")
        #expect(try zones.answers(to: "default.svc.testzone. IN A") == "")
        zones.apply([
            .upserted(try service("default/nginx", "10.0.0.2 b//")),
            .upserted(try service("default/other", "10.0.0.3 b//")),
        ])
        #expect(try zones.answers(to: question) == "10.0.0.2")
        #expect(try zones.answers(to: "a.nginx.default.svc.testzone. IN A") == "NXDOMAIN")
        zones.apply([.removed(ServiceName(namespace: "default", name: "nginx"))])
        #expect(try zones.answers(to: question) == "NXDOMAIN")
        #expect(try zones.answers(to: "default.svc.testzone. IN A") == "")
        zones.apply([.replaced([])])
        #expect(try zones.answers(to: "default.svc.testzone. IN A") == "NXDOMAIN")
        #expect(try zones.answers(to: "testzone. IN NS") == "ns.dns.testzone.")
    }

    @Test("A whole catalog is replaced at once, and back, to the last name")
    func swaps() throws {
        func catalog(_ generation: Int) throws -> [ExportedService] {
            try (0..<2000).map { number in
                try service(
                    "n\(number % 7)/s\(number)",
                    "10.\(generation).\(number / 250).\(number % 250) a//")
            }
        }
        let zones = try AskedZones([])
        for generation in [1, 2, 1, 3] {
            zones.apply([.replaced(try catalog(generation))])
            for number in [0, 1, 999, 1999] {
                #expect(
                    try zones.answers(to: "s\(number).n\(number % 7).svc.testzone. IN A")
                        == "10.\(generation).\(number / 250).\(number % 250)")
            }
        }
    }

    @Test("What a catalog is told after a reload took it away reaches no worker")
    func stopped() throws {
        let name = "nginx.default.svc.testzone. IN A"
        let zones = try AskedZones([try service("default/nginx", "10.0.0.1 a//")])
        #expect(try zones.answers(to: name) == "10.0.0.1")
        zones.stop()
        for number in [1, 5000] {
            let services = try (0..<number).map {
                try service("default/s\($0)", "10.0.0.2 b/x/y")
            }
            zones.apply(services.map { .upserted($0) })
            zones.apply([.upserted(try service("default/nginx", "10.0.0.\(number % 250) b/x/y"))])
            #expect(try zones.answers(to: name) == "NXDOMAIN")
        }
    }

    @Test("The serial grows by at most one step a second")
    func serial() throws {
        let zones = try AskedZones([])
        func serial() throws -> UInt32? {
            try zones.ask("testzone. IN SOA").answer.first
                .flatMap { UInt32("\($0.data)".split(separator: " ")[2]) }
        }
        let before = try #require(try serial())
        for number in 0..<100 {
            zones.apply([.upserted(try service("default/nginx", "10.0.0.\(number) a//"))])
        }
        let after = try #require(try serial())
        #expect(after == before || after == before + 1)
        // So it never is ahead of the clock that it began with.
        for number in 0..<6 {
            usleep(300_000)
            zones.apply([.upserted(try service("default/nginx", "10.0.1.\(number) a//"))])
            #expect(try #require(try serial()) <= ContinuousClock.secondsSince1970)
        }
    }
}

extension ContinuousClock {
    /// The time of day in seconds.
    static var secondsSince1970: Int { time(nil) }
}
