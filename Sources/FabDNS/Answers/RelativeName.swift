// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The labels of an owner before its zone, in lower case, as length octets and labels without the
/// root: `\5nginx\7default\3svc`.
struct RelativeName: Hashable, Sendable {
    let octets: [UInt8]

    /// A relative name leaves room for the root and at least one label of the zone.
    static let maximumOctets = 251

    /// Nil when a label is not 1...63 octets or the whole is too long to be in any zone.
    init?(_ labels: [String]) {
        var octets: [UInt8] = []
        for label in labels {
            let text = label.utf8
            guard 1...63 ~= text.count else { return nil }
            octets.append(UInt8(text.count))
            octets.append(contentsOf: text)
        }
        guard 1...Self.maximumOctets ~= octets.count else { return nil }
        self.octets = octets
    }

    /// The name above it, an empty non-terminal unless it has data; nil above a single label.
    var parent: RelativeName? {
        guard let length = octets.first, octets.count > Int(length) + 1 else { return nil }
        return RelativeName(compiled: octets[(Int(length) + 1)...])
    }

    /// The name of a compiled owner.
    init(compiled octets: some Sequence<UInt8>) { self.octets = Array(octets) }

    var labelCount: Int { Self.labelCount(octets) }

    /// The labels of a compiled owner's name.
    static func labelCount<Octets: RandomAccessCollection<UInt8>>(_ octets: Octets) -> Int
    where Octets.Index == Int {
        var count = 0
        var offset = 0
        while offset < octets.count {
            offset += Int(octets[offset]) + 1
            count += 1
        }
        return count
    }
}
