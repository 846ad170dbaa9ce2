// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import Testing

@testable import FabDNSQuery

@Suite("What is asked")
struct AskCommandTests {
    private static func question(_ line: String, reverse: String? = nil) -> String {
        do throws(UsageError) {
            let words = line.split(separator: " ").map(String.init)
            let question = try AskCommand.question(words, reverseAddress: reverse)
            return "\(question.name) \(question.classText) \(question.typeText)"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "Name, type and class come in any order",
        arguments: [
            ("a.b", "a.b. IN A"), ("a.b. AAAA", "a.b. IN AAAA"), ("srv a.b", "a.b. IN SRV"),
            ("a.b CH TXT", "a.b. CH TXT"), ("txt ch a.b", "a.b. CH TXT"), ("a", "a. IN A"),
            ("a a", "a. IN A"), ("mx txt", "mx. IN TXT"), (".", ". IN A"),
            ("a.b TYPE65280", "a.b. IN TYPE65280"), ("a.b type1", "a.b. IN A"),
            ("a.b TYPE65536", "'TYPE65536' is neither a type nor a class"),
            ("a.b TYPE0", "'TYPE0' is neither a type nor a class"),
            ("a.b TYPE12x", "'TYPE12x' is neither a type nor a class"),
            ("a.b CLASS3 a", "a.b. CH A"),
            ("a.b CLASS65536", "'CLASS65536' is neither a type nor a class"),
            ("a\\.b.c", "a\\.b.c. IN A"),
            ("", "NAME is missing"), ("a..b", "'a..b' is not a domain name"),
            ("a.b AAA", "'AAA' is neither a type nor a class, did you mean 'AAAA'?"),
            ("a.b c.d", "'c.d' is neither a type nor a class"),
        ])
    func operands(_ line: String, _ expected: String) {
        #expect(Self.question(line) == expected)
    }

    @Test(
        "An address is turned around",
        arguments: [
            ("10.0.0.1", "", "1.0.0.10.in-addr.arpa. IN PTR"),
            ("10.0.0.1", "txt", "1.0.0.10.in-addr.arpa. IN TXT"),
            ("fd00::1", "", "1" + String(repeating: ".0", count: 27) + ".0.0.d.f.ip6.arpa. IN PTR"),
            ("10.0.0", "", "'10.0.0' is not an address"), ("a", "", "'a' is not an address"),
        ])
    func reverse(_ address: String, _ line: String, _ expected: String) {
        #expect(Self.question(line, reverse: address) == expected)
    }

    @Test("A server is named once, and takes the port of its transport")
    func servers() throws {
        var options = QueryOptions()
        var words = ["a", "@1.2.3.4"]
        let settings = try AskCommand.settings(options, &words)
        #expect(settings.servers == [ServerName(host: "1.2.3.4", port: 53)])
        #expect(words == ["a"])
        options.settings.transport = .tls
        words = ["@::1"]
        #expect(try AskCommand.settings(options, &words).servers[0].port == 853)
        options.port = 5300
        words = ["@::1"]
        #expect(try AskCommand.settings(options, &words).servers[0].port == 5300)
        words = ["@a", "@b"]
        #expect(throws: UsageError.self) { try AskCommand.settings(options, &words) }
        words = ["@"]
        #expect(throws: UsageError.self) { try AskCommand.settings(options, &words) }
    }

    @Test(
        "The servers of a resolver's file are its name servers, three at most",
        arguments: [
            ("", ["127.0.0.1"]), ("search a\nnameserver 10.0.0.1\n", ["10.0.0.1"]),
            ("# nameserver 1.1.1.1\nnameserver\t::1 \n", ["::1"]), ("nameserver\n", ["127.0.0.1"]),
            (
                "nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\nnameserver 1.0.0.4\n",
                ["1.0.0.1", "1.0.0.2", "1.0.0.3"]
            ),
        ])
    func resolverFile(_ text: String, _ hosts: [String]) {
        #expect(ServerName.servers(ofResolverFile: text, port: 53).map(\.host) == hosts)
    }
}
