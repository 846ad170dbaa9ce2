// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// What the built server tells over HTTP, and how it follows its Corefile and ends.
@Suite("Health, readiness and reload")
struct MonitoringTests {
    private static let nginx = "nginx.default.svc.global. IN A"

    /// The content of a page with its status before it; nil when nobody listens.
    private static func page(_ address: String) throws -> String? {
        let curl = try #require(Programs.installed("curl"))
        let ended = try Programs.run(
            curl, ["-s", "--max-time", "10", "-w", " %{http_code}", "http://\(address)"])
        return ended.status == 7 ? nil : ended.output
    }

    private static func corefile(
        _ cluster: String, _ directives: String, address: String = "127.0.0.1"
    ) -> String {
        """
        global {
            bind \(address)
            \(directives)
            fabdns {
                catalog corefile-examples/catalog.yaml
                cluster \(cluster)
            }
        }
        """
    }

    @Test("health and ready are OK; other pages and methods are not there")
    func pages() throws {
        let (health, ready) = (try Programs.freePort(), try Programs.freePort())
        let server = try RunningServer(
            corefile: Self.corefile(
                "chaoyang", "health 127.0.0.1:\(health)\nready localhost:\(ready)"))
        #expect(try Self.page("127.0.0.1:\(health)/health") == "OK 200")
        #expect(try Self.page("127.0.0.1:\(ready)/ready") == "OK 200")
        #expect(try Self.page("127.0.0.1:\(health)/ready") == "Not Found\n 404")
        let curl = try #require(Programs.installed("curl"))
        let post = try Programs.run(
            curl, ["-si", "-X", "POST", "http://127.0.0.1:\(health)/health"])
        #expect(post.output.contains("405 Method Not Allowed"))
        #expect(post.output.contains("Allow: GET, HEAD\r\n"))
        _ = server
    }

    @Test("On every address, in both families; named by two blocks, one listener")
    func shared() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(
            corefile: Self.corefile("chaoyang", "health :\(port)\nready :\(port)") + "\n"
                + Self.corefile("pudong", "health :\(port)", address: "127.0.0.2"))
        for host in ["127.0.0.1", "[::1]"] {
            #expect(try Self.page("\(host):\(port)/health") == "OK 200")
            #expect(try Self.page("\(host):\(port)/ready") == "OK 200")
        }
        _ = server
    }

    @Test("Until the first catalog is loaded the server is not ready, and says so")
    func unready() throws {
        let port = try Programs.freePort()
        let endpoint = #"{"addresses":["10.0.0.1"],"cluster":"a"}"#
        let services = (0..<20_000).map { number in
            #"{"kind":"GlobalService","metadata":{"name":"s\#(number)","namespace":"d"},"#
                + #""spec":{"ports":[{"port":80}],"endpoints":[\#(endpoint)]}}"#
        }
        let folder = try Folder(["catalog": "[\(services.joined(separator: ","))]"])
        try folder.write(
            "Corefile",
            """
            global {
                bind 127.0.0.1
                ready 127.0.0.1:\(port)
                fabdns {
                    catalog \(folder.path("catalog"))
                }
            }
            """)
        let server = try RunningProgram(
            Programs.fabdns, ["-conf", folder.path("Corefile"), "-p", "0"])
        var pages: [String] = []
        #expect(
            try eventually {
                if let page = try Self.page("127.0.0.1:\(port)/ready"), page != pages.last {
                    pages.append(page)
                }
                return pages.last == "OK 200"
            })
        #expect(pages == ["fabdns 503", "OK 200"])
        #expect(server.end() == 0)
    }

    @Test("An address that is taken is named; at a reload nothing changes for it")
    func taken() throws {
        let ports = [try Programs.freePort(), try Programs.freePort()]
        let first = try RunningServer(
            corefile: Self.corefile("chaoyang", "health 127.0.0.1:\(ports[0])"))
        let second = try RunningServer(
            corefile: Self.corefile("chaoyang", "health 127.0.0.1:\(ports[1])"))
        try second.reload(
            corefile: Self.corefile(
                "pudong", "health 127.0.0.1:\(ports[0])\nready 127.0.0.1:\(ports[0])"))
        #expect(
            second.program.output.waits(
                for: "reload failed, nothing has changed: listen on 127.0.0.1:\(ports[0])"))
        #expect(try Self.page("127.0.0.1:\(ports[1])/health") == "OK 200")
        #expect(try second.answers(to: Self.nginx) == "10.101.0.10")
        _ = first

        // A Corefile that is broken elsewhere leaves the pages alone, too.
        try second.reload(corefile: "global {\n nosuch\n}")
        #expect(second.program.output.waits(for: "unknown directive 'nosuch'"))
        #expect(try Self.page("127.0.0.1:\(ports[1])/health") == "OK 200")
        // One that moves the page closes the old address.
        let third = try Programs.freePort()
        try second.reload(corefile: Self.corefile("chaoyang", "ready 127.0.0.1:\(third)"))
        #expect(try eventually { try Self.page("127.0.0.1:\(third)/ready") == "OK 200" })
        #expect(try eventually { try Self.page("127.0.0.1:\(ports[1])/health") == nil })
    }

    @Test("With reload a changed Corefile or import is served by itself, a broken one is not")
    func reload() throws {
        let text = "global {\n bind 127.0.0.1\n reload 2s 1s\n import part\n}"
        func part(_ cluster: String) -> String {
            "fabdns {\n catalog corefile-examples/catalog.yaml\n cluster \(cluster)\n}\n"
        }
        let server = try RunningServer(corefile: text, files: ["part": part("chaoyang")])
        #expect(server.log.contains("[INFO] plugin/reload: Running configuration SHA512 = "))
        #expect(try server.answers(to: Self.nginx) == "10.101.0.10")
        try server.folder.write("part", part("pudong"))
        #expect(try eventually { try server.answers(to: Self.nginx) != "10.101.0.10" })
        try server.folder.write("part", "fabdns {\n broken\n}\n")
        #expect(server.program.output.waits(for: "unknown property 'broken'"))
        #expect(try server.answers(to: Self.nginx) != "10.101.0.10")
        try server.folder.write("part", part("chaoyang"))
        #expect(try eventually { try server.answers(to: Self.nginx) == "10.101.0.10" })
        // What is broken is said once, not every two seconds.
        #expect(server.log.components(separatedBy: "reload failed").count == 2)
    }

    @Test("A lame server answers until its time is over, or a second signal comes")
    func lameduck() throws {
        let port = try Programs.freePort()
        let server = try RunningServer(
            corefile: Self.corefile("chaoyang", "health :\(port) {\nlameduck 60s\n}"))
        server.program.signal(SIGTERM)
        #expect(server.program.output.waits(for: "lameduck mode for 60000 ms"))
        #expect(try Self.page("127.0.0.1:\(port)/health") == "OK 200")
        #expect(try server.answers(to: Self.nginx) == "10.101.0.10")
        #expect(server.program.isRunning)
        #expect(server.program.end(SIGTERM) == 0)

        let brief = try RunningServer(
            corefile: Self.corefile("chaoyang", "health :\(port) {\nlameduck 300ms\n}"))
        #expect(brief.program.end(SIGTERM) == 0)

        let hasty = try RunningServer(
            corefile: Self.corefile("chaoyang", "health :\(port) {\nlameduck 60s\n}"))
        #expect(hasty.program.end(SIGQUIT) == 0)
    }
}
