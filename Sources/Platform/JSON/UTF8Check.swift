// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The first octet that begins no well-formed scalar (Unicode 15, table 3-7); nil where all do.
func firstInvalidUTF8(in octets: [UInt8], _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
        let lead = octets[index]
        if lead < 0x80 {
            index += 1
            continue
        }
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return index
        }
        guard index + length <= range.upperBound, second ~= octets[index + 1] else { return index }
        for following in octets[index + 2..<index + length] where following & 0xC0 != 0x80 {
            return index
        }
        index += length
    }
    return nil
}
