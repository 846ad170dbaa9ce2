// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import TestSupport
import Testing

@testable import ServiceCatalog

/// What metrics tell of a watched API.
@Suite("Metrics of a watched API")
struct SeenTests {
    @Test("How long a change took, how the cluster stands, and why a watch began again")
    func metrics() throws {
        let objects = WatchedObjects.cluster()
        objects.put(service: "db", endpoints: ["10.1.0.1"])
        let api = try FakeAPIServer(respond: objects.respond)
        let port = try Programs.freePort()
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    prometheus 127.0.0.1:\(port)
                    fabdns {
                        member c1 {
                            kubeconfig \(api.kubeconfig)
                        }
                    }
                }
                """)
        #expect(server.comes("db.a.svc.global. IN A", to: "10.1.0.1"))
        objects.put(APIText.slices, namespace: "a", name: "db-1") { version in
            APIText.slice("db", ["10.1.0.2"], version: version).replacing(
                #""labels":"#,
                with: #""annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"#
                    + #""2099-01-01T00:00:00Z"},"labels":"#)
        }
        #expect(server.comes("db.a.svc.global. IN A", to: "10.1.0.2"))
        api.closeConnections()
        let labels = #"{catalog="cluster c1",cluster="c1""#
        for line in [
            "fabdns_propagation_seconds_count\(labels)} 1",
            "fabdns_propagation_seconds_bucket\(labels),le=\"10\"} 1",
            #"coredns_kubernetes_dns_programming_duration_seconds_count"#
                + #"{catalog="cluster c1",service_kind="headless_with_selector"} 1"#,
            "fabdns_cluster_state\(labels),state=\"live\"} 1",
            "fabdns_cluster_state\(labels),state=\"stale\"} 0",
            "fabdns_shrink_blocked\(labels)} 0",
            "fabdns_catalog_services\(labels)} 1", "fabdns_catalog_endpoints\(labels)} 1",
            "fabdns_catalog_age_seconds\(labels)} 0",
            "fabdns_watch_restarts_total\(labels),resource=\"services\",reason=\"cut\"} 1",
        ] {
            #expect(
                eventually { (try? server.page(port, "/metrics"))?.contains(line) == true },
                "\(line)")
        }
    }
    @Test("A Service that is headless in one cluster and not in another is told of, until it goes")
    func conflicts() throws {
        let objects = ["c1", "c2"].map { _ in WatchedObjects.cluster() }
        objects[0].put(service: "db", "10.0.0.1")
        objects[1].put(service: "db", endpoints: ["10.1.0.1"])
        let apis = try objects.map { try FakeAPIServer(respond: $0.respond) }
        let (metrics, admin) = (try Programs.freePort(), try Programs.freePort())
        let members = zip(["c1", "c2"], apis).map { name, api in
            "member \(name) {\nkubeconfig \(api.kubeconfig)\n}\n"
        }
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    prometheus 127.0.0.1:\(metrics)
                    fabdns {
                        \(members.joined())
                        admin 127.0.0.1:\(admin)
                    }
                }
                """)
        func tells(_ port: UInt16, _ path: String, _ text: String) -> Bool {
            eventually { (try? server.page(port, path))?.contains(text) == true }
        }
        let sample = #"fabdns_catalog_conflicts{catalog="cluster c1, cluster c2"}"#
        #expect(
            tells(metrics, "/metrics", "\(sample) 1\n"))
        #expect(
            tells(
                admin, "/api/v1/catalog",
                #""conflicts":[{"reason":"TypeConflict","message":"clusters disagree on the type;"#)
        )
        objects[1].remove(service: "db")
        #expect(tells(metrics, "/metrics", "\(sample) 0\n"))
        #expect(tells(admin, "/api/v1/catalog", #""conflicts":[]"#))
    }
}
