// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of a type that has no structure here, as octets (RFC 3597).
package struct UnknownRecordData: Hashable, Sendable {
    /// RDLENGTH has 16 bits.
    package static let maximumOctets = 0xFFFF

    package let type: RecordType
    /// The octets behind RDLENGTH, which may hold no pointers (RFC 3597 §4).
    package let octets: [UInt8]

    /// Reads all that the cursor may see.
    ///
    /// Only for types that ``RecordData`` has no case for.
    init(type: RecordType, parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        self.type = type
        self.octets = try cursor.readOctets(cursor.remaining, octets)
    }
}

// MARK: - The generic form

extension UnknownRecordData: CustomStringConvertible {
    private static let mark = Array("\\#".utf8)

    /// The generic form of RFC 3597 §5: `\# 4 0a000001`.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        let hex = octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        guard !hex.isEmpty else { return "\\# 0" }
        return "\\# \(octets.count) \(String(decoding: hex, as: UTF8.self))"
    }

    static func isGenericMark(_ field: PresentationFields.Field) -> Bool {
        !field.isQuoted && field.text.elementsEqual(mark)
    }

    /// Reads what follows the mark: the length in decimal, then words of an even number of hex
    /// digits.
    static func genericOctets(
        _ fields: inout PresentationFields
    ) throws(PresentationError) -> [UInt8] {
        let lengthField = try fields.bareField()
        guard let length = UInt16(decimal: lengthField.text) else {
            throw .badNumber(at: lengthField.offset)
        }
        var octets: [UInt8] = []
        while let word = try fields.next() {
            guard !word.isQuoted, word.text.count.isMultiple(of: 2) else {
                throw .badRecordData(at: word.offset)
            }
            for index in stride(from: word.text.startIndex, to: word.text.endIndex, by: 2) {
                guard
                    let high = hexValue(word.text[index]),
                    let low = hexValue(word.text[index + 1])
                else { throw .badRecordData(at: index) }
                octets.append(high << 4 | low)
            }
        }
        guard octets.count == Int(length) else { throw .badRecordData(at: lengthField.offset) }
        return octets
    }
}

/// The value of one hex digit of either case; nil for any other character.
func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}
