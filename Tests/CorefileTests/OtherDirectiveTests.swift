// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("Directives beside fabdns")
struct OtherDirectiveTests {
    @Test(
        "errors takes CoreDNS's options and says which have no effect",
        arguments: [
            ("errors", []), ("errors stdout", []), ("errors {\n}", []),
            (
                "errors {\nstacktrace\n}",
                ["3:1: 'stacktrace' has no effect in fabdns: every failure is one line"]
            ),
            (
                "errors {\nconsolidate 5m \".* timeout$\" warning\nconsolidate 1m30.5s x show_first\n}",
                [3, 4].map {
                    "\($0):1: 'consolidate' has no effect in fabdns: every failure is one line"
                }
            ),
            (
                "errors {\nconsolidate 0 x debug show_first\n}",
                ["3:1: 'consolidate' has no effect in fabdns: every failure is one line"]
            ),
        ])
    func errors(_ directive: String, _ warnings: [String]) throws {
        let configuration = try read(". {\n\(directive)\n}")
        #expect(configuration.warnings.map(\.description) == warnings.map { "Corefile:" + $0 })
    }

    @Test(
        "errors refuses other options",
        arguments: [
            Verdict(
                "errors /var/log/x",
                "2:8: invalid log file '/var/log/x', expected stdout or nothing"),
            Verdict("errors stdout x", "2:15: wrong argument count, expected: errors [stdout]"),
            Verdict(
                "errors {\nconsolidat 5m x\n}",
                "3:1: unknown property 'consolidat', did you mean 'consolidate'?"),
            Verdict(
                "errors {\nstacktrace x\n}", "3:12: wrong argument count, expected: stacktrace"),
            Verdict("errors {\nstacktrace {\n}\n}", "3:1: 'stacktrace' takes no block in braces"),
            Verdict(
                "errors {\nconsolidate 5m\n}",
                "3:1: wrong argument count, expected: consolidate DURATION REGEXP [LEVEL] [show_first]"
            ),
            Verdict(
                "errors {\nconsolidate 5m \"\"\n}", "3:16: expected a regular expression"),
            Verdict(
                "errors {\nconsolidate 5m x fatal\n}",
                "3:18: unknown option 'fatal', expected [warning|error|info|debug] [show_first]"),
            Verdict(
                "errors {\nconsolidate 5m x show_first error\n}",
                "3:29: unknown option 'error', expected [warning|error|info|debug] [show_first]"),
        ])
    func errorsRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    @Test(
        "A duration is a number with a unit, several times, as Go writes it",
        arguments: [
            ("5m", true), ("300ms", true), ("1h2m3.5s", true), (".5s", true), ("5.s", true),
            ("1us", true), ("1µs", true), ("0", true), ("+5s", true), ("9000000000s", true),
            ("5", false), ("s", false), ("", false), ("5 s", false), ("-5s", false),
            ("1..5s", false),
            (".s", false), ("5sm", false), ("1d", false), ("9999999999999s", false), ("٣s", false),
            ("1e3s", false), ("--5s", false), ("0x5s", false),
        ])
    func durations(_ duration: String, _ isAccepted: Bool) {
        let message = refusal(of: ". {\nerrors {\nconsolidate \"\(duration)\" x\n}\n}")
        #expect((message == nil) == isAccepted)
        if let message { #expect(message.contains("is not a duration")) }
    }

    @Test("bind adds up, and leaves out what its own line excludes")
    func bind() throws {
        let block = try read(
            ". {\nbind 127.0.0.1 ::1 eth0 {\nexcept ::1 10.0.0.1\n}\nbind FE80::1%eth0 ::1\n}"
        ).blocks[0]
        #expect(block.bindings == ["127.0.0.1", "eth0", "fe80::1%eth0", "::1"])
        #expect(block.excludedBindings == ["::1", "10.0.0.1"])
    }

    @Test(
        "bind takes addresses and interface names",
        arguments: [
            Verdict("bind", "2:1: at least one address or interface name is expected"),
            Verdict("bind {\n}", "2:1: at least one address or interface name is expected"),
            Verdict("bind \"\"", "2:6: '' is not an IP address or an interface name"),
            Verdict(
                "bind 127.0.0.1:53", "2:6: '127.0.0.1:53' is not an IP address or an interface name"
            ),
            Verdict("bind [::1]", "2:6: '[::1]' is not an IP address or an interface name"),
            Verdict("bind ::1%", "2:6: '::1%' is not an IP address or an interface name"),
            Verdict(
                "bind a123456789012345",
                "2:6: 'a123456789012345' is not an IP address or an interface name"),
            Verdict("bind a12345678901234"),
            Verdict(
                "bind lo {\nexcept\n}", "3:1: at least one address or interface name is expected"),
            Verdict("bind lo {\nexcept ::1 {\n}\n}", "3:1: 'except' takes no block in braces"),
            Verdict(
                "bind lo {\nexcep ::1\n}", "3:1: unknown property 'excep', did you mean 'except'?"),
            Verdict(
                "bind ::1 {\nexcept ::1\n}",
                "2:1: nothing is left to bind: 'except' excludes every address"),
        ])
    func bindRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    @Test(
        "multisocket says how many workers there are; without a number it is one per core",
        arguments: [
            ("errors", nil), ("multisocket", nil), ("multisocket 1", 1), ("multisocket 1024", 1024),
        ])
    func multisocket(_ directive: String, _ count: Int?) throws {
        #expect(try read(". {\n\(directive)\n}").workerCount == count)
        #expect(try read(". {\n\(directive)\n}\na {\n}\nb {\n\(directive)\n}").workerCount == count)
    }

    @Test(
        "multisocket is refused out of bounds and when blocks differ",
        arguments: [
            Verdict("multisocket 0", "2:13: '0' is not a number of sockets, expected 1 to 1024"),
            Verdict(
                "multisocket 1025", "2:13: '1025' is not a number of sockets, expected 1 to 1024"),
            Verdict("multisocket x", "2:13: 'x' is not a number of sockets, expected 1 to 1024"),
            Verdict("multisocket 1 2", "2:15: wrong argument count, expected: multisocket [N]"),
            Verdict("multisocket {\n}", "2:1: 'multisocket' takes no block in braces"),
            Verdict(
                "multisocket 2\n}\na {\nmultisocket 3",
                "5:1: multisocket must be the same in every server block, unlike at Corefile:2:1"),
            Verdict(
                "multisocket 2\n}\na {\nmultisocket",
                "5:1: multisocket must be the same in every server block, unlike at Corefile:2:1"),
        ])
    func multisocketRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    @Test(
        "A directive without influence on the answers is accepted with a warning, whatever follows it",
        arguments: [
            "cancel", "debug", "dnstap x", "geoip x", "loop", "metadata", "pprof", "root .", "shed",
            "trace",
        ])
    func ignored(_ directive: String) throws {
        let name = directive.prefix { $0 != " " }
        let configuration = try read(". {\n  \(directive)\nerrors\n}")
        #expect(
            configuration.warnings.map(\.description)
                == ["Corefile:2:3: '\(name)' is accepted and has no effect in fabdns"])
    }

    @Test(
        "A directive that changes answers is refused",
        arguments: [
            "auto", "autopath", "azure", "clouddns", "dns64", "dnssec", "dynupdate",
            "erratic",
            "etcd", "file", "forward", "grpc", "header", "hosts", "k8s_external", "kubernetes",
            "local",
            "minimal", "multicluster", "nomad", "on", "proxyproto", "rewrite", "route53",
            "secondary",
            "sign", "siit", "template", "transfer", "tsig", "view",
        ])
    func refused(_ name: String) {
        #expect(
            refusal(of: ". {\n  \(name) . {\n}\n}")
                == "Corefile:2:3: '\(name)' is not supported by fabdns")
    }

    @Test(
        "An unknown directive is refused with the nearest known one",
        arguments: [
            ("nosuch", ""), ("eror", ""), ("error", ", did you mean 'errors'?"),
            ("fabdsn", ", did you mean 'fabdns'?"), ("Errors", ", did you mean 'errors'?"),
            ("helth", ", did you mean 'health'?"),
        ])
    func unknown(_ name: String, _ suggestion: String) {
        #expect(
            refusal(of: ". {\n\(name)\n}")
                == "Corefile:2:1: unknown directive '\(name)'\(suggestion)")
    }

    @Test(
        "As in CoreDNS, some directives may be used once only",
        arguments: [
            ("cache", true), ("errors", true), ("loop", true), ("metadata", true),
            ("multisocket", true), ("nsid", true), ("pprof", true), ("prometheus", true),
            ("ready", true), ("shed", true), ("bind 127.0.0.1", false), ("log", false),
            ("health", true), ("reload", true), ("any", false), ("bufsize", true),
            ("chaos", true), ("loadbalance", true), ("timeouts {\nread 3s\n}", true),
            ("tls a b", true),
            ("whoami", false), ("acl {\nallow\n}", false),
        ])
    func once(_ directive: String, _ isOnce: Bool) {
        let second = directive.replacing("127.0.0.1", with: "127.0.0.2")
        let name = directive.prefix { $0 != " " }
        let line = 3 + directive.count(where: { $0 == "\n" })
        #expect(
            refusal(of: ". {\n\(directive)\n\(second)\n}")
                == (isOnce
                    ? "Corefile:\(line):1: '\(name)' can only be used once per Server Block" : nil))
    }
}
