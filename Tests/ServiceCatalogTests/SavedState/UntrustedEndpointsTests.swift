// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Packed endpoints that are not trusted")
struct UntrustedEndpointsTests {
    private static let here = Locality(cluster: "a", region: nil, zone: nil)
    private static let there = Locality(cluster: "b", region: nil, zone: nil)

    private static func accepts(
        _ octets: [UInt8], _ localities: [Locality] = [here]
    ) -> Bool {
        // As part of something larger: indices do not begin at 0.
        let file = [9, 9, 9] + octets + [9, 9, 9]
        return PackedEndpoints(
            untrusted: file[3..<(3 + octets.count)], localities: localities) != nil
    }

    /// A table of one record, and the record.
    private static func one(_ record: [UInt8]) -> [UInt8] { [4, 0, 0, 0] + record }

    /// A record's end: one IPv4 address, no hostname, no Node.
    private static let rest: [UInt8] = [1, 4, 10, 0, 0, 1, 0, 0]

    @Test("What the packer writes is accepted and is the same")
    func own() throws {
        let packed = PackedEndpoints([
            Endpoint(addresses: [.v4(1)], hostname: "a", locality: Self.here, nodeName: "Node é"),
            Endpoint(addresses: [.v6(1, 2), .v4(3)], locality: Self.there, conditions: []),
            Endpoint(addresses: [.v4(4)], locality: Self.here),
        ])
        let again = try #require(
            PackedEndpoints(untrusted: packed.octets[...], localities: packed.localities))
        #expect(again == packed)
        #expect(Array(again) == Array(packed))
        #expect(Self.accepts([], []))
        #expect(Self.accepts(Self.one([3, 0] + Self.rest)))
    }

    @Test(
        "A record that the packer would not write is refused",
        arguments: [
            ("an unknown condition", [8, 0, 1, 4, 10, 0, 0, 1, 0, 0]),
            ("a locality that is not there", [3, 1, 1, 4, 10, 0, 0, 1, 0, 0]),
            ("a number in a longer form", [3, 0x80, 0, 1, 4, 10, 0, 0, 1, 0, 0]),
            ("a number without end", [3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
            ("no address", [3, 0, 0, 0, 0]),
            ("more addresses than octets", [3, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 4, 10, 0, 0, 1]),
            ("an address of 5 octets", [3, 0, 1, 5, 10, 0, 0, 1, 1, 0, 0]),
            ("an address that is cut", [3, 0, 1, 16, 10, 0, 0, 1]),
            ("no texts", [3, 0, 1, 4, 10, 0, 0, 1]),
            ("a text that is cut", [3, 0, 1, 4, 10, 0, 0, 1, 0, 2, 0x61]),
            ("a host name in capitals", [3, 0, 1, 4, 10, 0, 0, 1, 1, 0x41, 0]),
            ("a Node that is no UTF-8", [3, 0, 1, 4, 10, 0, 0, 1, 0, 1, 0xFF]),
            ("octets that follow", [3, 0, 1, 4, 10, 0, 0, 1, 0, 0, 0]),
            ("nothing", []),
        ] as [(String, [UInt8])])
    func records(_ what: String, _ record: [UInt8]) {
        #expect(!Self.accepts(Self.one(record)), "\(what)")
    }

    @Test("A table that does not fit its records is refused")
    func tables() {
        let record: [UInt8] = [3, 0] + Self.rest
        #expect(Self.accepts([8, 0, 0, 0, 18, 0, 0, 0] + record + record))
        for table: [UInt8] in [
            [0, 0, 0, 0], [1, 0, 0, 0], [8, 0, 0, 0], [0xFC, 0xFF, 0xFF, 0xFF], [4, 0, 0],
        ] {
            #expect(!Self.accepts(table + record), "\(table)")
        }
        for second: UInt8 in [0, 8, 17, 19, 28] {
            #expect(!Self.accepts([8, 0, 0, 0, second, 0, 0, 0] + record + record), "\(second)")
        }
    }

    @Test("Localities are all used, and stand in the order of their first use")
    func localities() {
        func two(_ first: UInt8, _ second: UInt8) -> [UInt8] {
            [8, 0, 0, 0, 18, 0, 0, 0, 3, first] + Self.rest + [3, second] + Self.rest
        }
        #expect(Self.accepts(two(0, 1), [Self.here, Self.there]))
        #expect(!Self.accepts(two(1, 0), [Self.here, Self.there]))
        #expect(!Self.accepts(two(0, 0), [Self.here, Self.there]))
        #expect(!Self.accepts([], [Self.here]))
    }
}
