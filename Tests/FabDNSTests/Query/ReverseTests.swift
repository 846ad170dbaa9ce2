// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

@Suite("Names of addresses")
struct ReverseTests {
    private static func zones(_ services: [ExportedService]) throws -> AskedZones {
        try AskedZones(
            services,
            zones: [
                .init(name: "global."), .init(name: "10.in-addr.arpa.", forward: "global."),
                .init(name: "1.10.in-addr.arpa.", forward: "east.global."),
                .init(name: "d.f.ip6.arpa.", forward: "global."),
            ])
    }

    private static func services() throws -> [ExportedService] {
        [
            try service("default/web", "10.0.0.1,fd00::1 a/n/x", "10.1.0.1 b/n/y"),
            try service("other/web", "10.0.0.1 a/n/x", "10.0.0.9 a/n/x unready"),
            try service("default/db headless", "10.0.0.2 a/n/x db-0", "10.0.0.3 b/n/y"),
        ]
    }

    @Test(
        "PTR names the services of an address, or the endpoint of a headless one",
        arguments: [
            Asked(
                "1.0.0.10.in-addr.arpa. IN PTR",
                "web.default.svc.global. web.other.svc.global."),
            Asked("2.0.0.10.in-addr.arpa. IN PTR", "db-0.a.db.default.svc.global."),
            Asked("2.0.0.10.IN-ADDR.ARPA. IN PTR", "db-0.a.db.default.svc.global."),
            Asked("3.0.0.10.in-addr.arpa. IN PTR", "10-0-0-3.b.db.default.svc.global."),
            Asked("1.0.1.10.in-addr.arpa. IN PTR", "web.default.svc.east.global."),
            Asked(
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. IN PTR",
                "web.default.svc.global."),
            Asked("9.0.0.10.in-addr.arpa. IN PTR", "NXDOMAIN"),
            Asked("0.0.10.in-addr.arpa. IN PTR", ""),
            Asked("0.0.0.d.f.ip6.arpa. IN PTR", ""),
            Asked("1.0.0.d.f.ip6.arpa. IN PTR", "NXDOMAIN"),
            Asked("7.10.in-addr.arpa. IN PTR", "NXDOMAIN"),
            Asked("x.1.0.0.10.in-addr.arpa. IN PTR", "NXDOMAIN"),
            Asked("1.0.0.10.in-addr.arpa. IN A", ""),
            Asked("1.0.0.10.in-addr.arpa. IN ANY", "\"RFC8482\" \"\""),
            Asked("10.in-addr.arpa. IN PTR", ""),
            Asked("11.in-addr.arpa. IN PTR", "REFUSED"),
            Asked("web.default.svc.10.in-addr.arpa. IN A", "NXDOMAIN"),
            Asked("1.0.0.10.in-addr.global. IN PTR", "NXDOMAIN"),
            Asked(
                "10.in-addr.arpa. IN NS", "ns.dns.10.in-addr.arpa."),
            Asked("ns.dns.10.in-addr.arpa. IN A", "127.0.0.1"),
        ])
    func names(_ asked: Asked) throws {
        let zones = try Self.zones(try Self.services())
        for transport in QueryTransport.allCases {
            #expect(try zones.answers(to: asked.question, over: transport) == asked.answers)
        }
    }

    @Test("A denial has the SOA of the reverse zone")
    func denial() throws {
        let reply = try Self.zones(try Self.services()).ask("9.0.0.10.in-addr.arpa. IN PTR")
        #expect(reply.authority.map(\.owner) == ["10.in-addr.arpa."])
        #expect(reply.header.isAuthoritative)
    }

    @Test("A change costs the names of the addresses it concerns, and no others")
    func changes() throws {
        let zones = try Self.zones(try Self.services())
        func names(_ address: String) throws -> String {
            try zones.answers(to: "\(address).0.0.10.in-addr.arpa. IN PTR")
        }
        zones.apply([.upserted(try service("other/web", "10.0.0.7 a/n/x"))])
        #expect(try names("1") == "web.default.svc.global.")
        #expect(try names("7") == "web.other.svc.global.")
        zones.apply([.removed(ServiceName(namespace: "default", name: "web"))])
        #expect(try names("1") == "NXDOMAIN")
        #expect(try zones.answers(to: "1.0.1.10.in-addr.arpa. IN PTR") == "NXDOMAIN")
        // With the last address below it an empty name is gone too.
        #expect(try zones.answers(to: "0.1.10.in-addr.arpa. IN PTR") == "NXDOMAIN")
        #expect(try zones.answers(to: "0.0.10.in-addr.arpa. IN PTR") == "")
        zones.apply([.replaced([]), .synced])
        #expect(try zones.answers(to: "0.0.10.in-addr.arpa. IN PTR") == "NXDOMAIN")
        #expect(try zones.answers(to: "10.in-addr.arpa. IN PTR") == "")
    }

    @Test("Whatever comes and goes, an address has the names of who has it")
    func random() throws {
        var random = SeededRandom(seed: TestRun.seed)
        let zones = try Self.zones([])
        var now: [Int: Set<Int>] = [:]
        for _ in 0..<200 {
            let number = Int.random(in: 0..<6, using: &random)
            let addresses = Set((0..<3).map { _ in Int.random(in: 1...8, using: &random) })
            if Bool.random(using: &random) {
                now[number] = addresses
                zones.apply([
                    .upserted(
                        try service(
                            "n/s\(number)",
                            endpoints: addresses.sorted().map { "10.0.0.\($0) a/n/x" }))
                ])
            } else {
                now[number] = nil
                zones.apply([.removed(ServiceName(namespace: "n", name: "s\(number)"))])
            }
            for address in 1...8 {
                let expected = now.filter { $0.value.contains(address) }.keys.sorted()
                    .map { "s\($0).n.svc.global." }.joined(separator: " ")
                #expect(
                    try zones.answers(to: "\(address).0.0.10.in-addr.arpa. IN PTR")
                        == (expected.isEmpty ? "NXDOMAIN" : expected))
            }
        }
    }

    @Test("An address of very many services has a bounded number of names, over UDP with TC")
    func many() throws {
        let zones = try Self.zones(
            try (0..<100).map { try service("n/s\($0)", "10.0.0.1 a/n/x") })
        let question = "1.0.0.10.in-addr.arpa. IN PTR"
        #expect(try zones.ask(question, over: .tcp).answer.count == ReverseNames.maximumTargets)
        #expect(try zones.ask(question).header.isTruncated)
    }
}
