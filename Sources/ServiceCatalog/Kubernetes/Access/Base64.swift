// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The encoding of RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let pad = UInt8(ascii: "=")

    /// The octets; nil unless the text is of the standard alphabet and padded, white space apart.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var (bits, digits, pads): (UInt32, Int, Int) = (0, 0, 0)
        for sign in text where ![0x20, 0x09, 0x0A, 0x0D].contains(sign) {
            if sign == pad {
                pads += 1
                continue
            }
            guard pads == 0, let digit = value(of: sign) else { return nil }
            bits = bits << 6 | digit
            digits += 1
            if digits % 4 == 0 {
                octets += [16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
                bits = 0
            }
        }
        // What is left over of the last digit has to be 0, so that a value has one spelling.
        switch (digits % 4, pads) {
        case (0, 0): break
        case (2, 2) where bits & 0x0F == 0: octets.append(UInt8(truncatingIfNeeded: bits >> 4))
        case (3, 1) where bits & 0x03 == 0:
            octets += [10, 2].map { UInt8(truncatingIfNeeded: bits >> $0) }
        default: return nil
        }
        return octets
    }

    static func encode(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(
                    place > group.count ? pad : alphabet[Int(bits >> (18 - 6 * place) & 0x3F)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(of sign: UInt8) -> UInt32? {
        switch sign {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(sign - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(sign - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(sign - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
