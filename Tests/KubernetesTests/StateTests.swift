// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

/// A server that starts without the API that it had.
@Suite("Saved state of a server")
struct StateTests {
    private let objects = WatchedObjects.cluster()
    private let folder: Folder

    init() throws {
        folder = try Folder()
        objects.put(service: "web", "10.0.0.1")
    }

    private func server(_ kubeconfig: String, _ more: String = "", _ page: String = "") throws
        -> RunningServer
    {
        try RunningServer(corefile: corefile(kubeconfig, more, page))
    }

    private func corefile(
        _ kubeconfig: String, _ more: String = "", _ page: String = "", state: String = "state"
    ) -> String {
        """
        global {
            bind 127.0.0.1
            \(page)
            fabdns {
                member c1 {
                    kubeconfig \(kubeconfig)
                }
                state \(folder.path(state)) every 1s
                \(more)
            }
        }
        """
    }

    private static let web = "web.a.svc.global. IN A"
    private var state: String { folder.path("state/cluster-c1.state") }

    @Test("What was known is answered before the API is, and says that it is stale")
    func restart() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        let ready = try Programs.freePort()
        let first = try server(api.kubeconfig)
        #expect(first.comes(Self.web, to: "10.0.0.1"))
        // It ends before a second has passed: what is known is saved all the same.
        first.program.end(SIGTERM)
        api.stop()
        let second = try server(api.kubeconfig, "", "ready 127.0.0.1:\(ready)")
        #expect(try second.outcome(Self.web) == "NOERROR [3]")
        #expect(try second.outcome("nope.a.svc.global. IN A") == "NXDOMAIN [19]")
        #expect(second.log.contains("cluster c1: 1 services of saved state, current at 20"))
        #expect(try second.page(ready, "/ready").hasPrefix("OK\ncluster c1: stale since 20"))
        #expect(try second.page(ready, "/ready?fresh=1").hasSuffix(" 503"))
        objects.put(service: "web", "10.0.0.2")
        try api.start()
        #expect(second.comes(Self.web, to: "10.0.0.2", within: 60))
        #expect(second.turns(Self.web, to: "NOERROR []", within: 60))
        #expect(try second.page(ready, "/ready") == "OK 200")
    }

    @Test("A change is on the disk after its time, and what is damaged is not used")
    func damage() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        let first = try server(api.kubeconfig)
        #expect(first.comes(Self.web, to: "10.0.0.1"))
        #expect(eventually { FileManager.default.fileExists(atPath: state) })
        objects.put(service: "web", "10.0.0.2")
        #expect(first.comes(Self.web, to: "10.0.0.2"))
        #expect(eventually { FileManager.default.fileExists(atPath: state + ".1") })
        first.program.end(SIGKILL)
        api.stop()
        var octets = try Data(contentsOf: URL(filePath: state))
        octets[octets.count / 2] ^= 1
        try octets.write(to: URL(filePath: state))
        let second = try server(api.kubeconfig)
        #expect(try second.answers(to: Self.web) == "10.0.0.1")
        #expect(second.log.contains("the checksum is wrong; not used"))
    }

    @Test("Without state, and without an API, nothing is denied")
    func nothing() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        api.stop()
        let server = try server(api.kubeconfig)
        #expect(try server.outcome(Self.web) == "SERVFAIL [14]")
        #expect(try server.outcome("global. IN SOA") == "NOERROR []")
    }

    @Test("A folder that cannot be made is said once, and the server serves")
    func noFolder() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        try folder.write("state", "a file")
        let server = try server(api.kubeconfig)
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        #expect(
            server.log.split(separator: "\n").filter {
                $0.contains("serving goes on without saved state")
            }.count == 1)
    }

    @Test("A reload that spells the folder otherwise goes on saving there")
    func spelling() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        let server = try server(api.kubeconfig)
        #expect(server.comes(Self.web, to: "10.0.0.1"))
        for other in ["state/", "./state"] {
            try server.reload(corefile: corefile(api.kubeconfig, state: other))
            #expect(server.program.output.waits(for: "[INFO] reloaded"))
        }
        #expect(!server.log.contains("without saved state"))
        objects.put(service: "web", "10.0.0.2")
        #expect(server.comes(Self.web, to: "10.0.0.2"))
        server.program.end(SIGTERM)
        let state = try StateFolder(path: folder.path("state"))
        #expect(
            state.load("cluster-c1").saved?.services.first?.endpoints.first?.addresses
                == [.v4(0x0A00_0002)])
    }

    @Test("What the brake holds is held after a reload and after a restart")
    func held() throws {
        for number in 0..<14 { objects.put(service: "s\(number)", "10.0.1.\(number)") }
        let api = try FakeAPIServer(respond: objects.respond)
        let port = try Programs.freePort()
        let admin = "admin 127.0.0.1:\(port)"
        func holds(_ server: RunningServer, _ count: Int) -> Bool {
            eventually {
                (try? server.page(port, "/api/v1/status"))?.contains(
                    #""state":"live","since":null,"reason":null,"services":15,"held":\#(count)}"#)
                    == true
            }
        }
        let first = try server(api.kubeconfig, admin)
        #expect(first.comes("s13.a.svc.global. IN A", to: "10.0.1.13"))
        #expect(holds(first, 0))
        api.stop()
        for number in 0..<12 { objects.remove(service: "s\(number)") }
        objects.forget()
        try api.start()
        #expect(holds(first, 12))
        for number in 0..<4 { objects.put(service: "s\(number)", "10.0.1.\(number)") }
        #expect(holds(first, 8))
        try first.reload(corefile: corefile(api.kubeconfig, "\(admin)\nstale demote after 1h"))
        #expect(first.program.output.waits(for: "[INFO] reloaded"))
        #expect(holds(first, 8))
        first.program.end(SIGTERM)
        let second = try server(api.kubeconfig, admin)
        #expect(holds(second, 8))
        #expect(try second.answers(to: "s9.a.svc.global. IN A") == "10.0.1.9")
    }

    @Test("A cluster that was stale for too long when it was saved is dropped at the start")
    func drop() throws {
        let api = try FakeAPIServer(respond: objects.respond)
        let first = try server(api.kubeconfig, "stale drop after 1s")
        #expect(first.comes(Self.web, to: "10.0.0.1"))
        first.program.end(SIGTERM)
        api.stop()
        let second = try server(api.kubeconfig, "stale drop after 1s")
        #expect(second.turns(Self.web, to: "NXDOMAIN [19]"))
    }

    @Test("A process that is killed at any moment leaves a whole state behind")
    func killed() throws {
        let services = 300
        for number in 0..<services {
            objects.put(service: "s\(number)", endpoints: ["10.1.\(number / 250).\(number % 250)"])
        }
        let api = try FakeAPIServer(respond: objects.respond)
        let first = try server(api.kubeconfig)
        #expect(first.comes("s\(services - 1).a.svc.global. IN A", to: "10.1.1.\(services - 251)"))
        #expect(eventually { FileManager.default.fileExists(atPath: state) })
        first.program.end(SIGKILL)
        let rounds = TestRun.isThorough ? 100 : 4
        for round in 0..<rounds {
            let server = try server(api.kubeconfig)
            // Something changes all the time, so that something is written all the time.
            for step in 0..<Int.random(in: 20...180) {
                objects.put(service: "web", "10.0.0.\(1 + step % 200)")
                usleep(10_000)
            }
            server.program.end(SIGKILL)
            // Between two renames the newest generation is the one before.
            let state = try StateFolder(path: folder.path("state"))
            let (saved, refused) = state.load("cluster-c1")
            state.close()
            #expect(refused == [])
            #expect(saved?.services.count == services + 1, "round \(round)")
        }
    }

    @Test("The admin pages tell how feeds stand, page through the catalog, and release the brake")
    func admin() throws {
        for number in 0..<12 { objects.put(service: "s\(number)", "10.0.1.\(number)") }
        let api = try FakeAPIServer(respond: objects.respond)
        let port = try Programs.freePort()
        let server = try server(api.kubeconfig, "admin 127.0.0.1:\(port)")
        #expect(server.comes("s11.a.svc.global. IN A", to: "10.0.1.11"))
        #expect(
            eventually {
                (try? server.page(port, "/api/v1/status"))?.contains(
                    #""feeds":[{"name":"c1","state":"live","since":null,"reason":null,"services":13,"held":0}]"#
                ) == true
            })
        let page = try server.page(port, "/api/v1/catalog?limit=2&continue=a%2Fs8")
        #expect(page.contains(#"{"namespace":"a","name":"s9","type":"ClusterIP","#))
        #expect(page.contains(#""continue":null,"remaining":0}"#) && page.hasSuffix(" 200"))
        #expect(
            try server.page(port, "/api/v1/catalog?limit=1").contains(
                #""continue":"a/s0","remaining":12}"#))
        for bad in ["limit=0", "limit=1001", "limit=x", "continue=a", "continue=a/b/c"] {
            #expect(try server.page(port, "/api/v1/catalog?\(bad)").hasSuffix(" 400"))
        }
        #expect(try server.page(port, "/api/v1/catalog?catalog=none").hasSuffix(" 404"))
        #expect(try server.page(port, "/api/v1/brake/release?cluster=c1").hasSuffix(" 405"))
        #expect(try Self.post(port, "/api/v1/brake/release") == "400")
        #expect(try Self.post(port, "/api/v1/brake/release?cluster=c1") == "404")
        api.stop()
        for number in 0..<12 { objects.remove(service: "s\(number)") }
        objects.forget()
        try api.start()
        #expect(
            eventually {
                (try? server.page(port, "/api/v1/status"))?.contains(#""held":12"#) == true
            })
        #expect(try server.answers(to: "s3.a.svc.global. IN A") == "10.0.1.3")
        #expect(try Self.post(port, "/api/v1/brake/release?cluster=c1") == "200")
        #expect(server.comes("s3.a.svc.global. IN A", to: "NXDOMAIN"))
    }

    private static func post(_ port: UInt16, _ path: String) throws -> String {
        try Programs.run(
            Programs.required("curl"),
            [
                "--silent", "--noproxy", "*", "--max-time", "20", "-X", "POST", "--output",
                "/dev/null", "--write-out", "%{http_code}", "http://127.0.0.1:\(port)\(path)",
            ]
        ).output
    }
}
