// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNSQuery

@Suite("What is odd in a catalog")
struct CatalogLintTests {
    /// The codes with their lines for one service's spec, `FD0105:9`; its first line is 6.
    private static func codes(_ spec: String) throws -> [String] {
        let head =
            "apiVersion: dns.fabedge.io/v1alpha1\nkind: GlobalService\nmetadata:\n"
            + "  name: web\n  namespace: shop\nspec:\n"
        let folder = try Folder(["c.yaml": head + spec])
        let loaded = try CatalogFile.load(path: folder.path("c.yaml"), recordsLines: true)
        return CatalogLint(loaded).findings.map { "\($0.code.rawValue):\($0.line ?? 0)" }
    }

    private static func endpoint(_ text: String) -> String {
        "  endpoints:\n" + text.split(separator: "|").map { "  - {\($0)}\n" }.joined()
    }

    @Test(
        "Each finding has its code and its line, its neighbor none",
        arguments: [
            ("addresses: [10.0.0.1], cluster: a, zone: z, region: r", []),
            ("addresses: [10.0.0.1], cluster: svc, zone: z, region: r", ["FD0103:8"]),
            ("addresses: [10.0.0.1], cluster: svc-1, zone: z, region: r", []),
            ("addresses: [10.0.0.1], cluster: a.b, zone: z, region: r", ["FD0114:8"]),
            ("addresses: [10.0.0.1], zone: z, region: r", ["FD0104:8"]),
            ("addresses: [10.0.0.1], cluster: a, region: r", ["FD0105:8"]),
            ("addresses: [10.0.0.1], cluster: a", ["FD0105:8"]),
            (
                "addresses: [10.0.0.1], cluster: a, zone: z, region: r, conditions: {ready: false}",
                ["FD0106:4"]
            ),
            (
                "addresses: [10.0.0.1], cluster: a, zone: z, region: r"
                    + "|addresses: [10.0.0.1], cluster: b, zone: z, region: r", ["FD0107:9"]
            ),
            (
                "addresses: [10.0.0.1], cluster: a, zone: z, region: r"
                    + "|addresses: [10.0.0.2], cluster: b, zone: z, region: q", ["FD0112:9"]
            ),
            (
                "addresses: [10.0.0.1], hostname: h, cluster: a, zone: z, region: r", ["FD0110:8"]
            ),
            ("addresses: [10.0.0.1], cluster: a, zone: z, region: r, weight: 1", ["FD0102:0"]),
        ])
    func endpoints(_ text: String, _ expected: [String]) throws {
        #expect(try Self.codes(Self.endpoint(text)) == expected)
    }

    @Test("A host that two endpoints of a cluster have is one name")
    func sharedHosts() throws {
        func endpoint(_ number: Int, _ cluster: String) -> String {
            "addresses: [10.0.0.\(number)], hostname: h, cluster: \(cluster), zone: z, region: r"
        }
        let headless = "  type: Headless\n"
        let same = Self.endpoint(endpoint(1, "a") + "|" + endpoint(2, "a"))
        #expect(try Self.codes(headless + same) == ["FD0111:10"])
        let other = Self.endpoint(endpoint(1, "a") + "|" + endpoint(2, "b"))
        #expect(try Self.codes(headless + other) == [])
    }

    @Test("An answer that UDP does not carry is known before it is asked for")
    func sizes() throws {
        func addresses(_ count: Int) -> String {
            Self.endpoint(
                (1...count).map {
                    "addresses: [10.0.0.\($0)], cluster: a, zone: z, region: r"
                }.joined(separator: "|"))
        }
        // Header 12, OPT 11, question 4 + 5 + 4 + 7 + 1 + 4, then 16 octets per record.
        #expect(try Self.codes(addresses(74)) == [])
        #expect(try Self.codes(addresses(75)) == ["FD0109:4"])
    }

    @Test("A port stands once, and one address is of one service")
    func portsAndOwners() throws {
        let ports = "  ports:\n  - {name: a, port: 1}\n  - {name: a, port: 2}\n"
        let spec = ports + Self.endpoint("addresses: [10.0.0.1], cluster: a, zone: z, region: r")
        #expect(try Self.codes(spec) == ["FD0113:4"])
        let loaded = try Folder([
            "c.json": """
            [{"metadata": {"name": "a", "namespace": "n"}, "apiVersion": "dns.fabedge.io/v1alpha1",
              "spec": {"endpoints": [
                {"addresses": ["10.0.0.1"], "cluster": "a", "zone": "z", "region": "r"}]}},
             {"spec": {"endpoints": [
                {"addresses": ["10.0.0.1"], "cluster": "a", "zone": "z", "region": "r"}]},
              "metadata": {"name": "b", "namespace": "n"}, "apiVersion": "dns.fabedge.io/v1alpha1"}]
            """
        ])
        let catalog = try CatalogFile.load(path: loaded.path("c.json"), recordsLines: true)
        #expect(catalog.lines?.services == [1, 6])
        #expect(catalog.lines?.endpoints == [[3], [5]])
        #expect(CatalogLint(catalog).findings.map(\.code) == [.sharedAddress])
    }

    @Test("Each code is in the document, with its severity")
    func document() throws {
        let page = try String(
            contentsOf: Programs.repository.appending(path: "docs/fabdns-query.md"),
            encoding: .utf8)
        for code in LintFinding.Code.allCases {
            let row = "| \(code.rawValue) | \(code.severity.rawValue) |"
            #expect(page.contains(row), "\(row)")
        }
    }
}
