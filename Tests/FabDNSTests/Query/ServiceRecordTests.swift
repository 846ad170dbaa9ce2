// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

/// SRV (Kubernetes DNS specification 2.3.2 and 2.4.2; KEP-1645).
@Suite("SRV")
struct ServiceRecordTests {
    private static let ports = [
        ServicePort(name: "http", number: 80),
        ServicePort(name: "dns", transport: .udp, number: 53),
        ServicePort(name: nil, number: 9),
    ]

    private static func services() throws -> [ExportedService] {
        [
            try service(
                "default/web", ports: ports, "10.0.0.1 a/north/x", "10.0.0.2 b/south/y"),
            try service(
                "default/db headless", ports: [ports[0]], "10.1.0.1 a/north/x db-0",
                "10.1.0.2 a/north/x db-1 unready", "10.1.0.3,fd00::3 a/north/x",
                "10.2.0.1,fd00::21 b/south/y db-0"),
        ]
    }

    @Test(
        "Named ports have names of their own; the bare name has all ports",
        arguments: [
            Asked(
                "_http._tcp.web.default.svc.testzone. IN SRV", "0 100 80 web.default.svc.testzone."),
            Asked(
                "_DNS._udp.web.default.svc.testzone. IN SRV", "0 100 53 web.default.svc.testzone."),
            Asked("_dns._tcp.web.default.svc.testzone. IN SRV", "NXDOMAIN"),
            Asked(
                "web.default.svc.testzone. IN SRV",
                "0 100 53 web.default.svc.testzone. 0 100 80 web.default.svc.testzone. "
                    + "0 100 9 web.default.svc.testzone."),
            Asked(
                "b.web.default.svc.testzone. IN SRV",
                "0 100 53 b.web.default.svc.testzone. 0 100 80 b.web.default.svc.testzone. "
                    + "0 100 9 b.web.default.svc.testzone."),
        ])
    func clusterIP(_ row: Asked) throws {
        let zones = try AskedZones(Self.services())
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test(
        "A headless service's SRV names the endpoints that A and AAAA answer, ranked",
        arguments: [
            Asked(
                "db.default.svc.testzone. IN SRV",
                "0 100 80 10-1-0-3.a.db.default.svc.testzone. "
                    + "0 100 80 db-0.a.db.default.svc.testzone. "
                    + "0 100 80 fd00--3.a.db.default.svc.testzone.", from: "a/north/x"),
            Asked(
                "_http._tcp.db.default.svc.testzone. IN SRV",
                "0 100 80 db-0.b.db.default.svc.testzone.", from: "b//"),
            Asked(
                "b.db.default.svc.testzone. IN SRV", "0 100 80 db-0.b.db.default.svc.testzone.",
                from: "a/north/x"),
            // The targets have the addresses that the service's name has.
            Asked("db-0.a.db.default.svc.testzone. IN A", "10.1.0.1"),
            Asked("db-1.a.db.default.svc.testzone. IN A", "NXDOMAIN"),
            Asked("10-1-0-3.a.db.default.svc.testzone. IN A", "10.1.0.3"),
            Asked("fd00--3.a.db.default.svc.testzone. IN AAAA", "fd00::3"),
            Asked("db-0.a.db.default.svc.testzone. IN SRV", ""),
        ])
    func headless(_ row: Asked) throws {
        let zones = try AskedZones(Self.services(), from: place(row.place))
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test("A port number that two ports have is one record")
    func samePort() throws {
        let ports = [
            ServicePort(name: "dns", transport: .udp, number: 53),
            ServicePort(name: "dns-tcp", number: 53), ServicePort(name: "x", number: 54),
        ]
        let zones = try AskedZones([service("default/dns", ports: ports, "10.0.0.1 a//")])
        for name in ["dns", "a.dns"] {
            #expect(
                try zones.answers(to: "\(name).default.svc.testzone. IN SRV")
                    == "0 100 53 \(name).default.svc.testzone. "
                    + "0 100 54 \(name).default.svc.testzone.")
        }
        for name in ["_dns._udp", "_dns-tcp._tcp"] {
            #expect(
                try zones.answers(to: "\(name).dns.default.svc.testzone. IN SRV")
                    == "0 100 53 dns.default.svc.testzone.")
        }
    }

    @Test(
        "A host in several localities is one target, for whoever is near to one of them",
        arguments: [
            Asked("db.default.svc.testzone. IN A", "10.0.0.2", from: "/north/beijing"),
            Asked(
                "db.default.svc.testzone. IN SRV", "0 100 80 db-0.far.db.default.svc.testzone.",
                from: "/north/beijing"),
            Asked(
                "_http._tcp.db.default.svc.testzone. IN SRV",
                "0 100 80 db-0.far.db.default.svc.testzone.", from: "/south/z1"),
            Asked(
                "db.default.svc.testzone. IN SRV",
                "0 100 80 db-0.far.db.default.svc.testzone. "
                    + "0 100 80 db-1.far.db.default.svc.testzone."),
            Asked("db-0.far.db.default.svc.testzone. IN A", "10.0.0.1 10.0.0.2"),
        ])
    func hostInLocalities(_ row: Asked) throws {
        let db = try service(
            "default/db headless", ports: [Self.ports[0]], "10.0.0.1 far/south/z1 db-0",
            "10.0.0.2 far/north/beijing db-0", "10.0.0.3 far/south/z2 db-1")
        let zones = try AskedZones([db], from: place(row.place))
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test("A host's name has each of its addresses once, whichever localities have them")
    func hostAddresses() throws {
        let dup = try service(
            "default/dup headless", "10.0.0.1,10.0.0.2,fd00::1 far//z1 h", "10.0.0.2 far//z2 h",
            "10.0.0.1,10.0.0.9,fd00::1 far//z3 h")
        let zones = try AskedZones([dup])
        for name in ["h.far.dup", "far.dup", "dup"] {
            #expect(
                try zones.answers(to: "\(name).default.svc.testzone. IN A")
                    == "10.0.0.1 10.0.0.2 10.0.0.9")
            #expect(try zones.answers(to: "\(name).default.svc.testzone. IN AAAA") == "fd00::1")
        }
    }

    @Test("Where the families have different tiers, SRV names the endpoints of both")
    func familiesApart() throws {
        let db = try service(
            "default/db headless", ports: [Self.ports[0]], "10.1.0.1 a// four", "fd00::2 b// six")
        let zones = try AskedZones([db], from: place("a//"))
        #expect(
            try zones.answers(to: "db.default.svc.testzone. IN SRV")
                == "0 100 80 four.a.db.default.svc.testzone. "
                + "0 100 80 six.b.db.default.svc.testzone.")
    }

    @Test("Targets are in the asker's zone, and not compressed (RFC 2782)")
    func targets() throws {
        let zones = try AskedZones(
            Self.services(), zones: [.init(name: "one."), .init(name: "two.example.")])
        #expect(
            try zones.answers(to: "_http._tcp.web.default.svc.two.example. IN SRV")
                == "0 100 80 web.default.svc.two.example.")
        let query = Message(query: "_http._tcp.web.default.svc.one.", type: .srv).encode()
        let reply = try #require(zones.ask(octets: query))
        let target = try octets("03 'web' 07 'default' 03 'svc' 03 'one' 00")
        #expect(Array(reply.suffix(target.count)) == target)
    }
}
