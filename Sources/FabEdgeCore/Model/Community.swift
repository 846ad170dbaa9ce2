// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A named set of clusters whose connectors exchange traffic: a cluster-type `Community` of
/// `fabedge.io/v1alpha1`.
///
/// This is all that the room of tunnels and routes holds today. Plans of tunnels and routes, and
/// what applies them, come with the programs that run them.
package struct Community: Hashable, Sendable {
    /// The name of the Kubernetes object, an RFC 1123 subdomain.
    package let name: String
    /// Cluster ids; one that nobody has heard of yet is kept, since it may join later.
    package let clusters: Set<String>

    package init(name: String, clusters: Set<String>) {
        self.name = name
        self.clusters = clusters
    }

    /// Whether both clusters are members.
    package func joins(_ first: String, _ second: String) -> Bool {
        clusters.contains(first) && clusters.contains(second)
    }
}

extension Sequence<Community> {
    /// Whether traffic may pass between two clusters: within one cluster always, between two when
    /// they are members of the same Community.
    ///
    /// The relation is symmetric and not transitive: a cluster in two Communities carries nothing
    /// from one to the other.
    package func mayTalk(_ first: String, _ second: String) -> Bool {
        first == second || contains { $0.joins(first, second) }
    }
}
