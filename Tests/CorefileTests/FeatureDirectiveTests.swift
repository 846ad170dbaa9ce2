// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("Directives that say how a block answers")
struct FeatureDirectiveTests {
    private func features(_ directive: String) throws -> BlockFeatures {
        try read(". {\n\(directive)\n}").blocks[0].features
    }

    // MARK: acl

    @Test("acl has rules in order, for types and networks, in zones or everywhere")
    func access() throws {
        let access = try features(
            """
            acl a.Example 10.0.0.0/24 {
                allow type a AAAA net 10.0.0.0/8 192.0.2.1 fd00::1
                block net * type *
                filter
                drop net 2001:db8::/32
            }
            acl {
                block
            }
            """
        ).access
        #expect(access.map(\.zones) == [["a.example.", "0.0.10.in-addr.arpa."], []])
        #expect(access[0].rules.map(\.action) == [.allow, .block, .filter, .drop])
        #expect(access[0].rules.map(\.types) == [["A", "AAAA"], [], [], []])
        #expect(access[0].rules[0].networks.map(\.prefixLength) == [8, 32, 128])
        #expect(access[0].rules.map(\.networks.count) == [3, 0, 0, 1])
    }

    @Test(
        "acl refuses other forms",
        arguments: [
            Verdict(
                "acl",
                "2:1: expected at least one rule: "
                    + "allow|block|filter|drop [type QTYPE...] [net SOURCE...]"),
            Verdict(
                "acl {\n}",
                "2:1: expected at least one rule: "
                    + "allow|block|filter|drop [type QTYPE...] [net SOURCE...]"),
            Verdict(
                "acl {\nblok net *\n}", "3:1: unknown property 'blok', did you mean 'block'?"),
            Verdict(
                "acl {\nblock 10.0.0.1\n}",
                "3:7: '10.0.0.1': expected 'type QTYPE...' or 'net SOURCE...'"),
            Verdict(
                "acl {\nblock net\n}",
                "3:7: expected a value behind 'net', as in type A net *"),
            Verdict(
                "acl {\nblock type net *\n}",
                "3:7: expected a value behind 'type', as in type A net *"),
            Verdict(
                "acl {\nblock net 10.0.0.1/33\n}",
                "3:11: '10.0.0.1/33' is neither an address nor a network, expected as in "
                    + "10.0.0.0/24, 10.0.0.1, fd00::/8 or *"),
            Verdict(
                "acl {\nblock net local\n}",
                "3:11: 'local' is neither an address nor a network, expected as in "
                    + "10.0.0.0/24, 10.0.0.1, fd00::/8 or *"),
            Verdict("acl {\nblock {\n}\n}", "3:1: 'block' takes no block in braces"),
        ])
    func accessRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    // MARK: log

    @Test(
        "log has names, a format and classes",
        arguments: [
            ("log", ["."], 3), ("log a.org b.org.", ["a.org.", "b.org."], 3),
            ("log . {\nclass denial error\n}", ["."], 2), ("log {\nclass all\n}", ["."], 3),
            ("log {\nclass success\nclass denial\n}", ["."], 2),
            ("log {\n}", ["."], 3),
        ] as [(String, [String], Int)])
    func log(_ directive: String, _ names: [String], _ classes: Int) throws {
        let log = try features(directive).log
        #expect(log.map(\.names) == [names] && log.map(\.classes.count) == [classes])
        #expect(log.map(\.format) == [.common])
    }

    @Test("A format is text with CoreDNS's placeholders; others stay, with a warning")
    func format() throws {
        let configuration = try read(
            ". {\nlog a \"{name}-{naem} {/meta}{rcode}\"\nlog \"{combined}\"\n}")
        let log = configuration.blocks[0].features.log
        #expect(
            log[0].format.parts == [
                .field(.name), .literal("-{naem} {/meta}"), .field(.code),
            ])
        #expect(log[1].format.parts.count == LogFormat.common.parts.count + 2)
        #expect(log[1].format.parts.last == .field(.opcode))
        #expect(
            configuration.warnings.map(\.description) == [
                "Corefile:2:7: '{naem}' is no placeholder and is logged as it is, did you mean "
                    + "'{name}'?"
            ])
    }

    @Test(
        "log refuses other forms",
        arguments: [
            Verdict(
                "log {\nclass fatal\n}", "3:7: 'fatal': expected success, denial, error or all"),
            Verdict("log {\nclass\n}", "3:1: expected: class success|denial|error|all..."),
            Verdict("log {\nclas all\n}", "3:1: unknown property 'clas', did you mean 'class'?"),
            Verdict(
                "log a..b", "2:5: 'a..b' is not a valid domain name: a label is empty"),
        ])
    func logRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    // MARK: The small ones

    @Test("nsid has data, chaos a version and authors; without them they are the server's own")
    func identity() throws {
        #expect(try features("nsid").nsid?.data == nil)
        #expect(try features("nsid edge node 1").nsid?.data == "edge node 1")
        #expect(try features("errors").nsid == nil)
        let chaos = try #require(try features("chaos 1.0 \"a b\" c").chaos)
        #expect(chaos.version == "1.0" && chaos.authors == ["a b", "c"])
        #expect(try features("chaos").chaos?.version == nil)
        let long = String(repeating: "x", count: 256)
        #expect(refusal(of: ". {\nchaos \(long)\n}") == "Corefile:2:7: longer than 255 octets")
        #expect(
            refusal(of: ". {\nnsid \(long)\n}")
                == "Corefile:2:6: longer than 255 octets: it goes into every answer that asks")
        #expect(refusal(of: ". {\nnsid {\n}\n}") == "Corefile:2:1: 'nsid' takes no block in braces")
        let authors = String(repeating: "a ", count: 65)
        #expect(refusal(of: ". {\nchaos 1 \(authors)\n}") == "Corefile:2:137: more than 64 authors")
    }

    @Test(
        "bufsize is 512 to 4096, and 1232 at most is used",
        arguments: [
            ("errors", 1232), ("bufsize", 1232), ("bufsize 512", 512), ("bufsize 1232", 1232),
            ("bufsize 4096", 1232),
        ] as [(String, UInt16)])
    func bufsize(_ directive: String, _ octets: UInt16) throws {
        #expect(try features(directive).payloadOctets == octets)
        #expect(
            try read(". {\n\(directive)\n}").warnings.count == (directive.hasSuffix("4096") ? 1 : 0)
        )
    }

    @Test(
        "any, loadbalance and whoami say what they mean in a word",
        arguments: ["any", "loadbalance", "loadbalance round_robin", "whoami"])
    func words(_ directive: String) throws {
        let configuration = try read(". {\n\(directive)\n}")
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.blocks[0].features.whoami == (directive == "whoami"))
    }

    @Test("cache is accepted as CoreDNS has it, and says why it has no effect")
    func cache() throws {
        for directive in [
            "cache", "cache 30", "cache a.org", "cache 30 . {\nprefetch 2\nsuccess 1 2 3\n}",
        ] {
            let configuration = try read(". {\n\(directive)\n}")
            #expect(
                configuration.warnings.map(\.description) == [
                    "Corefile:2:1: 'cache' is accepted and has no effect in fabdns: answers "
                        + "already come from memory"
                ])
        }
    }

    @Test("timeouts are durations of a second to a day, and a number of queries")
    func timeouts() throws {
        let timeouts = try #require(
            try features("timeouts {\nread 1s\nwrite 2s\nidle 24h\nmaxtcpqueries 3\n}").timeouts)
        #expect(timeouts.readMilliseconds == 1_000 && timeouts.writeMilliseconds == 2_000)
        #expect(timeouts.idleMilliseconds == 86_400_000 && timeouts.maximumQueries == 3)
        #expect(try features("timeouts {\nmaxtcpqueries -1\n}").timeouts == TimeoutsDirective())
    }

    @Test(
        "The small ones refuse other forms",
        arguments: [
            Verdict("bufsize 511", "2:9: '511' is out of bounds, expected 512 to 4096"),
            Verdict("bufsize 4097", "2:9: '4097' is out of bounds, expected 512 to 4096"),
            Verdict("bufsize x", "2:9: 'x' is out of bounds, expected 512 to 4096"),
            Verdict("bufsize 512 512", "2:13: wrong argument count, expected: bufsize [OCTETS]"),
            Verdict("any x", "2:5: wrong argument count, expected: any"),
            Verdict("whoami {\n}", "2:1: 'whoami' takes no block in braces"),
            Verdict(
                "loadbalance weighted x",
                "2:13: 'weighted' is not supported by fabdns, expected round_robin"),
            Verdict(
                "loadbalance round_robin {\nprefer 10.0.0.0/8\n}",
                "3:1: 'prefer' is not supported by fabdns: nearness orders the answers"),
            Verdict("cache 0", "2:7: cache TTL can not be zero or negative: 0"),
            Verdict(
                "cache {\nprefech 2\n}",
                "3:1: unknown property 'prefech', did you mean 'prefetch'?"),
            Verdict(
                "timeouts", "2:1: expected at least one of read, write, idle, maxtcpqueries"),
            Verdict(
                "timeouts 5s {\nread 5s\n}",
                "2:10: wrong argument count, expected: timeouts { … }"),
            Verdict(
                "timeouts {\nread 999ms\n}", "3:6: '999ms' is out of bounds, expected 1s to 24h"),
            Verdict("timeouts {\nred 5s\n}", "3:1: unknown property 'red', did you mean 'read'?"),
            Verdict(
                "timeouts {\nmaxtcpqueries 0\n}",
                "3:15: '0': expected a number above 0, or -1 for no end"),
        ])
    func smallRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    // MARK: tls

    @Test("tls:// is port 853, with the certificate of its block")
    func tls() throws {
        let blocks = try read(
            "tls://a tls://b:54 c {\ntls cert.pem key.pem ca.pem {\nclient_auth verify_if_given\n}\n}"
        ).blocks
        #expect(blocks.map(\.transport) == [.tls, .tls, .dns])
        #expect(blocks.map(\.port) == [853, 54, 53])
        let tls = try #require(blocks[0].features.tls)
        #expect(tls.certificateFile == "cert.pem" && tls.keyFile == "key.pem")
        #expect(tls.authoritiesFile == "ca.pem" && tls.clientCertificates == .verifyIfGiven)
        #expect(
            try read("a {\ntls b c\n}").warnings.map(\.description) == [
                "Corefile:2:1: 'tls' has no effect here: no address of the block begins with tls://"
            ])
    }

    @Test(
        "tls refuses what cannot be served",
        arguments: [
            Verdict(
                "tls://a {\n}",
                "1:1: expected 'tls CERTIFICATE KEY' in the block of a tls:// address"),
            Verdict(
                "tls://a {\ntls b\n}",
                "2:1: wrong argument count, expected: tls CERTIFICATE KEY [AUTHORITIES]"),
            Verdict("tls://a {\ntls b \"\"\n}", "2:7: expected the name of a file"),
            Verdict(
                "tls://a {\ntls b c {\nkeylog x\n}\n}",
                "3:1: 'keylog' is not supported by fabdns: it reveals all traffic"),
            Verdict(
                "tls://a {\ntls b c {\nclient_auth always\n}\n}",
                "3:13: 'always': expected nocert|request|require|verify_if_given|require_and_verify"
            ),
            Verdict(
                "tls://a {\ntls b c {\nclient_auth require_and_verify\n}\n}",
                "2:1: client_auth require_and_verify needs the file of the authorities: "
                    + "tls CERTIFICATE KEY AUTHORITIES"),
            Verdict(
                "a:53 {\n}\ntls://b:53 {\ntls c d\n}",
                "3:1: port 53 is already used for dns:// by the block at Corefile:1:1"),
        ])
    func tlsRefused(_ verdict: Verdict) {
        #expect(refusal(of: verdict.text) == verdict.message.map { "Corefile:" + $0 })
    }
}
