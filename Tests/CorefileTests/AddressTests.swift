// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite("Addresses of server blocks")
struct AddressTests {
    @Test(
        "A zone is in lower case with a final dot, its port the written one or the default",
        arguments: [
            ("global", "global.", 1053), ("GLOBAL.", "global.", 1053), (".", ".", 1053),
            (".:53", ".", 53), ("a.b-c._d:0", "a.b-c._d.", 0), ("a:65535", "a.", 65535),
            ("a:00053", "a.", 53), ("dns://a", "a.", 1053), ("dns://.:54", ".", 54),
            ("DNS://a", "a.", 1053), ("10.0.0.0/8:54", "10.in-addr.arpa.", 54), ("1", "1.", 1053),
            (String(repeating: "a", count: 63), String(repeating: "a", count: 63) + ".", 1053),
        ])
    func accepted(_ address: String, _ zone: String, _ port: UInt16) throws {
        let configuration = try Corefile.parse(
            text: "\(address) {\n}", file: "Corefile", defaultPort: 1053)
        #expect(configuration.blocks.map(\.zones) == [[zone]])
        #expect(configuration.blocks.map(\.port) == [port])
    }

    @Test(
        "What is no address is refused with what was expected",
        arguments: [
            Verdict(":53", "expected a zone before ':53', as in .:53 for all zones"),
            Verdict("dns://:53", "expected a zone before ':53', as in .:53 for all zones"),
            Verdict("a:", "'' is not a port, expected a number from 0 to 65535 after ':'"),
            Verdict(
                "a:65536", "'65536' is not a port, expected a number from 0 to 65535 after ':'"),
            Verdict("a:-1", "'-1' is not a port, expected a number from 0 to 65535 after ':'"),
            Verdict("a:+1", "'+1' is not a port, expected a number from 0 to 65535 after ':'"),
            Verdict("a:dns", "'dns' is not a port, expected a number from 0 to 65535 after ':'"),
            Verdict(
                "a:1:2",
                "'a:1' is not a valid domain name: a label holds something else than letters, digits, '-' and '_'"
            ),
            Verdict("a..b", "'a..b' is not a valid domain name: a label is empty"),
            Verdict(".a", "'.a' is not a valid domain name: a label is empty"),
            Verdict("..", "'..' is not a valid domain name: a label is empty"),
            Verdict(
                "*.a",
                "'*.a' is not a valid domain name: a label holds something else than letters, digits, '-' and '_'"
            ),
            Verdict(
                #"\065.a"#,
                #"'\065.a' is not a valid domain name: a label holds something else than letters, digits, '-' and '_'"#
            ),
            Verdict(
                "ä",
                "'ä' is not a valid domain name: a label holds something else than letters, digits, '-' and '_'"
            ),
            Verdict("a,b", "'a,b': expected a space or a new line behind a comma"),
            Verdict("a:53{", "'a:53{': expected a space before '{'"),
            Verdict(
                "https://a",
                "https:// is not supported by fabdns, expected dns://, tls:// or no scheme"),
            Verdict(
                "https3://a",
                "https3:// is not supported by fabdns, expected dns://, tls:// or no scheme"),
            Verdict(
                "grpc://a",
                "grpc:// is not supported by fabdns, expected dns://, tls:// or no scheme"),
            Verdict(
                "quic://a",
                "quic:// is not supported by fabdns, expected dns://, tls:// or no scheme"),
            Verdict("foo://a", "unknown scheme 'foo://', expected dns://, tls:// or no scheme"),
            Verdict("://a", "unknown scheme '://', expected dns://, tls:// or no scheme"),
            Verdict("dns://", "expected the name of a zone, '.' for all"),
            Verdict(
                "10.0.0.0/33",
                "'10.0.0.0/33' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24"),
            Verdict(
                "10.0.0/24",
                "'10.0.0/24' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24"),
            Verdict(
                "10.0.0.0/",
                "'10.0.0.0/' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24"),
            Verdict(
                "10.0.0.0/8/8",
                "'10.0.0.0/8/8' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24"),
            Verdict(
                "::/129", "'::/129' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24"),
            Verdict(
                "10.0.0.0\u{0}/8",
                "'10.0.0.0\u{0}/8' is not a network, expected ADDRESS/LENGTH as in 10.0.0.0/24"),
        ])
    func refused(_ verdict: Verdict) {
        #expect(
            refusal(of: ". \(verdict.text) {\n}") == verdict.message.map { "Corefile:1:3: " + $0 })
    }

    @Test("A label has up to 63 octets and a name up to 255 on the wire")
    func lengths() {
        let label = String(repeating: "a", count: 63)
        #expect(
            refusal(of: "\(label)a {\n}")?.hasSuffix("a label is longer than 63 octets") == true)
        let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(refusal(of: "\(name) {\n}") == nil)
        #expect(refusal(of: "\(name)b {\n}")?.hasSuffix("it is longer than 255 octets") == true)
    }

    @Test(
        "A network stands for its reverse zones",
        arguments: [
            ("10.0.0.0/8", ["10.in-addr.arpa."]),
            ("10.1.2.3/24", ["2.1.10.in-addr.arpa."]),
            ("10.1.2.3/32", ["3.2.1.10.in-addr.arpa."]),
            ("0.0.0.0/0", ["in-addr.arpa."]),
            ("10.0.2.0/23", ["2.0.10.in-addr.arpa.", "3.0.10.in-addr.arpa."]),
            (
                "10.1.0.0/14",
                [
                    "0.10.in-addr.arpa.", "1.10.in-addr.arpa.", "2.10.in-addr.arpa.",
                    "3.10.in-addr.arpa.",
                ]
            ),
            ("2001:db8::/32", ["8.b.d.0.1.0.0.2.ip6.arpa."]),
            ("2001:db8::/31", ["8.b.d.0.1.0.0.2.ip6.arpa.", "9.b.d.0.1.0.0.2.ip6.arpa."]),
            ("::/0", ["ip6.arpa."]),
        ])
    func reverseZones(_ network: String, _ zones: [String]) throws {
        #expect(try read("\(network) {\n}").blocks[0].zones == zones)
    }

    @Test("A length between two octets stands for up to 128 zones")
    func manyReverseZones() throws {
        for (network, count, last) in [
            ("10.0.0.0/1", 128, "127.in-addr.arpa."),
            ("255.0.0.0/25", 128, "127.0.0.255.in-addr.arpa."),
            ("ff00::/1", 8, "f.ip6.arpa."),
        ] {
            let zones = try read("\(network) {\n}").blocks[0].zones
            #expect(zones.count == count)
            #expect(Set(zones).count == count)
            #expect(zones.last == last)
        }
    }
}
