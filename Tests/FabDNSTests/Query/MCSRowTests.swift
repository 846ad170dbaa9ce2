// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

/// What KEP-1645's DNS specification asks for, name by name, and beside it fab-dns's zone.
@Suite("Multi-cluster DNS")
struct MCSRowTests {
    private static let ports = [
        ServicePort(name: "http", number: 80),
        ServicePort(name: "dns", transport: .udp, number: 53),
    ]

    private static func services() throws -> [ExportedService] {
        [
            try service(
                "default/web", ports: ports, "10.0.0.1,fd00::1 bj//", "10.1.0.1 shanghai.edge//"),
            try service(
                "default/db headless", ports: [ServicePort(name: "sql", number: 5432)],
                "10.0.0.9 bj// db-0", "10.0.0.10,fd00::10 bj//",
                "10.1.0.9 shanghai.edge// db-0", "10.2.0.9 edge// shanghai"),
        ]
    }

    private static func zones() throws -> AskedZones {
        var mcs = AskedZones.Zone(name: try DomainName(presentation: "clusterset.local."))
        mcs.face = .mcs
        let fabdns = AskedZones.Zone(name: try DomainName(presentation: "global."))
        return try AskedZones(try services(), zones: [mcs, fabdns])
    }

    @Test(
        "2.1 to 2.4: the names of clusterset.local",
        arguments: [
            Asked("dns-version IN TXT", "\"1.0.0\""),
            Asked("web.default.svc IN A", "10.0.0.1 10.1.0.1"),
            Asked("web.default.svc IN AAAA", "fd00::1"),
            Asked(
                "web.default.svc IN SRV",
                "0 100 53 web.default.svc.ZONE 0 100 80 web.default.svc.ZONE"),
            Asked("_http._tcp.web.default.svc IN SRV", "0 100 80 web.default.svc.ZONE"),
            Asked("_dns._udp.web.default.svc IN SRV", "0 100 53 web.default.svc.ZONE"),
            Asked("_http._tcp.web.default.svc IN A", ""),
            Asked("_tcp.web.default.svc IN A", ""),
            Asked("_dns._tcp.web.default.svc IN SRV", "NXDOMAIN"),
            Asked("db.default.svc IN A", "10.0.0.10 10.0.0.9 10.1.0.9 10.2.0.9"),
            Asked("db-0.bj.db.default.svc IN A", "10.0.0.9"),
            Asked("10-0-0-10.bj.db.default.svc IN A", "10.0.0.10"),
            Asked("fd00--10.bj.db.default.svc IN AAAA", "fd00::10"),
            Asked("db-0.shanghai.edge.db.default.svc IN A", "10.1.0.9"),
            Asked("db-1.bj.db.default.svc IN A", "NXDOMAIN"),
            Asked("default.svc IN A", ""), Asked("svc IN A", ""),
        ])
    func names(_ row: Asked) throws {
        let question = row.question.replacing(" IN", with: ".clusterset.local. IN")
        let answers = row.answers.replacing("ZONE", with: "clusterset.local.")
        #expect(try Self.zones().answers(to: question) == answers)
    }

    @Test(
        "2.3.4 and 2.4.4: a service in one cluster has no name there, and none of fab-dns's",
        arguments: [
            // Beside them what the zone `global` says: the same names, with addresses.
            ("bj.web.default.svc", "NXDOMAIN", "10.0.0.1"),
            ("web.default.bj", "NXDOMAIN", "10.0.0.1"),
            ("default.bj", "NXDOMAIN", ""), ("bj", "NXDOMAIN", ""),
            ("shanghai.edge.web.default.svc", "NXDOMAIN", "10.1.0.1"),
            ("edge.web.default.svc", "NXDOMAIN", ""),
            // Hosts are below it, so the name is there, with nothing (RFC 8020).
            ("bj.db.default.svc", "", "10.0.0.10 10.0.0.9"),
            // The cluster shanghai.edge wins over the host shanghai of the cluster edge.
            ("shanghai.edge.db.default.svc", "", "10.1.0.9"),
        ])
    func noClusters(_ name: String, _ mcs: String, _ fabdns: String) throws {
        let zones = try Self.zones()
        #expect(try zones.answers(to: "\(name).clusterset.local. IN A") == mcs)
        #expect(try zones.answers(to: "\(name).global. IN A") == fabdns)
    }

    @Test("2.4.2: SRV of a headless service names its hosts, and every target has an address")
    func targets() throws {
        let zones = try Self.zones()
        let reply = try zones.ask("_sql._tcp.db.default.svc.clusterset.local. IN SRV")
        let targets = reply.answer.compactMap { "\($0.data)".split(separator: " ").last }
        #expect(
            Set(targets.map(String.init)) == [
                "db-0.bj.db.default.svc.clusterset.local.",
                "10-0-0-10.bj.db.default.svc.clusterset.local.",
                "fd00--10.bj.db.default.svc.clusterset.local.",
                "db-0.shanghai.edge.db.default.svc.clusterset.local.",
            ])
        for target in targets {
            let found = try ["A", "AAAA"].map { try zones.answers(to: "\(target) IN \($0)") }
            #expect(found.contains { !$0.isEmpty && $0 != "NXDOMAIN" }, "\(target)")
        }
    }

    @Test("A deprecated form that goes leaves nothing behind, in either zone")
    func goes() throws {
        let zones = try Self.zones()
        zones.apply([.replaced([])])
        for name in ["default.bj", "default.svc", "svc"] {
            for zone in ["clusterset.local", "global"] {
                #expect(try zones.answers(to: "\(name).\(zone). IN A") == "NXDOMAIN")
            }
        }
    }
}
