// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One label of a domain name: 1 to 63 octets of any value, without the length octet.
///
/// Compared and hashed without the case of ASCII letters (RFC 4343 §3).
package struct Label: Sendable {
    /// RFC 1035 §2.3.4.
    package static let maximumOctets = 63

    /// The octets as they came, case kept.
    package let octets: ArraySlice<UInt8>

    /// Makes a label of `octets`; nil unless there are 1 to 63.
    package init?(_ octets: some Collection<UInt8>) {
        guard 1...Self.maximumOctets ~= octets.count else { return nil }
        self.octets = ArraySlice(octets)
    }

    /// Makes a label of a part of a valid name.
    init(valid octets: ArraySlice<UInt8>) {
        self.octets = octets
    }
}

extension Label: Hashable {
    package static func == (left: Label, right: Label) -> Bool {
        left.octets.elementsEqual(right.octets) { $0.lowercased == $1.lowercased }
    }

    package func hash(into hasher: inout Hasher) {
        for octet in octets { hasher.combine(octet.lowercased) }
    }
}

extension Label: Comparable {
    /// The order of RFC 4034 §6.1: as octets without case, and a label before its continuations.
    package static func < (left: Label, right: Label) -> Bool {
        left.octets.lexicographicallyPrecedes(right.octets) { $0.lowercased < $1.lowercased }
    }
}

extension Label: CustomStringConvertible {
    /// The label in presentation format.
    package var description: String {
        PresentationEscape.bareText(octets)
    }
}

extension UInt8 {
    /// The octet with an ASCII capital letter made small, the only folding DNS knows (RFC 4343 §3).
    var lowercased: UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self
    }
}
