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

    /// The names above it, nearest first: each is an empty non-terminal unless it has data.
    var parents: [RelativeName] {
        var parents: [RelativeName] = []
        var rest = octets[...]
        while let length = rest.first, rest.count > Int(length) + 1 {
            rest = rest.dropFirst(Int(length) + 1)
            parents.append(RelativeName(compiled: rest))
        }
        return parents
    }

    /// The name of a compiled owner.
    init(compiled octets: some Sequence<UInt8>) { self.octets = Array(octets) }

    var labelCount: Int { parents.count + 1 }
}
