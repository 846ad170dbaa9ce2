// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Namespace and name of a Service: the identity that namespace sameness gives it in every cluster
/// (KEP-1645).
package struct ServiceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// An RFC 1123 label in lower case.
    package let namespace: String
    /// An RFC 1035 label in lower case.
    package let name: String

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, as kubectl prints it.
    package var description: String { "\(namespace)/\(name)" }

    package static func < (left: ServiceName, right: ServiceName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
