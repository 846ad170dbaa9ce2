// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Testing

@Suite struct AddressTests {
    @Test(
        "an IPv4 address is four numbers of 0 to 255",
        arguments: [
            ("0.0.0.0", 0 as UInt32), ("10.0.0.1", 0x0A00_0001), ("192.0.2.255", 0xC000_02FF),
            ("255.255.255.255", 0xFFFF_FFFF),
        ])
    func ipv4(_ text: String, _ address: UInt32) {
        #expect(A(presentation: text)?.address == address)
        #expect(A(address: address).description == text)
    }

    @Test(
        "what inet_aton would guess at is no IPv4 address",
        arguments: [
            "", "1", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.", "1.2.3.4.5", "1..2.3", "256.0.0.1",
            "1.2.3.256", "01.2.3.4", "1.2.3.00", "0x1.2.3.4", "+1.2.3.4", "-1.2.3.4", "1.2.3.4 ",
            " 1.2.3.4", "1.2.3.4/8", "1.2.3.٤", "1.2.3.1000000000000000000000",
        ])
    func refusedIPv4(_ text: String) {
        #expect(A(presentation: text) == nil)
    }

    /// Text in, and the text of RFC 5952 out.
    static let addresses: [(text: String, high: UInt64, low: UInt64, printed: String)] = [
        ("::", 0, 0, "::"),
        ("::1", 0, 1, "::1"),
        ("1::", 0x0001_0000_0000_0000, 0, "1::"),
        ("2001:DB8::1", 0x2001_0db8_0000_0000, 1, "2001:db8::1"),
        ("2001:0db8:0:0:0:0:0:0001", 0x2001_0db8_0000_0000, 1, "2001:db8::1"),
        // One group of zero is not shortened (§4.2.2).
        (
            "2001:db8::1:1:1:1:1", 0x2001_0db8_0000_0001, 0x0001_0001_0001_0001,
            "2001:db8:0:1:1:1:1:1"
        ),
        // The longest run is (§4.2.3).
        ("2001:0:0:1:0:0:0:1", 0x2001_0000_0000_0001, 1, "2001:0:0:1::1"),
        // Of equal runs the first is.
        (
            "2001:db8:0:0:1:0:0:1", 0x2001_0db8_0000_0000, 0x0001_0000_0000_0001,
            "2001:db8::1:0:0:1"
        ),
        ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004, 0x0005_0006_0007_0000, "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004, 0x0005_0006_0007_0008, "0:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", 0, 0x0000_FFFF_C000_0201, "::ffff:192.0.2.1"),
        ("::ffff:c000:201", 0, 0x0000_FFFF_C000_0201, "::ffff:192.0.2.1"),
        ("::192.0.2.1", 0, 0xC000_0201, "::c000:201"),
        ("64:ff9b::192.0.2.33", 0x0064_ff9b_0000_0000, 0xC000_0221, "64:ff9b::c000:221"),
        (
            "1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004, 0x0005_0006_0102_0304,
            "1:2:3:4:5:6:102:304"
        ),
    ]

    @Test(
        "an IPv6 address is read in the forms of RFC 4291 and printed in RFC 5952's",
        arguments: addresses)
    func ipv6(_ row: (text: String, high: UInt64, low: UInt64, printed: String)) throws {
        let address = try #require(AAAA(presentation: row.text))
        #expect(address == AAAA(high: row.high, low: row.low))
        #expect(address.description == row.printed)
        #expect(AAAA(presentation: row.printed) == address)
    }

    @Test(
        "what is none of those forms is no IPv6 address",
        arguments: [
            "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:",
            ":2:3:4:5:6:7:8",
            ":1::2", "1::2:", "1::2::3", "1:2:3:4::5:6:7:8", "12345::", "g::", "::1%eth0", "::1/64",
            " ::1", "[::1]", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::",
            "1.2.3.4",
            "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::٤",
        ])
    func refusedIPv6(_ text: String) {
        #expect(AAAA(presentation: text) == nil)
    }

    @Test func `every pattern of zero groups prints to a text that reads back`() {
        for pattern in 0..<256 {
            let groups = (0..<8).map { UInt64(pattern >> $0 & 1) * 0xA }
            let address = AAAA(
                high: groups[..<4].reduce(0) { $0 << 16 | $1 },
                low: groups[4...].reduce(0) { $0 << 16 | $1 })
            #expect(AAAA(presentation: address.description) == address)
        }
    }
}
