// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `names fabdns|mcs`: which names a zone has; docs/naming.md shows both.
package enum NameForms: String, Sendable, CaseIterable {
    /// fab-dns's.
    case fabdns
    /// Those of the Multi-Cluster Services API (KEP-1645) and no others.
    case mcs

    /// What a zone has unless its block says something else.
    ///
    /// `zone` is in lower case with the final dot.
    package static func usual(in zone: String) -> NameForms {
        zone == mcsZone || zone.hasSuffix(".\(mcsZone)") ? .mcs : .fabdns
    }

    private static let mcsZone = "clusterset.local."

    /// What a Corefile may say.
    static let usage = "names " + allCases.map(\.rawValue).joined(separator: "|")
}
