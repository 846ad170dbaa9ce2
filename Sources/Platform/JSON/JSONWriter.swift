// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Writes one JSON document (RFC 8259), without white space, into octets it owns.
///
/// Commas and escapes are its own affair; that objects and arrays are closed is the caller's.
package struct JSONWriter: Sendable {
    package private(set) var octets: [UInt8] = []
    /// Whether a value has been written at the current level since it began.
    private var needsComma = false

    package init() {}

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// A field's name; its value comes next.
    package mutating func field(_ name: String) {
        text(name)
        octets.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func text(_ value: String) {
        separate()
        octets.append(UInt8(ascii: "\""))
        for octet in value.utf8 { append(escaping: octet) }
        octets.append(UInt8(ascii: "\""))
    }

    package mutating func integer(_ value: Int) { literal(String(value)) }
    package mutating func boolean(_ value: Bool) { literal(value ? "true" : "false") }
    package mutating func null() { literal("null") }

    private mutating func append(escaping octet: UInt8) {
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            octets.append(UInt8(ascii: "\\"))
            octets.append(octet)
        case 0..<0x20:
            let digits = String(octet, radix: 16)
            octets.append(contentsOf: (digits.utf8.count == 1 ? "\\u000" : "\\u00").utf8)
            octets.append(contentsOf: digits.utf8)
        default:
            octets.append(octet)
        }
    }

    private mutating func literal(_ text: String) {
        separate()
        octets.append(contentsOf: text.utf8)
    }

    private mutating func begin(_ opening: UInt8) {
        separate()
        octets.append(opening)
        needsComma = false
    }

    private mutating func end(_ closing: UInt8) {
        octets.append(closing)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { octets.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
