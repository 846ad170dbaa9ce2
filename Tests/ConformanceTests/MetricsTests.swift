// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import TestSupport
import Testing

/// The page of metrics of the built server, read by the tests, promtool and Prometheus.
@Suite("Metrics")
struct MetricsTests {
    private static let zone = #"zone="global.",view="""#

    private static func corefile(
        _ metrics: UInt16, address: String = "127.0.0.1", _ more: String = ""
    ) -> String {
        """
        global {
            bind \(address)
            prometheus 127.0.0.1:\(metrics)
            \(more)
            fabdns {
                catalog corefile-examples/catalog.yaml
                cluster chaoyang
                zone beijing
                region north
            }
        }
        """
    }

    /// The samples of a page by name and labels.
    private static func samples(_ port: UInt16) throws -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in try page(port).split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " ") else { continue }
            let value: Double = try #require(
                Double(line[line.index(after: blank)...]), "\(line)")
            samples[String(line[..<blank])] = value
        }
        return samples
    }

    private static func page(_ port: UInt16) throws -> String {
        let curl = try #require(Programs.installed("curl"))
        let ended = try Programs.run(curl, ["-sS", "http://127.0.0.1:\(port)/metrics"])
        #expect(ended.status == 0, "\(ended.error)")
        return ended.output
    }

    /// The sum of a metric's samples whose labels have all these parts.
    private static func sum(
        _ samples: [String: Double], _ name: String, _ parts: String...
    ) -> Double {
        samples.filter { key, _ in
            key.hasPrefix(name + "{") && parts.allSatisfy { key.contains($0) }
        }.values.reduce(0, +)
    }

    private static let questions = [
        "nginx.default.svc.global. IN A", "nginx.default.svc.global. IN AAAA",
        "pudong.nginx.default.svc.global. IN A", "nosuch.default.svc.global. IN A",
        "global. IN SOA", "_pg._tcp.db.default.svc.global. IN SRV", "example.org. IN A",
        "dns-version.global. IN TXT", "nginx.default.svc.global. CH A",
    ]

    @Test("Every query is counted once in every family of counters, over both transports")
    func sums() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(corefile: Self.corefile(port))
        for question in Self.questions {
            _ = try server.ask(question)
            _ = try Asker(port: server.port, overTCP: true).ask(question)
        }
        let samples = try Self.samples(port)
        let count = Double(Self.questions.count)
        for transport in ["proto=\"udp\"", "proto=\"tcp\""] {
            for name in [
                "coredns_dns_requests_total", "coredns_dns_request_size_bytes_count",
                "coredns_dns_response_size_bytes_count",
            ] {
                #expect(Self.sum(samples, name, transport) == count, "\(name) \(transport)")
            }
        }
        #expect(Self.sum(samples, "coredns_dns_responses_total") == 2 * count)
        #expect(Self.sum(samples, "coredns_dns_request_duration_seconds_count") == 2 * count)
        // example.org. and the class CH belong to no zone.
        let dropped = #"zone="dropped",view="""#
        #expect(Self.sum(samples, "coredns_dns_requests_total", dropped) == 4)
        #expect(
            Self.sum(samples, "coredns_dns_responses_total", dropped, #"rcode="REFUSED",plugin="""#)
                == 4)
        #expect(Self.sum(samples, "coredns_dns_requests_total", Self.zone) == 2 * count - 4)
        let fabdns = #"plugin="fabdns""#
        #expect(
            Self.sum(
                samples, "coredns_dns_responses_total", Self.zone, #"rcode="NXDOMAIN""#, fabdns)
                == 2)
        let server4 = "server=\"dns://127.0.0.1:\(server.port)\""
        #expect(Self.sum(samples, "coredns_dns_requests_total", server4) == 2 * count)
        #expect(Self.sum(samples, "coredns_dns_requests_total", #"family="1",type="SOA""#) == 2)
    }

    @Test("Answers are counted by how near they are")
    func tiers() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(corefile: Self.corefile(port))
        for _ in 0..<3 { _ = try server.ask("nginx.default.svc.global. IN A") }
        _ = try server.ask("pudong.nginx.default.svc.global. IN A")
        _ = try server.ask("db.default.svc.global. IN A")
        let samples = try Self.samples(port)
        func answers(_ tier: String) -> Double {
            Self.sum(samples, "fabdns_answers_total", "tier=\"\(tier)\",family=\"1\"")
        }
        #expect(answers("cluster") == 4)
        #expect(answers("named") == 1)
        #expect(answers("zone") == 0 && answers("region") == 0 && answers("global") == 0)
    }

    @Test("The catalog is told by cluster, with its loads")
    func catalog() throws {
        let port = try Programs.freePort()
        let text = { (address: String) in
            """
            [{"kind":"GlobalService","metadata":{"name":"a","namespace":"b"},
              "spec":{"ports":[{"port":80}],"endpoints":[
                {"addresses":["\(address)"],"cluster":"c"},{"addresses":["10.0.0.9"],"cluster":"c"},
                {"addresses":["10.0.0.8"],"cluster":"d"}]}}]
            """
        }
        let server = try RunningServer(
            corefile: Self.corefile(port).replacing(
                "corefile-examples/catalog.yaml", with: "{folder}/catalog"),
            files: ["catalog": text("10.0.0.1")])
        let source = "catalog=\"\(server.folder.path("catalog"))\""
        let first = try Self.samples(port)
        #expect(first["fabdns_catalog_services{\(source),cluster=\"c\"}"] == 1)
        #expect(first["fabdns_catalog_endpoints{\(source),cluster=\"c\"}"] == 2)
        #expect(first["fabdns_catalog_endpoints{\(source),cluster=\"d\"}"] == 1)
        #expect(first["fabdns_catalog_load_failures_total{\(source)}"] == 0)
        let generation = try #require(first["fabdns_catalog_generation{\(source)}"])
        #expect(try #require(first["fabdns_catalog_age_seconds{\(source),cluster=\"c\"}"]) < 60)
        try server.folder.write("catalog", "broken")
        #expect(server.program.output.waits(for: "the last good catalog stays"))
        #expect(try Self.samples(port)["fabdns_catalog_load_failures_total{\(source)}"] == 1)
        try server.folder.write("catalog", text("10.0.0.2"))
        #expect(
            try eventually {
                try Self.samples(port)["fabdns_catalog_generation{\(source)}"] == generation + 1
            })
    }

    @Test("Catalogs of the same clusters from other APIs have names of their own")
    func catalogNames() throws {
        let (port, admin) = (try Programs.freePort(), try Programs.freePort())
        func block(_ zone: String, _ more: String) -> String {
            """
            \(zone) {
                bind 127.0.0.1
                prometheus 127.0.0.1:\(port)
                fabdns {
                    admin 127.0.0.1:\(admin)
                    member c1 {
                        \(more)
                    }
                }
            }

            """
        }
        // Nobody listens there.
        let server = try RunningServer(
            corefile: block("global", "masterurl http://127.0.0.1:1")
                + block("other", "masterurl http://127.0.0.1:2"))
        let samples = try Self.samples(port).keys.filter {
            $0.hasPrefix("fabdns_catalog_generation{")
        }
        #expect(
            samples.sorted() == [
                #"fabdns_catalog_generation{catalog="cluster c1 (2)"}"#,
                #"fabdns_catalog_generation{catalog="cluster c1"}"#,
            ])
        let curl = try #require(Programs.installed("curl"))
        for (name, status) in [("cluster+c1", "200"), ("cluster+c1+(2)", "200"), ("c1", "404")] {
            let ended = try Programs.run(
                curl,
                [
                    "-s", "-o", "/dev/null", "-w", "%{http_code}",
                    "http://127.0.0.1:\(admin)/api/v1/catalog?catalog=\(name)",
                ])
            #expect(ended.output == status, "\(name) \(server.program.output.soFar)")
        }
    }

    @Test("Counters go on over a reload; a block without prometheus is not counted")
    func reload() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(corefile: Self.corefile(port))
        _ = try server.ask("nginx.default.svc.global. IN A")
        try server.reload(corefile: "broken {")
        #expect(server.program.output.waits(for: "reload failed"))
        #expect(try Self.samples(port)["coredns_reload_failed_total"] == 1)
        try server.reload(
            corefile: Self.corefile(port, "ttl 9").replacing("ttl 9", with: "reload 1h")
                + "\n"
                + Self.corefile(port).replacing("global {", with: "other {").replacing(
                    "prometheus 127.0.0.1:\(port)", with: ""))
        #expect(server.program.output.waits(for: "[INFO] reloaded"))
        _ = try server.ask("nginx.default.svc.global. IN A")
        _ = try server.ask("nginx.default.svc.other. IN A")
        let samples = try Self.samples(port)
        #expect(Self.sum(samples, "coredns_dns_requests_total", Self.zone) == 2)
        #expect(Self.sum(samples, "coredns_dns_requests_total", "other") == 0)
        #expect(
            samples.keys.contains {
                $0.hasPrefix("coredns_plugin_enabled{") && $0.contains(#"zone="global.""#)
                    && $0.contains(#"name="fabdns""#)
            })
        let info = samples.keys.first { $0.hasPrefix("coredns_reload_version_info{") }
        #expect(info?.contains(/value="[0-9a-f]{128}"/) == true, "\(info ?? "")")
    }

    @Test("On every address both families are one server")
    func wildcard() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(
            corefile: Self.corefile(port).replacing("bind 127.0.0.1\n", with: "\n"))
        for address in ["127.0.0.1", "::1"] {
            _ = try server.ask("nginx.default.svc.global. IN A", at: address)
        }
        let samples = try Self.samples(port)
        for family in ["1", "2"] {
            #expect(
                Self.sum(
                    samples, "coredns_dns_requests_total", "server=\"dns://:\(server.port)\"",
                    "family=\"\(family)\"") == 1)
        }
    }

    @Test(
        "promtool has nothing to say against the page",
        .enabled(
            if: Programs.installed("promtool") != nil, "skipped: promtool is not installed"))
    func promtool() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(corefile: Self.corefile(port))
        for question in Self.questions { _ = try server.ask(question) }
        let folder = try Folder(["page": try Self.page(port)])
        let ended = try Programs.run(
            URL(filePath: "/bin/sh"),
            ["-c", "exec promtool check metrics < \"$0\"", folder.path("page")])
        #expect(ended.status == 0 && ended.output.isEmpty, "\(ended.output)\(ended.error)")
    }

    @Test(
        "Prometheus scrapes the page, and CoreDNS's alerts have values",
        .enabled(
            if: Programs.installed("prometheus") != nil, "skipped: Prometheus is not installed"))
    func prometheus() throws {
        let (port, web) = (try Programs.freePort(), try Programs.freePort())
        let server = try RunningServer(corefile: Self.corefile(port))
        let folder = try Folder([
            "prometheus.yml": """
            global:
              scrape_interval: 500ms
              scrape_timeout: 500ms
            scrape_configs:
            - job_name: kube-dns
              static_configs:
              - targets: ["127.0.0.1:\(port)"]
            """
        ])
        let prometheus = try RunningProgram(
            try #require(Programs.installed("prometheus")),
            [
                "--config.file=\(folder.path("prometheus.yml"))",
                "--storage.tsdb.path=\(folder.path("data"))",
                "--web.listen-address=127.0.0.1:\(web)",
            ])
        // As the mixin of CoreDNS has them, without their thresholds.
        let expressions = [
            #"up{job="kube-dns"}"#,
            "histogram_quantile(0.99, sum(rate(coredns_dns_request_duration_seconds_bucket"
                + #"{job="kube-dns"}[5s])) without (instance,pod))"#,
            #"sum without(pod, instance, server, zone, view, rcode, plugin) (rate("#
                + #"coredns_dns_responses_total{job="kube-dns",rcode="NOERROR"}[5s])) / "#
                + "sum without(pod, instance, server, zone, view, rcode, plugin) "
                + #"(rate(coredns_dns_responses_total{job="kube-dns"}[5s]))"#,
        ]
        let curl = try #require(Programs.installed("curl"))
        for expression in expressions {
            let hasValue = try eventually {
                for question in Self.questions { _ = try server.ask(question) }
                let ended = try Programs.run(
                    curl,
                    [
                        "-sG", "http://127.0.0.1:\(web)/api/v1/query", "--data-urlencode",
                        "query=\(expression)",
                    ])
                return ended.output.contains(/"value":\[[0-9.]+,"[0-9.]+"\]/)
            }
            #expect(hasValue, "\(expression): \(prometheus.output.soFar.suffix(500))")
        }
    }
}
