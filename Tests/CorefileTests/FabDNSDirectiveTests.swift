// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("fabdns")
struct FabDNSDirectiveTests {
    /// The block that `fabdns ARGUMENTS { catalog c; BODY }` gives in a server block for `.`.
    private func block(_ arguments: String = "", _ body: String = "") throws -> FabDNSBlock {
        let configuration = try read(". {\nfabdns \(arguments) {\ncatalog c\n\(body)\n}\n}")
        return try #require(configuration.blocks[0].fabdns)
    }

    @Test("S1: without zones it answers for those of the server block")
    func s1() throws {
        let configuration = try read("a b:54 {\nfabdns {\ncatalog c\n}\n}")
        for block in configuration.blocks { #expect(block.fabdns?.zones == ["a.", "b."]) }
        #expect(try block().fallthroughZones == nil)
    }

    @Test("S2: fallthrough without zones is for everything")
    func s2() throws {
        #expect(try block("", "fallthrough").fallthroughZones == ["."])
    }

    @Test("S3: a zone of its own")
    func s3() throws {
        #expect(try block("global").zones == ["global."])
    }

    @Test("S4: several zones, and fallthrough for one of them")
    func s4() throws {
        let block = try block("global test.org", "fallthrough test.org")
        #expect(block.zones == ["global.", "test.org."])
        #expect(block.fallthroughZones == ["test.org."])
    }

    @Test("S6: cluster, zone and region are kept")
    func s6() throws {
        let block = try block("", "cluster fabedge\nzone beijing\nregion north")
        #expect(block.cluster == "fabedge")
        #expect(block.zone == "beijing")
        #expect(block.region == "north")
    }

    @Test("S7: ttl is kept")
    func s7() throws {
        #expect(try block("", "ttl 30").ttlSeconds == 30)
        #expect(try block().ttlSeconds == 5)
        #expect(try block("", "ttl 0").ttlSeconds == 0)
        #expect(try block("", "ttl 3600").ttlSeconds == 3600)
    }

    @Test(
        "S8: an unknown property is named, with the nearest one that is known",
        arguments: [
            ("unknown", "unknown property 'unknown'"),
            ("clutser a", "unknown property 'clutser', did you mean 'cluster'?"),
            ("TTL 5", "unknown property 'TTL', did you mean 'ttl'?"),
        ])
    func s8(_ line: String, _ message: String) {
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog c\n\(line)\n}\n}") == "Corefile:4:1: " + message)
    }

    @Test(
        "S9: a property takes exactly its arguments",
        arguments: [
            Verdict("kubeconfig a b", "4:14: wrong argument count, expected: kubeconfig FILE"),
            Verdict("kubeconfig", "4:1: wrong argument count, expected: kubeconfig FILE"),
            Verdict("masterurl", "4:1: wrong argument count, expected: masterurl URL"),
            Verdict("cluster a b", "4:11: wrong argument count, expected: cluster NAME"),
            Verdict("zone", "4:1: wrong argument count, expected: zone NAME"),
            Verdict("region a b", "4:10: wrong argument count, expected: region NAME"),
            Verdict("ttl", "4:1: wrong argument count, expected: ttl SECONDS"),
            Verdict("ttl 5 5", "4:7: wrong argument count, expected: ttl SECONDS"),
            Verdict("catalog", "4:1: wrong argument count, expected: catalog FILE"),
            Verdict("names", "4:1: wrong argument count, expected: names fabdns|mcs"),
            Verdict("cluster {\n}", "4:1: wrong argument count, expected: cluster NAME"),
            Verdict("cluster a {\n}", "4:1: 'cluster' takes no block in braces"),
            Verdict("fallthrough {\n}", "4:1: 'fallthrough' takes no block in braces"),
        ])
    func s9(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog c\n\(verdict.text)\n}\n}")
                == verdict.message.map { "Corefile:" + $0 })
    }

    @Test(
        "S10: a ttl outside 0 to 3600 is out of range",
        arguments: ["5000", "3601", "-1"])
    func s10(_ ttl: String) {
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog c\nttl \(ttl)\n}\n}")
                == "Corefile:4:5: ttl \(ttl) is out of range [0, 3600], default ttl is 5 if not configured"
        )
    }

    @Test("A ttl is a number", arguments: ["5s", "x", "\"\"", "99999999999999999999"])
    func ttlNumber(_ ttl: String) {
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog c\nttl \(ttl)\n}\n}")?
                .contains("is not a ttl, expected a number of seconds") == true)
    }

    @Test(
        "A block that nothing says what there is says in one line what it needs",
        arguments: [". {\nfabdns\n}", ". {\nfabdns {\ncluster a\n}\n}"])
    func noSource(_ text: String) {
        #expect(refusal(of: text) == "Corefile:" + MemberDirectiveTests.noSource)
    }

    @Test("A second fabdns block in a server block is refused, in another one it is not")
    func second() {
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog c\n}\nfabdns x {\ncatalog c\n}\n}")
                == "Corefile:5:1: 'fabdns' can only be used once per Server Block")
        #expect(
            refusal(of: "a {\nfabdns {\ncatalog c\n}\n}\nb {\nfabdns {\ncatalog c\n}\n}") == nil)
    }

    @Test(
        "There are the name forms of fab-dns and of KEP-1645",
        arguments: [
            ("fabdns", nil), ("mcs", nil),
            ("x", "Corefile:4:7: unknown name forms 'x', expected 'names fabdns|mcs'"),
            ("MCS", "Corefile:4:7: unknown name forms 'MCS', expected 'names fabdns|mcs'"),
        ])
    func nameForms(_ forms: String, _ message: String?) {
        #expect(refusal(of: ". {\nfabdns {\ncatalog c\nnames \(forms)\n}\n}") == message)
    }

    @Test(
        "Zones at and below clusterset.local have KEP-1645's names unless the block says otherwise",
        arguments: [
            ("clusterset.local", "", NameForms.mcs), ("a.clusterset.local", "", .mcs),
            ("aclusterset.local", "", .fabdns), ("local", "", .fabdns), ("global", "", .fabdns),
            ("global", "names mcs", .mcs), ("clusterset.local", "names fabdns", .fabdns),
            ("CLUSTERSET.local.", "", .mcs),
        ])
    func usualNames(_ zone: String, _ property: String, _ names: NameForms) throws {
        let block = try #require(
            try read(". {\nfabdns \(zone) {\ncatalog c\n\(property)\n}\n}").blocks.first?.fabdns)
        #expect(block.zones.map { block.names(in: $0) } == [names])
    }

    @Test(
        "What has less effect than its writer may expect is a warning",
        arguments: [
            ("fabdns {\ncatalog c\n}", []),
            ("fabdns {\ncatalog c\nkubeconfig k\nmasterurl https://a\n}", []),
            (
                "fabdns {\ncatalog c\nttl 5\nttl 6\n}",
                ["5:1: 'ttl' is given twice, the last one counts"]
            ),
            (
                "fabdns {\ncatalog c\ncluster {$NONE}\n}",
                ["4:9: 'cluster' is empty and counts as unset"]
            ),
            (
                "fabdns org a.global {\ncatalog c\n}",
                ["2:1: no query for 'org.' arrives here: the server block does not take it"]
            ),
        ])
    func warnings(_ directive: String, _ warnings: [String]) throws {
        let configuration = try read("global {\n\(directive)\n}")
        #expect(configuration.warnings.map(\.description) == warnings.map { "Corefile:" + $0 })
    }

    @Test("An empty topology name is none, not the empty name")
    func emptyTopology() throws {
        let block = try block("", "cluster \"\"\nzone \"\"\nregion \"\"")
        #expect(block.cluster == nil)
        #expect(block.zone == nil)
        #expect(block.region == nil)
    }

    @Test(
        "Networks stand for reverse zones, repeated zones for one",
        arguments: [("10.0.0.0/8 global Global.", ["10.in-addr.arpa.", "global."])])
    func zones(_ arguments: String, _ zones: [String]) throws {
        #expect(try block(arguments).zones == zones)
        #expect(try block("", "fallthrough \(arguments)").fallthroughZones == zones)
    }

    @Test(
        "Zones are domain names without a port or scheme",
        arguments: ["fabdns a:53 {\ncatalog c\n}", "fabdns {\ncatalog c\nfallthrough dns://a\n}"])
    func badZones(_ directive: String) {
        #expect(refusal(of: ". {\n\(directive)\n}")?.contains("is not a") == true)
    }

    @Test("fab-dns's own Corefile with a catalog has its effects, and one warning")
    func shipped() throws {
        let configuration = try read(
            """
            .:53 {
                errors
                health
                ready
                fabdns global {
                    cluster fabedge
                    zone beijing
                    region north
                    ttl 30
                    catalog /etc/fabdns/catalog.yaml
                }
                cache 30
                reload
            }
            """)
        #expect(
            configuration.warnings.map(\.description)
                == [
                    "Corefile:12:5: 'cache' is accepted and has no effect in fabdns: answers "
                        + "already come from memory"
                ])
        #expect(configuration.blocks[0].features.health == HealthDirective())
        #expect(configuration.blocks[0].features.ready == ReadyDirective())
        #expect(configuration.reload == ReloadDirective())
        #expect(configuration.blocks[0].fabdns?.ttlSeconds == 30)
    }
}
