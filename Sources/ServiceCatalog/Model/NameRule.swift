// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Which texts are names in Kubernetes; all are lower case here, as the API server requires.
enum NameRule {
    /// A letter, then letters, digits and inner hyphens (RFC 1035 §2.3.1); up to 63 octets.
    static func isRFC1035Label(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, isLetter(first) else { return false }
        return isRFC1123Label(text)
    }

    /// Letters, digits and inner hyphens (RFC 1123 §2.1); up to 63 octets.
    static func isRFC1123Label(_ text: ArraySlice<UInt8>) -> Bool {
        guard 1...63 ~= text.count, text.first != hyphen, text.last != hyphen else { return false }
        return text.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen }
    }

    /// RFC 1123 labels with dots between them, up to 253 octets in all.
    static func isRFC1123Subdomain(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count <= 253 else { return false }
        return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy(isRFC1123Label)
    }

    /// A cluster's id (KEP-1645): an RFC 1123 label, or two with a dot between them.
    static func isClusterID(_ text: ArraySlice<UInt8>) -> Bool {
        let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return 1...2 ~= labels.count && labels.allSatisfy(isRFC1123Label)
    }

    /// A port's name: an RFC 1123 label, as Kubernetes allows, that with `_` before it is a DNS
    /// label still.
    static func isPortName(_ text: ArraySlice<UInt8>) -> Bool {
        text.count <= 62 && isRFC1123Label(text)
    }

    private static var hyphen: UInt8 { UInt8(ascii: "-") }

    private static func isLetter(_ octet: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= octet
    }

    private static func isDigit(_ octet: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet
    }
}
