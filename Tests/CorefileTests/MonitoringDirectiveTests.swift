// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("Directives for those who watch the server")
struct MonitoringDirectiveTests {
    private func features(_ directive: String) throws -> BlockFeatures {
        try read(". {\n\(directive)\n}").blocks[0].features
    }

    @Test(
        "health has an address and a time to go lame",
        arguments: [
            ("health", ":8080", 0), ("health :1", ":1", 0),
            ("health localhost:65535", "127.0.0.1:65535", 0),
            ("health 10.0.0.1:80", "10.0.0.1:80", 0), ("health [FE80::1]:80", "[fe80::1]:80", 0),
            ("health {\n}", ":8080", 0), ("health {\nlameduck 5s\n}", ":8080", 5000),
            ("health {\nlameduck 1h\n}", ":8080", 3_600_000),
            ("health {\nlameduck 0\n}", ":8080", 0),
        ])
    func health(_ directive: String, _ address: String, _ lameduck: Int) throws {
        let health = try #require(try features(directive).health)
        #expect(health.address.description == address)
        #expect(health.lameduckMilliseconds == lameduck)
    }

    @Test(
        "health refuses other forms",
        arguments: [
            Verdict("health :1 :2", "2:11: wrong argument count, expected: health [ADDRESS]"),
            Verdict(
                "health {\nlameduk 5s\n}",
                "3:1: unknown property 'lameduk', did you mean 'lameduck'?"),
            Verdict(
                "health {\nlameduck\n}", "3:1: wrong argument count, expected: lameduck DURATION"),
            Verdict(
                "health {\nlameduck 5\n}",
                "3:10: '5' is not a duration, expected as in 5s or 1m30s"),
            Verdict(
                "health {\nlameduck -5s\n}", "3:10: '-5s' is out of bounds, expected 0s to 1h"),
            Verdict(
                "health {\nlameduck 61m\n}", "3:10: '61m' is out of bounds, expected 0s to 1h"),
        ])
    func healthRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    @Test(
        "An address is a port with a host before it or none",
        arguments: [
            "", "8080", ":", ":0", ":65536", ":http", "localhost", "localhost:", "host:80",
            "10.0.0:80", "::1:80", "[10.0.0.1]:80", "[::1]80", "[::1:80", "http://a:80",
        ])
    func addresses(_ address: String) {
        #expect(
            refusal(of: ". {\nready \"\(address)\"\n}")
                == "Corefile:2:7: '\(address)' is no address, expected [HOST]:PORT as in :8080, "
                + "localhost:8080, 10.0.0.1:8080 or [::1]:8080")
    }

    @Test("ready has an address; both of CoreDNS's ways to look mean the same here")
    func ready() throws {
        #expect(try features("ready").ready?.address.description == ":8181")
        #expect(
            try features("ready :1 {\nmonitor continuously\n}").ready?.address.description == ":1")
        #expect(try features("ready {\nmonitor until-ready\n}").ready != nil)
        #expect(try features("errors").ready == nil)
    }

    @Test(
        "ready refuses other forms",
        arguments: [
            Verdict("ready :1 :2", "2:10: wrong argument count, expected: ready [ADDRESS]"),
            Verdict(
                "ready {\nmonitor never\n}",
                "3:9: 'never': expected until-ready or continuously"),
            Verdict(
                "ready {\nmonitor\n}",
                "3:1: wrong argument count, expected: monitor until-ready|continuously"),
            Verdict(
                "ready {\nmonitr x\n}", "3:1: unknown property 'monitr', did you mean 'monitor'?"),
        ])
    func readyRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    @Test("prometheus has an address, and nothing to say of a Go runtime")
    func prometheus() throws {
        #expect(try features("prometheus").prometheus?.address.description == "127.0.0.1:9153")
        #expect(try features("prometheus :1").prometheus?.address.description == ":1")
        let configuration = try read(". {\nprometheus {\nruntime_metrics\n}\n}")
        #expect(
            configuration.warnings.map(\.description) == [
                "Corefile:3:1: 'runtime_metrics' has no effect in fabdns: there is no Go runtime"
            ])
        #expect(
            refusal(of: ". {\nprometheus :1 :2\n}")
                == "Corefile:2:15: wrong argument count, expected: prometheus [ADDRESS]")
        #expect(
            refusal(of: ". {\nprometheus {\nruntime\n}\n}")
                == "Corefile:3:1: unknown property 'runtime'")
    }

    @Test(
        "reload has an interval and a jitter of at most half of it",
        arguments: [
            ("reload", 30_000, 15_000), ("reload 2s", 2_000, 1_000),
            ("reload 1m30s", 90_000, 15_000), ("reload 10s 1s", 10_000, 1_000),
            ("reload 10s 9s", 10_000, 5_000),
        ])
    func reload(_ directive: String, _ interval: Int, _ jitter: Int) throws {
        let reload = try #require(try read("a {\n}\n. {\n\(directive)\n}").reload)
        #expect(reload.intervalMilliseconds == interval)
        #expect(reload.jitterMilliseconds == jitter)
        #expect(try read(". {\nerrors\n}").reload == nil)
    }

    @Test(
        "reload refuses other forms",
        arguments: [
            Verdict("reload 1s", "2:8: '1s' is out of bounds, expected 2s to 24h"),
            Verdict("reload 25h", "2:8: '25h' is out of bounds, expected 2s to 24h"),
            Verdict("reload 30", "2:8: '30' is not a duration, expected as in 5s or 1m30s"),
            Verdict("reload 30s 999ms", "2:12: '999ms' is out of bounds, expected 1s to 24h"),
            Verdict(
                "reload 30s 1s 1s",
                "2:15: wrong argument count, expected: reload [INTERVAL] [JITTER]"),
            Verdict("reload {\n}", "2:1: 'reload' takes no block in braces"),
        ])
    func reloadRefused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\n\(verdict.text)\n}") == verdict.message.map { "Corefile:" + $0 })
    }

    @Test("A record of what was read changes with the Corefile, its imports and their number")
    func record() throws {
        let text = "import a*\n"
        func octets(_ contents: [String: String]) throws -> [UInt8] {
            let record = CorefileRecord()
            let all = files(contents.merging(["Corefile": text]) { $1 })
            _ = try? Corefile.load(
                path: "Corefile", environment: [:], files: record.watching(all))
            return record.octets
        }
        let one = try octets(["a1": ". {\n}\n"])
        #expect(try octets(["a1": ". {\n}\n"]) == one)
        #expect(try octets(["a1": ". {\n} \n"]) != one)
        #expect(try octets(["a2": ". {\n}\n"]) != one)
        #expect(try octets(["a1": ". {\n}\n", "a2": ""]) != one)
        #expect(try octets([:]) != one)
    }
}
