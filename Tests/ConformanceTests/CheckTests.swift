// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@Suite("fabdns check")
struct CheckTests {
    private func check(_ arguments: String...) throws -> Programs.Ended {
        try Programs.run(Programs.fabdns, ["check"] + arguments)
    }

    @Test("It says what would be served, and opens nothing")
    func served() throws {
        let ended = try check("corefile-examples/nodelocal/Corefile", "-p", "1")
        #expect(ended.status == 0 && ended.error.isEmpty)
        #expect(
            ended.output == """
                127.0.0.1:1 over udp, tcp
                  global. from corefile-examples/catalog.yaml for cluster chaoyang, zone beijing, \
                region north; ttl 5
                corefile-examples/catalog.yaml: 4 services, 12 endpoints (chaoyang 6, pudong 3, \
                shijiazhuang 3)
                http://:8080/health
                http://:8181/ready
                http://:9153/metrics
                the server would start

                """)
    }

    @Test("Credentials are read, and what is wrong with them is a warning: the server would wait")
    func members() throws {
        let folder = try Folder(["kubeconfig": "clusters: 7\n"])
        try folder.write(
            "Corefile",
            """
            global {
                bind 127.0.0.1
                fabdns {
                    member a {
                        kubeconfig \(folder.path("kubeconfig"))
                    }
                    member b {
                        masterurl http://127.0.0.1:1
                    }
                    state \(folder.path("state"))
                }
            }
            """)
        let ended = try check(folder.path("Corefile"), "-p", "1")
        #expect(ended.status == 0)
        #expect(ended.output.contains("global. from cluster a, cluster b for no place; ttl 5\n"))
        #expect(ended.output.contains("warning: \(folder.path("kubeconfig")):1:11: "))
        #expect(!FileManager.default.fileExists(atPath: folder.path("state")))
    }

    @Test("Warnings are told and do no harm; errors are told with their place, and exit with 1")
    func remarks() throws {
        let folder = try Folder(["bad.json": "{\"kind\": 7}"])
        try folder.write(
            "Corefile",
            """
            global . {
                cache 30
                whoami
                fabdns global {
                    catalog corefile-examples/catalog.yaml
                    cluster nowhere
                }
            }
            example {
                errors
            }
            """)
        let file = folder.path("Corefile")
        let warned = try check(file)
        #expect(warned.status == 0)
        #expect(warned.output.contains("  . answered by whoami\n"))
        #expect(warned.output.contains("  example. refused: nothing answers it\n"))
        #expect(
            warned.output.contains(
                "warning: \(file):2:5: 'cache' is accepted and has no effect in fabdns: answers "
                    + "already come from memory\n"))
        #expect(warned.output.contains("no endpoint is in cluster 'nowhere'"))
        #expect(!warned.output.contains("\u{1B}"))
        #expect(try check(file, "--color", "always").output.contains("\u{1B}[33mwarning"))
        try folder.write(
            "Corefile", "global {\n  fabdns {\n    catalog \(folder.path("bad.json"))\n  }\n}\n")
        let broken = try check(file)
        #expect(broken.status == 1)
        #expect(broken.output.contains("error: \(folder.path("bad.json")):1:"))
        #expect(broken.output.hasSuffix("the server would not start\n"))
        try folder.write("Corefile", "global {\n  fabdsn\n}\n")
        let misspelled = try check(file, "-o", "json")
        #expect(misspelled.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(misspelled.output.utf8))
        let errors = try #require((object as? [String: Any])?["errors"] as? [[String: Any]])
        #expect(errors.first?["line"] as? Int == 2 && errors.first?["column"] as? Int == 3)
        #expect(
            errors.first?["message"] as? String
                == "unknown directive 'fabdsn', did you mean 'fabdns'?")
    }

    @Test("JSON has the same keys whatever is served")
    func json() throws {
        let ended = try check("corefile-examples/file/Corefile", "-o=json")
        let object = try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
        let keys = try #require(object as? [String: Any]).keys.sorted()
        #expect(
            keys == ["catalogs", "corefile", "errors", "listeners", "ok", "pages", "warnings"])
        #expect(ended.output.contains("\"topologyZone\":\"beijing\""))
    }

    @Test(
        "Other arguments are refused",
        arguments: [["-o", "xml"], ["a", "b"], ["--colour"], ["-p", "x"]])
    func usage(_ arguments: [String]) throws {
        let ended = try Programs.run(Programs.fabdns, ["check"] + arguments)
        #expect(ended.status == 2 && ended.output.isEmpty)
        #expect(ended.error.hasPrefix("fabdns: "))
    }
}
