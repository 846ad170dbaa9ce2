// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("brake, state and admin")
struct StateDirectiveTests {
    private func block(_ line: String) throws -> FabDNSBlock {
        let configuration = try read(". {\nfabdns {\ncatalog c\n\(line)\n}\n}")
        return try #require(configuration.blocks[0].fabdns)
    }

    @Test("Without them the brake holds for ever, nothing is saved, and no page is served")
    func defaults() throws {
        let block = try block("")
        #expect(block.brakeMilliseconds == nil && block.state == nil && block.admin == nil)
    }

    @Test("What they say is kept")
    func values() throws {
        #expect(try block("brake release after 10m").brakeMilliseconds == 600_000)
        #expect(
            try block("state /var/lib/fabdns").state == StateDirective(folder: "/var/lib/fabdns"))
        #expect(
            try block("state s every 5m").state
                == StateDirective(folder: "s", intervalMilliseconds: 300_000))
        #expect(try block("admin").admin == HTTPAddress(host: "127.0.0.1", port: 9154))
        #expect(try block("admin :9155").admin == HTTPAddress(host: "", port: 9155))
    }

    @Test(
        "What is none of their forms is refused where it stands",
        arguments: [
            Verdict("brake release after 1s"), Verdict("brake release after 720h"),
            Verdict(
                "brake", "4:1: wrong argument count, expected: brake release after DURATION"),
            Verdict("brake hold after 1s", "4:7: expected: brake release after DURATION"),
            Verdict("brake release in 1s", "4:15: expected: brake release after DURATION"),
            Verdict(
                "brake release after 0",
                "4:21: '0' is out of bounds, expected 1s to 720h"),
            Verdict("brake release after 1s {\n}", "4:1: 'brake' takes no block in braces"),
            Verdict("state s every 1s"), Verdict("state s every 1h"),
            Verdict("state", "4:1: wrong argument count, expected: state DIR [every DURATION]"),
            Verdict("state s t", "4:1: wrong argument count, expected: state DIR [every DURATION]"),
            Verdict("state \"\"", "4:7: expected the name of a folder"),
            Verdict("state s after 1s", "4:9: expected: state DIR [every DURATION]"),
            Verdict("state s every 10ms", "4:15: '10ms' is out of bounds, expected 1s to 1h"),
            Verdict("state s {\n}", "4:1: 'state' takes no block in braces"),
            Verdict("admin 127.0.0.1:9154"), Verdict("admin [::1]:9154"),
            Verdict(
                "admin 9154",
                "4:7: '9154' is no address, expected [HOST]:PORT as in :8080, localhost:8080, 10.0.0.1:8080 or [::1]:8080"
            ),
            Verdict("admin a b", "4:9: wrong argument count, expected: admin [ADDRESS]"),
            Verdict("admin {\n}", "4:1: 'admin' takes no block in braces"),
        ])
    func forms(_ verdict: Verdict) {
        #expect(
            refusal(of: ". {\nfabdns {\ncatalog c\n\(verdict.text)\n}\n}")
                == verdict.message.map { "Corefile:" + $0 })
    }
}
