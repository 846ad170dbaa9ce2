// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("member and stale")
struct MemberDirectiveTests {
    /// The block of `fabdns { BODY }` in a server block for `.`.
    static func block(_ body: String, environment: [String: String] = [:]) throws -> FabDNSBlock {
        let configuration = try read(text(body), environment: environment)
        return try #require(configuration.blocks[0].fabdns)
    }

    /// The first line of `body` is line 3.
    static func text(_ body: String) -> String { ". {\nfabdns {\n\(body)\n}\n}" }

    /// The message without the file's name.
    static func refusal(_ body: String, environment: [String: String] = [:]) -> String? {
        CorefileTests.refusal(of: text(body), environment: environment).map { message in
            String(message.dropFirst("Corefile:".utf8.count))
        }
    }

    static func member(_ properties: String) throws -> MemberDirective {
        let block = try block("member north {\n\(properties)\n}")
        return try #require(block.members.first)
    }

    // MARK: Members

    @Test("A member is a cluster's id, where its API is, where it is and what it exports")
    func whole() throws {
        let member = try Self.member(
            """
            kubeconfig /etc/north admin
            masterurl https://10.0.0.1:6443
            zone north-a
            region north
            namespaces shop billing
            labels "export=true,tier in (web)"
            initial stream
            stale demote after 10m
            """)
        #expect(member.name == "north")
        #expect(member.kubeconfig == "/etc/north")
        #expect(member.context == "admin")
        #expect(member.masterURL == "https://10.0.0.1:6443")
        #expect(member.zone == "north-a")
        #expect(member.region == "north")
        #expect(member.namespaces == ["shop", "billing"])
        #expect(member.labelSelector == "export=true,tier in (web)")
        #expect(member.initial == .stream)
        #expect(member.stale == StaleDirective(.demote, afterMilliseconds: 600_000))
        #expect(member.location.line == 3)
        #expect(member.location.column == 8)
    }

    @Test(
        "What a member does not say is not said", arguments: ["kubeconfig k", "masterurl http://a"])
    func short(_ source: String) throws {
        var member = try Self.member(source)
        #expect((member.kubeconfig == "k") != (member.masterURL == "http://a"))
        member.kubeconfig = nil
        member.masterURL = nil
        #expect(member == MemberDirective(name: "north", location: member.location))
    }

    @Test("Members keep their order beside the block's own properties")
    func several() throws {
        let block = try Self.block(
            """
            member b {
            kubeconfig k
            }
            catalog c
            cluster x
            member a.b {
            masterurl https://a
            stale drop
            }
            stale demote after 1h
            """)
        #expect(block.members.map(\.name) == ["b", "a.b"])
        #expect(block.members.map(\.stale) == [nil, StaleDirective(.drop)])
        #expect(block.stale == StaleDirective(.demote, afterMilliseconds: 3_600_000))
        #expect(block.catalogFile == "c")
        #expect(block.cluster == "x")
    }

    @Test(
        "A cluster's id is one RFC 1123 label in lower case, or two",
        arguments: [
            ("a", true), ("0", true), ("a-b", true), ("a.b", true), ("2.c--d", true),
            (String(repeating: "a", count: 63), true), (String(repeating: "a", count: 64), false),
            ("a.b.c", false), ("a.", false), (".a", false), ("a..b", false), ("A", false),
            ("-a", false), ("a-", false), ("a.-b", false), ("a_b", false), ("a/b", false),
            ("é", false), ("*", false), ("\"\"", false), ("\"a b\"", false),
        ])
    func ids(_ id: String, _ isID: Bool) {
        let message = Self.refusal("member \(id) {\nkubeconfig k\n}")
        let shown = id.filter { $0 != "\"" }
        #expect(
            message
                == (isID
                    ? nil
                    : "3:8: '\(shown)' is not a cluster's id, expected one or two RFC 1123 labels "
                        + "in lower case"))
    }

    @Test(
        "A member has a name and a source, and each property once",
        arguments: [
            Verdict("member a {\nkubeconfig k\n}"),
            Verdict("member", "3:1: wrong argument count, expected: member NAME { … }"),
            Verdict(
                "member a b {\nkubeconfig k\n}",
                "3:10: wrong argument count, expected: member NAME { … }"),
            Verdict(
                "member {\nkubeconfig k\n}",
                "3:1: wrong argument count, expected: member NAME { … }"),
            Verdict("member a", "3:1: expected 'kubeconfig FILE' or 'masterurl URL' in a member"),
            Verdict(
                "member a {\n}", "3:1: expected 'kubeconfig FILE' or 'masterurl URL' in a member"),
            Verdict(
                "member a {\nzone z\n}",
                "3:1: expected 'kubeconfig FILE' or 'masterurl URL' in a member"),
            Verdict(
                "member a {\nkubeconfig k\nkubeconfig k\n}", "5:1: 'kubeconfig' is given twice"),
            Verdict("member a {\nkubeconfig k\nzone a\nzone b\n}", "6:1: 'zone' is given twice"),
            Verdict(
                "member a {\nkubeconfig k\n}\nmember a {\nkubeconfig l\n}",
                "6:8: member 'a' is given twice"),
            Verdict("member a {\nkubeconfig k\n}\nmember b {\nkubeconfig k\n}"),
        ])
    func members(_ verdict: Verdict) { #expect(Self.refusal(verdict.text) == verdict.message) }

    @Test(
        "A property of a member takes what it takes",
        arguments: [
            Verdict("kubeconfig", "5:1: wrong argument count, expected: kubeconfig FILE [CONTEXT]"),
            Verdict(
                "kubeconfig a b c",
                "5:16: wrong argument count, expected: kubeconfig FILE [CONTEXT]"),
            Verdict("kubeconfig \"\"", "5:12: expected the name of a file"),
            Verdict("kubeconfig k {\n}", "5:1: 'kubeconfig' takes no block in braces"),
            Verdict("zone", "5:1: wrong argument count, expected: zone NAME"),
            Verdict("zone a b", "5:8: wrong argument count, expected: zone NAME"),
            Verdict("region a {\n}", "5:1: 'region' takes no block in braces"),
            Verdict("namespaces", "5:1: wrong argument count, expected: namespaces NAME…"),
            Verdict("namespaces a {\n}", "5:1: 'namespaces' takes no block in braces"),
            Verdict("labels", "5:1: wrong argument count, expected: labels SELECTOR"),
            Verdict("labels a=b c=d", "5:12: wrong argument count, expected: labels SELECTOR"),
            Verdict("labels \"\"", "5:8: expected a label selector"),
            Verdict("labels a=b"),
            Verdict("initial", "5:1: wrong argument count, expected: initial list|stream"),
            Verdict("initial watch", "5:9: 'watch': expected list or stream"),
            Verdict("initial List", "5:9: 'List': expected list or stream"),
            Verdict("initial list"), Verdict("initial stream"), Verdict("stale hold"),
            Verdict("stale never", "5:7: 'never': expected hold, demote or drop"),
            Verdict("zoen a", "5:1: unknown property 'zoen', did you mean 'zone'?"),
            Verdict("cluster a", "5:1: unknown property 'cluster'"),
            Verdict("catalog c", "5:1: unknown property 'catalog'"),
            Verdict("member b", "5:1: unknown property 'member'"),
        ])
    func properties(_ verdict: Verdict) {
        #expect(
            Self.refusal("member a {\nmasterurl https://a\n\(verdict.text)\n}") == verdict.message)
    }

    @Test(
        "The address of an API server is a URL, in a member and in a block",
        arguments: [
            ("https://10.0.0.1:6443", true), ("http://localhost", true),
            ("https://[fd00::1]", true),
            ("https://rancher/k8s/clusters/c-1", true), ("10.0.0.1:6443", false), ("u", false),
            ("https://", false), ("http://", false), ("ftp://a", false), ("HTTPS://a", false),
            ("\"https://a b\"", false), ("https://é", false), ("\"\"", false),
        ])
    func urls(_ url: String, _ isURL: Bool) {
        let shown = url.filter { $0 != "\"" }
        let problem = "'\(shown)' is not a URL, expected as in https://10.0.0.1:6443"
        #expect(
            Self.refusal("member a {\nmasterurl \(url)\n}") == (isURL ? nil : "4:11: \(problem)"))
        #expect(Self.refusal("masterurl \(url)") == (isURL ? nil : "3:11: \(problem)"))
    }

    @Test("An empty zone or region of a member, as from an unset variable, is none, and a warning")
    func emptyTopology() throws {
        let configuration = try read(
            Self.text("member a {\nkubeconfig k\nzone {$NONE}\nregion \"\"\n}"))
        let member = try #require(configuration.blocks[0].fabdns?.members.first)
        #expect(member.zone == nil)
        #expect(member.region == nil)
        #expect(
            configuration.warnings.map(\.description) == [
                "Corefile:5:6: 'zone' is empty and counts as unset",
                "Corefile:6:8: 'region' is empty and counts as unset",
            ])
    }

    // MARK: stale

    @Test(
        "What becomes of a silent cluster is hold, demote or drop, the last two after a while",
        arguments: [
            ("hold", StaleDirective(.hold)), ("demote", StaleDirective(.demote)),
            ("drop", StaleDirective(.drop)),
            ("demote after 0", StaleDirective(.demote, afterMilliseconds: 0)),
            ("demote after 300ms", StaleDirective(.demote, afterMilliseconds: 300)),
            ("drop after 1h30m", StaleDirective(.drop, afterMilliseconds: 5_400_000)),
            ("drop after 720h", StaleDirective(.drop, afterMilliseconds: 2_592_000_000)),
        ])
    func stale(_ arguments: String, _ expected: StaleDirective) throws {
        #expect(try Self.block("catalog c\nstale \(arguments)").stale == expected)
        #expect(try Self.member("kubeconfig k\nstale \(arguments)").stale == expected)
        #expect(try Self.block("catalog c").stale == nil)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            Verdict(
                "stale",
                "4:1: wrong argument count, expected: stale hold|demote|drop [after DURATION]"),
            Verdict(
                "stale drop after",
                "4:1: wrong argument count, expected: stale hold|demote|drop [after DURATION]"),
            Verdict(
                "stale drop 5s",
                "4:1: wrong argument count, expected: stale hold|demote|drop [after DURATION]"),
            Verdict(
                "stale drop after 5s 6s",
                "4:1: wrong argument count, expected: stale hold|demote|drop [after DURATION]"),
            Verdict("stale drop in 5s", "4:12: expected: stale hold|demote|drop [after DURATION]"),
            Verdict("stale keep", "4:7: 'keep': expected hold, demote or drop"),
            Verdict("stale Drop", "4:7: 'Drop': expected hold, demote or drop"),
            Verdict("stale hold after 5s", "4:12: 'hold' is for ever, expected no duration"),
            Verdict("stale drop {\n}", "4:1: 'stale' takes no block in braces"),
        ])
    func staleRefused(_ verdict: Verdict) {
        #expect(Self.refusal("catalog c\n\(verdict.text)") == verdict.message)
    }

    @Test(
        "A duration is one of Go's, from none to thirty days",
        arguments: ["5", "x", "\"\"", "-1s", "721h", "720h1ms", "1d"])
    func staleDurations(_ duration: String) {
        #expect(
            Self.refusal("catalog c\nstale drop after \(duration)")?.hasPrefix("4:18: ") == true)
    }

    @Test("A second stale of a block counts, and is a warning; in a member it is refused")
    func staleTwice() throws {
        let configuration = try read(Self.text("catalog c\nstale drop\nstale hold"))
        #expect(configuration.blocks[0].fabdns?.stale == StaleDirective(.hold))
        #expect(
            configuration.warnings.map(\.description)
                == ["Corefile:5:1: 'stale' is given twice, the last one counts"])
        #expect(
            Self.refusal("member a {\nkubeconfig k\nstale drop\nstale hold\n}")
                == "6:1: 'stale' is given twice")
    }

    // MARK: Sources

    static let noSource =
        "2:1: expected 'catalog FILE', 'member NAME', 'kubeconfig FILE' or 'masterurl URL' in this "
        + "block: outside of a Pod there is no API to ask"

    @Test(
        "A block has a source: a file, members, or its own API",
        arguments: [
            ("catalog c", true), ("kubeconfig k", true), ("masterurl https://a", true),
            ("member a {\nkubeconfig k\n}", true), ("catalog c\nkubeconfig k", true),
            ("", false), ("cluster a\nzone b\nstale drop", false),
        ])
    func sources(_ body: String, _ isEnough: Bool) {
        #expect(Self.refusal(body) == (isEnough ? nil : Self.noSource))
    }

    @Test(
        "In a Pod the cluster's own API is a source, and the environment says where it is",
        arguments: [
            (["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"], true),
            (["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"], true),
            (["KUBERNETES_SERVICE_HOST": "10.96.0.1"], false),
            (["KUBERNETES_SERVICE_PORT": "443"], false),
            (["KUBERNETES_SERVICE_HOST": "", "KUBERNETES_SERVICE_PORT": "443"], false),
            (["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": ""], false),
            (["KUBERNETES_PORT": "tcp://10.96.0.1:443"], false), ([:], false),
        ] as [([String: String], Bool)])
    func pod(_ environment: [String: String], _ isPod: Bool) throws {
        #expect(Self.refusal("", environment: environment) == (isPod ? nil : Self.noSource))
        let configuration = try read(Self.text("catalog c"), environment: environment)
        let expected = PodAPI(host: environment["KUBERNETES_SERVICE_HOST"] ?? "", port: "443")
        #expect(configuration.podAPI == (isPod ? expected : nil))
    }

    @Test("fab-dns's own Corefile is enough in a Pod")
    func shipped() throws {
        let text = """
            global:5353 {
                fabdns {
                    cluster {$CLUSTER_NAME}
                    zone {$CLUSTER_ZONE}
                    region {$CLUSTER_REGION}
                    ttl 30
                }
                log
                errors
                loop
                health :8080
                ready :8181
            }
            """
        var environment = [
            "KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443",
            "CLUSTER_NAME": "fabedge", "CLUSTER_ZONE": "beijing", "CLUSTER_REGION": "north",
        ]
        let block = try #require(try read(text, environment: environment).blocks[0].fabdns)
        #expect(block.cluster == "fabedge")
        #expect(block.members == [])
        environment["KUBERNETES_SERVICE_HOST"] = nil
        #expect(
            CorefileTests.refusal(of: text, environment: environment)?
                .hasPrefix("Corefile:2:5: expected 'catalog FILE'") == true)
    }
}
