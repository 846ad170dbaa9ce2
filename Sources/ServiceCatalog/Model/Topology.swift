// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Where endpoints are: what the ranking compares with a `Place`.
///
/// A topology that is not known is nil and near to nothing; it never equals another unknown one.
/// Very many endpoints share few localities, so it is an immutable object: a feed makes each
/// distinct one once.
package final class Locality: Hashable, Sendable {
    /// The cluster's id, an RFC 1123 subdomain.
    package let cluster: String?
    /// The topology region (`topology.kubernetes.io/region`).
    package let region: String?
    /// The topology zone (`topology.kubernetes.io/zone`), compared alone: a zone of another region
    /// matches.
    package let zone: String?

    package init(cluster: String?, region: String?, zone: String?) {
        self.cluster = cluster
        self.region = region
        self.zone = zone
    }

    package static func == (left: Locality, right: Locality) -> Bool {
        left === right
            || left.cluster == right.cluster && left.region == right.region
                && left.zone == right.zone
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(cluster)
        hasher.combine(region)
        hasher.combine(zone)
    }
}

/// Where an asker is.
package struct Place: Hashable, Sendable {
    package var cluster: String?
    package var region: String?
    package var zone: String?
    package var node: String?

    package init(
        cluster: String? = nil, region: String? = nil, zone: String? = nil, node: String? = nil
    ) {
        self.cluster = cluster
        self.region = region
        self.zone = zone
        self.node = node
    }
}
