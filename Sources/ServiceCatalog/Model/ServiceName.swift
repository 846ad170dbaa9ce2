// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Namespace and name of a Service: the identity that namespace sameness gives it in every cluster
/// (KEP-1645).
package struct ServiceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// An RFC 1123 label in lower case.
    package let namespace: String
    /// An RFC 1035 label in lower case.
    package let name: String
    /// Hashed once: a name is looked up in every feed, and in what follows from them.
    private let digest: Int

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
        var hasher = Hasher()
        hasher.combine(namespace)
        hasher.combine(name)
        digest = hasher.finalize()
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    package static func == (left: ServiceName, right: ServiceName) -> Bool {
        left.digest == right.digest && left.name == right.name && left.namespace == right.namespace
    }

    /// `namespace/name`, as kubectl prints it.
    package var description: String { "\(namespace)/\(name)" }

    package static func < (left: ServiceName, right: ServiceName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
