// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Glibc

/// An address block as in `10.0.0.0/24`, which names reverse zones (RFC 1035 §3.5, RFC 3596 §2.5).
package struct Network: Sendable, Equatable {
    /// 4 or 16 octets in network order; the bits behind the prefix count for nothing.
    package let octets: [UInt8]
    package let prefixLength: Int

    /// Nil for anything but an address, `/` and a decimal length that fits its family.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2,
            let octets = Self.octets(ofAddress: String(parts[0])),
            (1...3).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let length = Int(parts[1]), length <= octets.count * 8
        else { return nil }
        self.octets = octets
        prefixLength = length
    }

    /// The zones, one label per octet (IPv4) or half octet (IPv6).
    ///
    /// A length between two labels
    /// stands for every zone of the longer one: at most 128.
    var reverseZones: [String] {
        let isIPv4 = octets.count == 4
        let bitsPerLabel = isIPv4 ? 8 : 4
        let suffix = isIPv4 ? "in-addr.arpa." : "ip6.arpa."
        let units = isIPv4 ? octets : octets.flatMap { [$0 >> 4, $0 & 0x0F] }
        let whole = prefixLength / bitsPerLabel
        let restBits = prefixLength % bitsPerLabel
        let base = units[..<whole].reversed().map { label($0, isIPv4) }.joined() + suffix
        guard restBits > 0 else { return [base] }
        let freeBits = bitsPerLabel - restBits
        let first = (units[whole] >> freeBits) << freeBits
        return (0..<(UInt8(1) << freeBits)).map { label(first + $0, isIPv4) + base }
    }

    private func label(_ unit: UInt8, _ isIPv4: Bool) -> String {
        String(unit, radix: isIPv4 ? 10 : 16) + "."
    }

    /// The octets of an IPv4 or IPv6 address in its usual text form; nil for anything else.
    static func octets(ofAddress text: String) -> [UInt8]? {
        // C would read up to a zero octet only.
        guard !text.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var octets = [UInt8](repeating: 0, count: count)
            // inet_pton writes exactly the octets of the family's address.
            let result = unsafe octets.withUnsafeMutableBytes {
                unsafe inet_pton(family, text, $0.baseAddress)
            }
            if result == 1 { return octets }
        }
        return nil
    }
}
