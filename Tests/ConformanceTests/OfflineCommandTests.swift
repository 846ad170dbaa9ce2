// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import JSON
import TestSupport
import Testing

/// The commands of `fabdns-query` that look at a catalog.
@Suite("The commands of fabdns-query")
struct OfflineCommandTests {
    private static let catalog = "--catalog corefile-examples/catalog.yaml"
    private static let conf = "--conf corefile-examples/file/Corefile"

    struct Line: Sendable, CustomStringConvertible {
        let arguments: String
        let status: Int32
        /// Of what is said, to standard output where there is a result.
        let parts: [String]

        init(_ arguments: String, _ status: Int32, _ parts: String...) {
            self.arguments = arguments
            self.status = status
            self.parts = parts
        }

        var description: String { arguments }
    }

    @Test(
        "Each ends with its exit code and says what it found",
        arguments: [
            Line(
                "explain nginx.default.svc.global \(conf)", 0, "A: 1 address, cluster\n",
                "fd00:102::10"),
            Line("explain NGINX.default.svc.global. \(catalog)", 0, "A: 3 addresses, all\n"),
            Line("explain nginx.default.svc.clusterset.local \(catalog)", 0, "A: 3 addresses"),
            Line(
                "explain nginx.default.svc.global \(conf) --as-cluster pudong", 0,
                "asked from cluster pudong, zone shanghai, region east"),
            Line(
                "explain nginx.default.svc.global \(catalog) --zone hebei", 0,
                "A: 1 address, zone\n", "own cluster (not known): matches nothing"),
            Line(
                "explain nginx.default.svc.global \(conf) --cluster x --region east", 0,
                "cluster x, zone beijing"),
            Line("explain ngnix.default.svc.global \(conf)", 1, "did you mean 'nginx'?"),
            Line("explain example.org \(conf)", 1, "is in none of the zones global."),
            Line(
                "why db-1.pudong.db.default.svc.global \(conf)", 0, " exists\n", "is a host of it"),
            Line(
                "why nginx.defalt.svc.global \(conf)", 1, "namespace 'defalt'",
                "did you mean 'default'?"),
            Line("matrix default/nginx \(conf)", 0, "shijiazhuang  hebei     north   AAAA  all "),
            Line("matrix pudong.nginx.default.svc.global \(catalog)", 0, "pudong"),
            Line("matrix default/nothing \(catalog)", 1, "no service is 'default/nothing'"),
            Line(
                "list \(catalog)", 0, "NAMESPACE  NAME",
                "shop       cache  Headless   2         3     0     2/3\n"),
            Line("list -o wide \(conf)", 0, "redis:6379/TCP"),
            Line("lint corefile-examples/catalog.yaml", 0),
            Line("lint README.md", 1, "README.md:3: error FD0101: "),
            Line("lint missing", 10, "missing: No such file or directory"),
            Line("list --catalog missing", 10, "missing: No such file or directory"),
            Line("list --conf README.md", 10, "README.md:"),
            Line("list", 2, "expected --catalog FILE or --conf COREFILE"),
            Line("list -o wid \(catalog)", 2, "did you mean 'wide'?"),
            Line("list --catlog x", 2, "unknown option '--catlog', did you mean '--catalog'?"),
            Line("explain \(catalog)", 2, "NAME is missing"),
            Line("explain a b \(catalog)", 2, "expected a domain name, found 'a'"),
            Line("explain a --as-cluster pudng \(catalog)", 2, "'pudng', did you mean 'pudong'?"),
            Line("why a..b \(catalog)", 2, "'a..b' is not a domain name"),
            Line("lint", 2, "CATALOG is missing"),
            Line("list x \(catalog)", 2, "unexpected argument 'x'"),
        ])
    func commands(_ line: Line) throws {
        let ended = try QueryProgramTests.run(line.arguments)
        #expect(ended.status == line.status, "\(ended.error)")
        let isResult = line.status == 0 || !ended.output.isEmpty
        for part in line.parts {
            #expect((isResult ? ended.output : ended.error).contains(part), "\(ended)")
        }
        #expect(isResult ? ended.error.isEmpty : ended.error.hasPrefix("fabdns-query: "))
    }

    @Test(
        "With -o json each prints one object, never in color",
        arguments: [
            (
                "explain nginx.default.svc.global \(conf)",
                #"{"name":"nginx.default.svc.global.","service""#
            ),
            (
                "explain nothing.default.svc.global \(conf)",
                #"{"name":"nothing.default.svc.global.","exists":false"#
            ),
            (
                "why nginx.default.svc.global \(conf)",
                #"{"name":"nginx.default.svc.global.","exists":true,"#
            ),
            (
                "matrix default/db \(conf)",
                #"{"service":"default/db","type":"Headless","askers":[{"cluster":"chaoyang","#
            ),
            (
                "list \(conf)",
                #"{"services":[{"namespace":"default","name":"db","type":"Headless","#
            ),
            (
                "lint README.md",
                #"{"findings":[{"code":"FD0101","severity":"error","file":"README.md","#
            ),
            ("list --catalog missing", #"{"error":{"code":10,"message":"missing: No such"#),
        ])
    func objects(_ arguments: String, _ start: String) throws {
        let ended = try QueryProgramTests.run("\(arguments) -o json --color always")
        #expect(ended.output.hasPrefix(start), "\(ended.output)")
        #expect(ended.error == "")
        #expect(!ended.output.contains("\u{1B}") && ended.output.hasSuffix("}\n"))
        var reader = JSONReader(Array(ended.output.utf8))
        try reader.skip()
        try reader.end()
    }

    @Test("A server is compared with the catalog, and a difference ends with 1")
    func agreement() throws {
        let server = try RunningServer()
        let at = "@127.0.0.1 -p \(server.port)"
        for name in [
            "nginx.default.svc.global", "pudong.db.default.svc.global",
            "_pg._tcp.db.default.svc.global",
        ] {
            let same = try QueryProgramTests.run("explain \(name) \(Self.conf) \(at)")
            #expect(same.status == 0, "\(same.output)\(same.error)")
            #expect(same.output.hasSuffix("127.0.0.1 agrees\n"))
        }
        let other = try QueryProgramTests.run(
            "explain nginx.default.svc.global \(Self.conf) --as-cluster pudong \(at)")
        #expect(other.status == 1)
        #expect(
            other.output.hasSuffix(
                """
                127.0.0.1 does not agree
                A: only the server has 10.101.0.10
                A: the server lacks 10.102.0.10

                """))
        let refused = try QueryProgramTests.run(
            "explain web.default.svc.clusterset.local \(Self.catalog) \(at)")
        #expect(refused.status == 3, "\(refused.error)")
        let object = try QueryProgramTests.run(
            "explain nginx.default.svc.global \(Self.conf) \(at) -o json")
        #expect(object.output.hasSuffix(#""serverAgrees":true}"# + "\n"))
    }

    @Test("There are neither colors nor wide characters in a pipe that has not asked for them")
    func plain() throws {
        let line = "explain nginx.default.svc.global \(Self.conf)"
        let ascii = try QueryProgramTests.run(line, environment: ["LC_ALL": "C"])
        #expect(ascii.output.utf8.allSatisfy { $0 < 0x80 && $0 != 0x1B })
        let wide = try QueryProgramTests.run(line, environment: ["LC_ALL": "C.UTF-8"])
        #expect(wide.output.contains("└─ ") && !wide.output.contains("\u{1B}"))
        let forced = try QueryProgramTests.run(
            line, environment: ["FORCE_COLOR": "1", "NO_COLOR": ""])
        #expect(forced.output.contains("\u{1B}[32m"))
        let none = try QueryProgramTests.run(
            line, environment: ["FORCE_COLOR": "1", "NO_COLOR": "1"])
        #expect(!none.output.contains("\u{1B}"))
        let always = try QueryProgramTests.run("\(line) --color always")
        #expect(always.output.contains("\u{1B}[1m"))
    }

    @Test("Who stops reading is not complained about, a full disk is")
    func pipes() throws {
        let endpoints = (0..<20_000).map {
            "  - {addresses: [10.0.\($0 / 250).\($0 % 250)]}\n"
        }.joined()
        let folder = try Folder([
            "c.yaml": "apiVersion: dns.fabedge.io/v1alpha1\nkind: GlobalService\n"
                + "metadata: {name: big, namespace: x}\nspec:\n  endpoints:\n" + endpoints
        ])
        let head = try QueryProgramTests.run("lint \(folder.path("c.yaml")) | head -n 1")
        #expect(head.output.split(separator: "\n").count == 1)
        #expect(head.error == "")
        let full = try QueryProgramTests.run("list \(Self.catalog) > /dev/full")
        #expect(full.status == 10)
        #expect(full.error == "fabdns-query: standard output: No space left on device\n")
    }
}
