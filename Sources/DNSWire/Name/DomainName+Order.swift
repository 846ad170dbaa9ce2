// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension DomainName: Hashable {
    package static func == (left: DomainName, right: DomainName) -> Bool {
        // A length octet is at most 63 and so never a letter.
        left.wireOctets.elementsEqual(right.wireOctets) { $0.lowercased == $1.lowercased }
    }

    package func hash(into hasher: inout Hasher) {
        for octet in wireOctets { hasher.combine(octet.lowercased) }
    }
}

extension DomainName: Comparable {
    /// The canonical order of RFC 4034 §6.1: by the rightmost label first, and a name before
    /// everything below it.
    package static func < (left: DomainName, right: DomainName) -> Bool {
        left.labels.reversed().lexicographicallyPrecedes(right.labels.reversed())
    }
}

extension DomainName {
    /// Whether this name is `ancestor` or below it (RFC 9499 §7, "subdomain").
    package func isSubdomain(of ancestor: DomainName) -> Bool {
        let start = wireOctets.count - ancestor.wireOctets.count
        guard start >= 0 else { return false }
        // Octets inside a label may look like the ancestor's, so the cut must be a label's start.
        guard ancestor.isRoot || labelOffsets.contains(start) else { return false }
        return DomainName(validWire: Array(wireOctets[start...])) == ancestor
    }
}
