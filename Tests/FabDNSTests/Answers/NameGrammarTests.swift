// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import NameGrammar
import Testing

@Suite struct NameGrammarTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let question: ServiceQuestion?

        var testDescription: String { name }
    }

    @Test(
        "P1 to P6: fab-dns's names below testzone",
        arguments: [
            Row(
                name: "myservice.mynamespace.svc.testzone.",
                question: .service(service: "myservice", namespace: "mynamespace")),
            Row(
                name: "hostname.mycluster.myservice.mynamespace.svc.testzone.",
                question: .host(
                    host: "hostname", cluster: "mycluster", service: "myservice",
                    namespace: "mynamespace")),
            Row(
                name: "myservice.mynamespace.mycluster.testzone.",
                question: .deprecatedCluster(
                    service: "myservice", namespace: "mynamespace", cluster: "mycluster")),
            Row(
                name: "mycluster.myservice.mynamespace.svc.testzone.",
                question: .cluster(
                    cluster: "mycluster", service: "myservice", namespace: "mynamespace")),
            Row(name: "too.lang.request.myservice.mynamespace.svc.testzone.", question: nil),
            Row(name: "mynamespace.svc.testzone.", question: nil),
            Row(name: "svc.testzone.", question: nil),
        ])
    func fabDNSRows(_ row: Row) throws {
        let labels = try #require(NameGrammar.labels(of: row.name, below: "testzone."))
        #expect(NameGrammar.parse(labels: labels) == row.question)
    }

    @Test(
        "The last label of a form with four or five labels is svc and nothing else",
        arguments: [
            "beijing.nginx.default.foo", "host.beijing.nginx.default.foo",
            "_http._tcp.nginx.default.foo",
        ])
    func serviceLabelIsChecked(_ name: String) throws {
        #expect(
            NameGrammar.parse(labels: try #require(NameGrammar.labels(of: name, below: "."))) == nil
        )
    }

    @Test(
        "An underscore begins a port and its transport only, and both",
        arguments: [
            Row(
                name: "_http._tcp.nginx.default.svc",
                question: .port(
                    port: "http", transport: "tcp", service: "nginx", namespace: "default")),
            Row(name: "_http.tcp.nginx.default.svc", question: nil),
            Row(name: "http._tcp.nginx.default.svc", question: nil),
            Row(name: "_tcp.nginx.default.svc", question: nil),
            Row(name: "_._tcp.nginx.default.svc", question: nil),
            Row(name: "_http._.nginx.default.svc", question: nil),
            Row(name: "_http._tcp._nginx.default.svc", question: nil),
            Row(name: "_nginx.default.beijing", question: nil),
            Row(name: "nginx.default._beijing", question: nil),
            Row(name: "_a._b.svc", question: nil),
            Row(name: "nginx..svc", question: nil),
            Row(name: "", question: nil),
        ])
    func underscores(_ row: Row) throws {
        let labels = try #require(NameGrammar.labels(of: row.name, below: "."))
        #expect(NameGrammar.parse(labels: labels) == row.question)
    }

    @Test(
        "Labels count from the zone, at any depth, whatever the case",
        arguments: ["", ".", "global", "Global.", "fab.example.org", "a.b.c.d.e.f."])
    func zoneDepth(_ zone: String) {
        let suffix = zone == "." ? "" : zone
        #expect(
            NameGrammar.labels(of: "Web.Default.SVC." + suffix, below: zone) == [
                "web", "default", "svc",
            ])
        #expect(NameGrammar.labels(of: zone, below: zone) == [])
    }

    @Test(
        "A name outside the zone has no labels before it",
        arguments: [
            ("web.default.svc.global", "local"), ("global", "a.global"),
            ("web.notglobal", "global"),
            (".", "global"),
        ])
    func foreignName(_ name: String, _ zone: String) {
        #expect(NameGrammar.labels(of: name, below: zone) == nil)
    }

    /// Every question with parts of a small alphabet that holds the words of the grammar itself.
    static let smallWorld: [ServiceQuestion] = {
        let words = ["a", "svc", "tcp", "x-1"]
        var all: [ServiceQuestion] = []
        for first in words {
            for second in words {
                all.append(.service(service: first, namespace: second))
                for third in words {
                    all.append(
                        .deprecatedCluster(service: first, namespace: second, cluster: third))
                    all.append(.cluster(cluster: first, service: second, namespace: third))
                    for fourth in words {
                        all.append(
                            .host(host: first, cluster: second, service: third, namespace: fourth))
                        all.append(
                            .port(
                                port: first, transport: second, service: third, namespace: fourth))
                    }
                }
            }
        }
        return all
    }()

    @Test("Reading what was formed gives the question again, for every question of a small world")
    func formThenRead() {
        for question in Self.smallWorld {
            guard let labels = NameGrammar.labels(of: question) else {
                guard case .deprecatedCluster(_, _, "svc") = question else {
                    Issue.record("no name for \(question)")
                    continue
                }
                continue
            }
            #expect(NameGrammar.parse(labels: labels) == question)
        }
    }

    @Test("Forming what was read gives the labels again, for every sequence of up to six labels")
    func readThenForm() {
        let alphabet = ["a", "svc", "_b", "_", ""]
        var sequences: [[String]] = [[]]
        var readable = 0
        for _ in 0...6 {
            for labels in sequences {
                guard let question = NameGrammar.parse(labels: labels) else { continue }
                readable += 1
                #expect(NameGrammar.labels(of: question) == labels)
            }
            sequences = sequences.flatMap { labels in alphabet.map { labels + [$0] } }
        }
        // 2 x 2 services, 2 x 2 deprecated, 2 x 2 x 2 clusters, 2^4 hosts, 2 x 2 ports.
        #expect(readable == 4 + 4 + 8 + 16 + 4)
    }

    @Test("A cluster named svc has no deprecated form")
    func clusterNamedSvc() {
        #expect(
            NameGrammar.labels(
                of: .deprecatedCluster(service: "web", namespace: "default", cluster: "svc")) == nil
        )
        #expect(
            NameGrammar.labels(of: .cluster(cluster: "svc", service: "web", namespace: "default"))
                == ["svc", "web", "default", "svc"])
    }

    @Test("A cluster id with dots takes a label per part and has no deprecated form")
    func dottedCluster() {
        #expect(
            NameGrammar.labels(
                of: .host(host: "pod", cluster: "bj.north", service: "web", namespace: "default"))
                == ["pod", "bj", "north", "web", "default", "svc"])
        #expect(
            NameGrammar.labels(
                of: .cluster(cluster: "bj.north", service: "web", namespace: "default"))
                == ["bj", "north", "web", "default", "svc"])
        #expect(
            NameGrammar.labels(
                of: .deprecatedCluster(
                    service: "web", namespace: "default", cluster: "bj.north")) == nil)
    }

    @Test(
        "A cluster id of two labels that is known wins over a host and its cluster",
        arguments: [
            Row(
                name: "bj.north.web.default.svc",
                question: .cluster(cluster: "bj.north", service: "web", namespace: "default")),
            Row(
                name: "db-0.bj.north.web.default.svc",
                question: .host(
                    host: "db-0", cluster: "bj.north", service: "web", namespace: "default")),
            Row(
                name: "bj.south.web.default.svc",
                question: .host(
                    host: "bj", cluster: "south", service: "web", namespace: "default")),
            Row(name: "db-0.bj.south.web.default.svc", question: nil),
            Row(name: "a.db-0.bj.north.web.default.svc", question: nil),
        ])
    func knownClusters(_ row: Row) throws {
        let labels = try #require(NameGrammar.labels(of: row.name, below: "."))
        #expect(NameGrammar.parse(labels: labels) { $0 == "bj.north" } == row.question)
        if let question = row.question { #expect(NameGrammar.labels(of: question) == labels) }
    }

    @Test(
        "KEP-1645's names lack those of a service in one cluster",
        arguments: [
            Row(
                name: "web.default.svc", question: .service(service: "web", namespace: "default")),
            Row(
                name: "_http._tcp.web.default.svc",
                question: .port(
                    port: "http", transport: "tcp", service: "web", namespace: "default")),
            Row(
                name: "db-0.bj.web.default.svc",
                question: .host(
                    host: "db-0", cluster: "bj", service: "web", namespace: "default")),
            Row(
                name: "db-0.bj.north.web.default.svc",
                question: .host(
                    host: "db-0", cluster: "bj.north", service: "web", namespace: "default")),
            Row(name: "bj.web.default.svc", question: nil),
            Row(name: "bj.north.web.default.svc", question: nil),
            Row(name: "web.default.bj", question: nil),
        ])
    func withoutClusterForms(_ row: Row) throws {
        let labels = try #require(NameGrammar.labels(of: row.name, below: "."))
        let question = NameGrammar.parse(labels: labels, hasClusterForms: false) {
            $0 == "bj.north"
        }
        #expect(question == row.question)
    }

    @Test(
        "A part that is no label has no name",
        arguments: [
            "", "a.b", "_a", String(repeating: "a", count: 64), "a..b", ".",
        ])
    func badPart(_ part: String) {
        #expect(NameGrammar.labels(of: .service(service: part, namespace: "default")) == nil)
        #expect(NameGrammar.labels(of: .service(service: "web", namespace: part)) == nil)
        #expect(
            NameGrammar.labels(
                of: .host(host: part, cluster: "bj", service: "web", namespace: "default")) == nil)
        if part != "a.b" {
            #expect(
                NameGrammar.labels(
                    of: .cluster(cluster: part, service: "web", namespace: "default"))
                    == nil)
        }
    }

    @Test("A label has up to 63 octets, with the underscore of a port")
    func labelLength() {
        let full = String(repeating: "a", count: 63)
        #expect(NameGrammar.labels(of: .service(service: full, namespace: "default")) != nil)
        for (port, isName) in [
            (String(repeating: "a", count: 62), true), (full, false), ("", false),
        ] {
            let question = ServiceQuestion.port(
                port: port, transport: "tcp", service: "web", namespace: "default")
            #expect((NameGrammar.labels(of: question) != nil) == isName)
        }
    }

    @Test(
        "An endpoint without a host name is named by its address with dashes",
        arguments: [
            ("10.0.0.1", "10-0-0-1"), ("2001:db8::1", "2001-db8--1"), ("::1", "--1"),
        ])
    func dashed(_ address: String, _ hostname: String) {
        #expect(NameGrammar.dashedHostname(of: address) == hostname)
    }
}
