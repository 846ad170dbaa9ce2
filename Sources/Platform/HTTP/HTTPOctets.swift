// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The classes of octets that HTTP knows (RFC 9110 §5.6).
extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20

    /// Of a method or a field name.
    var isHTTPToken: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Of a field value: anything but control octets.
    var isHTTPText: Bool { self >= .space && self != 0x7F || self == .tab }

    var isHTTPBlank: Bool { self == .space || self == .tab }

    var hexadecimalDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension ArraySlice<UInt8> {
    var trimmed: Self {
        var rest = drop(while: \.isHTTPBlank)
        while let last = rest.last, last.isHTTPBlank { rest.removeLast() }
        return rest
    }

    /// With `%xx` decoded; nil where that is broken, or what it stands for is a control octet or no
    /// UTF-8.
    var percentDecoded: String? {
        var octets: [UInt8] = []
        var index = startIndex
        while index < endIndex {
            var octet = self[index]
            if octet == UInt8(ascii: "%") {
                guard index + 2 < endIndex, let high = self[index + 1].hexadecimalDigit,
                    let low = self[index + 2].hexadecimalDigit
                else { return nil }
                octet = high << 4 | low
                index += 2
            }
            guard octet >= .space, octet != 0x7F else { return nil }
            octets.append(octet)
            index += 1
        }
        return String(validating: octets, as: UTF8.self)
    }
}
