// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

/// What fab-dns answers, question by question, in the order of its own unit tests; where we answer
/// otherwise the test says so.
@Suite("fab-dns's answers")
struct FabDNSRowTests {
    /// Q: one cluster, the asker's own.
    private static func single() throws -> [ExportedService] {
        [
            try service(
                "default/nginx", "192.168.1.1 beijing/north/beijing",
                "192.168.1.2 beijing/north/beijing", "192.168.1.3,ff01::3 beijing/north/beijing")
        ]
    }

    /// C: a ClusterIP service of four clusters.
    private static func clusters() throws -> [ExportedService] {
        [
            try service(
                "default/nginx-north", "192.168.1.1 xicheng/north/beijing",
                "192.168.1.2,ff01::2 minhang/south/shanghai",
                "192.168.1.3,ff01::3 chaoyang/north/beijing",
                "192.168.1.4,ff01::4 shijiazhuang/north/hebei")
        ]
    }

    /// H: a headless service of three clusters.
    private static func hosts() throws -> [ExportedService] {
        [
            try service(
                "default/nginx-north headless", "192.168.1.1 xicheng/north/beijing test01",
                "192.168.1.2 minhang/south/shanghai test02",
                "192.168.1.3,ff01::3 chaoyang/north/beijing test03",
                "ff01::4 chaoyang/north/beijing test04")
        ]
    }

    @Test(
        "T1 to T5: one cluster; other types are NODATA instead of NOTIMP",
        arguments: [
            Asked("nginx.default.svc.testzone. IN A", "192.168.1.1 192.168.1.2 192.168.1.3"),
            Asked("nginx.default.svc.testzone. IN AAAA", "ff01::3"),
            Asked("nginx.default.svc.testzone. IN SRV", ""),
            Asked("nginx.default.svc.testzone. IN NS", ""),
            Asked("nginx.default.svc.testzone. IN PTR", ""),
        ])
    func ownCluster(_ row: Asked) throws {
        let zones = try AskedZones(Self.single(), from: place("beijing/north/beijing"))
        #expect(try zones.answers(to: row.question) == row.answers)
        #expect(try zones.ask(row.question).answer.allSatisfy { $0.ttl == 5 })
    }

    @Test("T3: SRV of a service that has ports names the service")
    func servicePorts() throws {
        let nginx = try service(
            "default/nginx", ports: [ServicePort(name: "http", number: 80)],
            "192.168.1.1 beijing/north/beijing")
        let zones = try AskedZones([nginx])
        #expect(
            try zones.answers(to: "nginx.default.svc.testzone. IN SRV")
                == "0 100 80 nginx.default.svc.testzone.")
    }

    @Test("A name that is not there falls through where it may, and is REFUSED")
    func fallsThrough() throws {
        let zones = try AskedZones(
            Self.single(), zones: [.init(name: "testzone.", fallsThrough: true)])
        for name in ["nginx.other.svc", "x.nginx.default.svc", "none", "a.b.c.d.e.f.g"] {
            let reply = try zones.ask("\(name).testzone. IN A")
            #expect(reply.header.responseCode == .refused && !reply.header.isAuthoritative)
            #expect(reply.authority.isEmpty)
        }
        // What is there, with or without the type, is answered.
        for name in ["nginx.default.svc", "default.svc", "dns-version"] {
            let reply = try zones.ask("\(name).testzone. IN MX")
            #expect(reply.header.responseCode == .noError && reply.header.isAuthoritative)
        }
    }

    @Test("T6 and T7: a name outside the zones is REFUSED, whether it falls through or not")
    func outside() throws {
        let zones = try AskedZones(Self.single())
        for name in ["testservice.testns.svc.fall.", "testservice.testns.svc.unknown."] {
            let reply = try zones.ask("\(name) IN A")
            #expect(reply.header.responseCode == .refused && !reply.header.isAuthoritative)
        }
    }

    @Test(
        "T8 to T17: the nearest tier, for each family by itself",
        arguments: [
            Asked(
                "nginx-north.default.svc.testzone. IN A", "192.168.1.3",
                from: "chaoyang/north/beijing"),
            Asked(
                "nginx-north.default.svc.testzone. IN A", "192.168.1.1 192.168.1.3",
                from: "haidian/north/beijing"),
            Asked(
                "nginx-north.default.xicheng.testzone. IN A", "192.168.1.1",
                from: "haidian/north/beijing"),
            Asked(
                "xicheng.nginx-north.default.svc.testzone. IN A", "192.168.1.1",
                from: "haidian/north/beijing"),
            Asked(
                "nginx-north.default.svc.testzone. IN A", "192.168.1.1 192.168.1.3 192.168.1.4",
                from: "tianjin/north/tianjin"),
            Asked(
                "nginx-north.default.svc.testzone. IN A",
                "192.168.1.1 192.168.1.2 192.168.1.3 192.168.1.4", from: "xian/west/shanxi"),
            Asked(
                "nginx-north.default.svc.testzone. IN AAAA", "ff01::3",
                from: "chaoyang/north/beijing"),
            Asked(
                "nginx-north.default.chaoyang.testzone. IN AAAA", "ff01::3",
                from: "chaoyang/north/beijing"),
            Asked(
                "chaoyang.nginx-north.default.svc.testzone. IN AAAA", "ff01::3",
                from: "chaoyang/north/beijing"),
            Asked(
                "nginx-north.default.svc.testzone. IN AAAA", "ff01::3",
                from: "xicheng/north/beijing"),
            Asked(
                "nginx-north.default.svc.testzone. IN AAAA", "ff01::3 ff01::4",
                from: "tianjin/north/tianjin"),
            Asked(
                "nginx-north.default.svc.testzone. IN AAAA", "ff01::2 ff01::3 ff01::4",
                from: "xian/west/shanxi"),
        ])
    func nearest(_ row: Asked) throws {
        let zones = try AskedZones(Self.clusters(), from: place(row.place))
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test(
        "T18 to T21: a host of a ClusterIP service and an unknown service do not exist",
        arguments: [
            "testhostname.testcluster.nginx-north.default.svc.testzone.",
            "unknownsvc.default.svc.testzone.",
        ], ["A", "AAAA"])
    func unknown(_ name: String, _ type: String) throws {
        let zones = try AskedZones(Self.clusters())
        #expect(try zones.answers(to: "\(name) IN \(type)") == "NXDOMAIN")
    }

    @Test(
        "T22 to T31: hosts of a headless service",
        arguments: [
            Asked("test02.minhang.nginx-north.default.svc.testzone. IN A", "192.168.1.2"),
            Asked("test03.chaoyang.nginx-north.default.svc.testzone. IN AAAA", "ff01::3"),
            Asked("test04.chaoyang.nginx-north.default.svc.testzone. IN A", ""),
            Asked("test02.minhang.nginx-north.default.svc.testzone. IN AAAA", ""),
            Asked("test02.unknowncluster.nginx-north.default.svc.testzone. IN A", "NXDOMAIN"),
            Asked("test02.unknowncluster.nginx-north.default.svc.testzone. IN AAAA", "NXDOMAIN"),
            Asked("unknownhostname.minhang.nginx-north.default.svc.testzone. IN A", "NXDOMAIN"),
            Asked("unknownhostname.minhang.nginx-north.default.svc.testzone. IN AAAA", "NXDOMAIN"),
            Asked("test02.minhang.unknownsvc.default.svc.testzone. IN A", "NXDOMAIN"),
            Asked("test02.minhang.unknownsvc.default.svc.testzone. IN AAAA", "NXDOMAIN"),
        ])
    func hostNames(_ row: Asked) throws {
        let zones = try AskedZones(Self.hosts(), from: place("haidian/north/beijing"))
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test(
        "Its defects are not ours: every name gets a reply, in any case, below any zone",
        arguments: [
            // D1: it says nothing at all to fewer than four labels or more than six.
            Asked("testzone. IN A", ""),
            Asked("svc.testzone. IN A", ""),
            Asked("default.svc.testzone. IN A", ""),
            Asked("a.b.c.d.e.f.testzone. IN A", "NXDOMAIN"),
            // D3: it compares names by case.
            Asked(
                "NGINX-north.Default.SVC.TestZone. IN A",
                "192.168.1.1 192.168.1.2 192.168.1.3 192.168.1.4"),
            // D5: it takes any label for svc in the longer forms.
            Asked("xicheng.nginx-north.default.foo.testzone. IN A", "NXDOMAIN"),
            // D6: an unknown cluster is an empty answer there.
            Asked("nowhere.nginx-north.default.svc.testzone. IN A", "NXDOMAIN"),
            Asked("nginx-north.default.nowhere.testzone. IN A", "NXDOMAIN"),
        ])
    func defects(_ row: Asked) throws {
        let zones = try AskedZones(Self.clusters())
        #expect(try zones.answers(to: row.question) == row.answers)
    }

    @Test("D4: a zone may have any number of labels", arguments: ["a.", "fab.example.org.", "."])
    func depth(_ zone: String) throws {
        let below = zone == "." ? "" : zone
        let name = try #require(try? Self.name(zone))
        let zones = try AskedZones(
            Self.clusters(), zones: [.init(name: name, place: place("chaoyang//"))])
        #expect(try zones.answers(to: "nginx-north.default.svc.\(below) IN A") == "192.168.1.3")
        #expect(
            try zones.answers(to: "minhang.nginx-north.default.svc.\(below) IN A")
                == "192.168.1.2")
    }

    @Test("D9: an unknown zone, region or cluster is near to nothing, not to other unknown ones")
    func emptyTopology() throws {
        let nginx = try service("default/nginx", "10.0.0.1 //", "10.0.0.2 a/north/beijing")
        let zones = try AskedZones([nginx], from: Place())
        #expect(try zones.answers(to: "nginx.default.svc.testzone. IN A") == "10.0.0.1 10.0.0.2")
    }

    @Test("An endpoint that is not ready is left out; a service without a ready one has no names")
    func unready() throws {
        let zones = try AskedZones([
            try service("default/half headless", "10.0.0.1 a// x unready", "10.0.0.2 a// y"),
            try service("default/none", "10.0.0.3 a// unready"),
        ])
        #expect(try zones.answers(to: "half.default.svc.testzone. IN A") == "10.0.0.2")
        #expect(try zones.answers(to: "x.a.half.default.svc.testzone. IN A") == "NXDOMAIN")
        for name in ["none.default.svc", "a.none.default.svc", "none.default.a"] {
            #expect(try zones.answers(to: "\(name).testzone. IN A") == "NXDOMAIN")
        }
    }

    @Test("An address that two endpoints have is answered once")
    func repeated() throws {
        let nginx = try service("default/nginx", "10.0.0.1 a//", "10.0.0.1 b//", "10.0.0.2 b//")
        let zones = try AskedZones([nginx])
        #expect(try zones.answers(to: "nginx.default.svc.testzone. IN A") == "10.0.0.1 10.0.0.2")
        #expect(try zones.answers(to: "b.nginx.default.svc.testzone. IN A") == "10.0.0.1 10.0.0.2")
    }
}

extension FabDNSRowTests {
    private static func name(_ text: String) throws -> DomainName {
        try DomainName(presentation: text)
    }
}
