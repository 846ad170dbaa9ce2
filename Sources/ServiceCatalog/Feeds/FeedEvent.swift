// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a feed says.
///
/// Events are level-triggered: applying one twice changes nothing.
package enum FeedEvent: Sendable {
    /// The whole of what the feed knows; what it no longer has is gone.
    case replaced([ExportedService])
    case upserted(ExportedService)
    /// Somebody deleted it, or took its export back.
    case removed(ServiceName)
    /// A list has come to its end: these are all names it has.
    ///
    /// What else was known is missing, which nobody said; the shrink brake decides what that means.
    case listed(Set<ServiceName>)
    /// The feed is complete and current.
    case synced
    /// The source has not been heard since then, in seconds since 1970; what it said stays.
    case lost(since: Double)
    /// The source cannot be heard, and never was: why.
    case unheard(reason: String)
    /// The source may not be heard, and can be done without.
    case absent
}

/// Which feed of a catalog.
package enum FeedIdentity: Hashable, Sendable {
    /// The API of one cluster, whose Services it exports.
    case direct(cluster: String)
    /// GlobalServices of the own API: many clusters.
    case hub
    /// ServiceImports of the own API, which another controller of KEP-1645 makes: many clusters.
    case imports
    /// A catalog file: many clusters.
    case file

    /// The one with the smaller rank delivers a cluster that several have.
    var rank: Int {
        switch self {
        case .direct: 0
        case .hub: 1
        case .imports: 2
        case .file: 3
        }
    }

    /// The name for logs and metrics.
    ///
    /// A cluster's id is in lower case and without blanks, so no feed of many clusters has the name
    /// of one.
    package var name: String {
        switch self {
        case .direct(let cluster): cluster
        case .hub: "GlobalServices"
        case .imports: "ServiceImports"
        case .file: "catalog file"
        }
    }

    /// As a sentence has it.
    package var description: String {
        switch self {
        case .direct(let cluster): "cluster \(cluster)"
        case .hub: "the GlobalServices"
        case .imports: "the ServiceImports"
        case .file: "the catalog file"
        }
    }
}
