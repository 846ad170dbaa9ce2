// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@Suite struct TidyTests {
    @Test("The repository keeps the rule", arguments: Rule.all)
    func kept(rule: Rule) throws {
        let findings = rule.findings(in: try Tree.repository())
        let list = findings.map { "\n\($0)" }.joined()
        #expect(findings.isEmpty, Comment(rawValue: list))
    }

    @Test("The rule refuses each of its bad samples", arguments: Rule.all)
    func refuses(rule: Rule) {
        #expect(!rule.refused.isEmpty)
        for sample in rule.refused {
            #expect(!rule.findings(in: Tree(sample)).isEmpty, "accepted: \(sample)")
        }
    }

    @Test("The rule accepts the neighbors of its bad samples", arguments: Rule.all)
    func accepts(rule: Rule) {
        #expect(!rule.accepted.isEmpty)
        for sample in rule.accepted {
            #expect(rule.findings(in: Tree(sample)).map(\.description) == [], "refused: \(sample)")
        }
    }

    @Test("Each exemption from the rule is needed", arguments: Rule.all)
    func exemptions(rule: Rule) throws {
        let needed = Set(rule.allFindings(in: try Tree.repository()).map(\.path))
        #expect(rule.exempt.subtracting(needed) == [])
    }

    @Test func `A repository has files`() throws {
        #expect(try Tree.repository().holds("Package.swift"))
    }
}
