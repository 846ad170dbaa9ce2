// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A collection of the Kubernetes API that is listed and watched.
struct APIResource: Sendable, Hashable, CustomStringConvertible {
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case services
        case endpointSlices = "endpointslices"
        case nodes
        case globalServices = "globalservices"
        case secrets

        /// The path of the API group's version.
        fileprivate var groupPath: String {
            switch self {
            case .services, .nodes, .secrets: "/api/v1"
            case .endpointSlices: "/apis/discovery.k8s.io/v1"
            case .globalServices: "/apis/dns.fabedge.io/v1alpha1"
            }
        }

        /// As a ClusterRole names it.
        var apiGroup: String {
            switch self {
            case .services, .nodes, .secrets: ""
            case .endpointSlices: "discovery.k8s.io"
            case .globalServices: "dns.fabedge.io"
            }
        }
    }

    let kind: Kind
    /// Nil for all namespaces, and for kinds that have none.
    var namespace: String?
    /// As the API takes it; nil for all objects.
    var labelSelector: String?

    /// The collection's path, without query.
    var path: String {
        let namespaced = namespace.map { "/namespaces/\($0)" } ?? ""
        return "\(kind.groupPath)\(namespaced)/\(kind.rawValue)"
    }

    /// `services`, or `services in NAMESPACE`.
    var description: String { kind.rawValue + (namespace.map { " in \($0)" } ?? "") }
}
