// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension IPAddress: LosslessStringConvertible {
    /// Four decimal numbers without leading zeros, or RFC 4291 §2.2 in its three forms; no zone, no
    /// prefix length.
    ///
    /// An IPv4-mapped IPv6 address is the IPv4 address.
    package init?(_ text: String) { self.init(octets: Array(text.utf8)[...]) }

    /// The same from the octets of the text.
    init?(octets text: ArraySlice<UInt8>) {
        guard text.count <= Self.maximumTextLength else { return nil }
        guard text.contains(UInt8(ascii: ":")) else {
            guard let value = Self.v4Value(text) else { return nil }
            self = .v4(value)
            return
        }
        guard let (high, low) = Self.v6Value(text) else { return nil }
        self =
            high == 0 && low >> 32 == 0xFFFF
            ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low)
    }

    /// Six groups and a dotted decimal.
    private static var maximumTextLength: Int { 45 }

    /// Dotted decimal, or RFC 5952 §4.
    package var description: String {
        switch self {
        case .v4(let value):
            return (0..<4).map { String(value >> (24 - 8 * $0) & 0xFF) }.joined(separator: ".")
        case .v6(let high, let low):
            let groups = (0..<8).map { index in
                UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> (48 - 16 * (index & 3)))
            }
            let zeros = Self.longestZeroRun(groups)
            let texts = groups.map { String($0, radix: 16) }
            guard zeros.count > 1 else { return texts.joined(separator: ":") }
            return texts[..<zeros.lowerBound].joined(separator: ":") + "::"
                + texts[zeros.upperBound...].joined(separator: ":")
        }
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest
    }

    private static func v4Value(_ text: ArraySlice<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        var parts = 0
        for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard parts < 4, let octet = decimalOctet(part) else { return nil }
            value = value << 8 | octet
            parts += 1
        }
        return parts == 4 ? value : nil
    }

    private static func decimalOctet(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard 1...3 ~= text.count, text.count == 1 || text.first != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt32 = 0
        for octet in text {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet else { return nil }
            value = value * 10 + UInt32(octet - UInt8(ascii: "0"))
        }
        return value <= 255 ? value : nil
    }

    private static func v6Value(_ text: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var isCompressed = false
        var rest = text
        if rest.starts(with: doubleColon) {
            isCompressed = true
            rest = rest.dropFirst(2)
        } else if rest.first == UInt8(ascii: ":") {
            return nil
        }
        while !rest.isEmpty {
            let part = rest.prefix { $0 != UInt8(ascii: ":") }
            guard let groups = groups(part, isLast: part.endIndex == rest.endIndex) else {
                return nil
            }
            if isCompressed { tail += groups } else { head += groups }
            rest = rest[part.endIndex...]
            if rest.starts(with: doubleColon) {
                guard !isCompressed else { return nil }
                isCompressed = true
                rest = rest.dropFirst(2)
            } else if !rest.isEmpty {
                rest = rest.dropFirst()
                guard !rest.isEmpty else { return nil }
            }
        }
        let missing = 8 - head.count - tail.count
        guard isCompressed ? missing >= 1 : missing == 0 else { return nil }
        let all = head + Array(repeating: 0, count: missing) + tail
        return (
            all[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            all[4...].reduce(0) { $0 << 16 | UInt64($1) }
        )
    }

    private static var doubleColon: [UInt8] { [UInt8(ascii: ":"), UInt8(ascii: ":")] }

    /// One group of up to four hexadecimal digits, or the two of a dotted decimal at the end.
    private static func groups(_ part: ArraySlice<UInt8>, isLast: Bool) -> [UInt16]? {
        if isLast, part.contains(UInt8(ascii: ".")) {
            guard let value = v4Value(part) else { return nil }
            return [UInt16(value >> 16), UInt16(value & 0xFFFF)]
        }
        guard 1...4 ~= part.count else { return nil }
        var value: UInt16 = 0
        for octet in part {
            guard let digit = Character(Unicode.Scalar(octet)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return [value]
    }
}
