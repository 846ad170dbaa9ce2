// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The characters of presentation format, and their escapes on the way out (RFC 1035 §5.1).
enum PresentationEscape {
    /// What is written behind a backslash in a name: what zone files give a meaning to.
    private static let bareSpecials = Array(#".\"();@$"#.utf8)
    private static let quotedSpecials = Array(#"\""#.utf8)

    /// Octets as they stand in a name, without quotes.
    static func bareText(_ octets: some Sequence<UInt8>) -> String {
        text(octets, plain: 0x21...0x7E, specials: bareSpecials)
    }

    /// Octets between quotes, where a space needs no escape.
    static func quotedText(_ octets: some Sequence<UInt8>) -> String {
        "\"" + text(octets, plain: 0x20...0x7E, specials: quotedSpecials) + "\""
    }

    /// Whether an octet may stand in a name without a backslash.
    ///
    /// More lenient than what we write: `$` means something only at the start of a line, `@` only
    /// alone.
    static func mayStandBare(_ octet: UInt8) -> Bool {
        0x21...0x7E ~= octet && !#""();"#.utf8.contains(octet)
    }

    private static func text(
        _ octets: some Sequence<UInt8>, plain: ClosedRange<UInt8>, specials: [UInt8]
    ) -> String {
        var text: [UInt8] = []
        for octet in octets {
            if specials.contains(octet) {
                text += [UInt8(ascii: "\\"), octet]
            } else if plain ~= octet {
                text.append(octet)
            } else {
                let zero = UInt8(ascii: "0")
                text.append(UInt8(ascii: "\\"))
                text += [zero + octet / 100, zero + octet / 10 % 10, zero + octet % 10]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Reads text octet by octet and resolves `\X` and `\DDD` (RFC 1035 §5.1).
struct EscapedReader {
    private let text: ArraySlice<UInt8>
    private var position: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    /// The next octet, whether a backslash stood before it, and where it or its backslash stands;
    /// nil at the end.
    mutating func next() throws(PresentationError) -> (
        octet: UInt8, isEscaped: Bool, offset: Int
    )? {
        guard position < text.endIndex else { return nil }
        let start = position
        position += 1
        guard text[start] == UInt8(ascii: "\\") else { return (text[start], false, start) }
        guard position < text.endIndex else { throw .badEscape(at: start) }
        guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[position] else {
            defer { position += 1 }
            // An escape makes a special character plain; it is not a way to smuggle in what is
            // not printable ASCII.
            guard 0x20...0x7E ~= text[position] else { throw .badEscape(at: start) }
            return (text[position], true, start)
        }
        let digits = text[position...].prefix(3)
        guard digits.count == 3, let octet = UInt8(decimal: digits) else {
            throw .badEscape(at: start)
        }
        position += 3
        return (octet, true, start)
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Reads decimal digits and nothing else; nil if there are none, or the number does not fit.
    init?(decimal digits: some Collection<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var value: Self = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, stillTooLarge) = shifted.addingReportingOverflow(
                Self(digit - UInt8(ascii: "0")))
            guard !tooLarge, !stillTooLarge else { return nil }
            value = sum
        }
        self = value
    }
}
