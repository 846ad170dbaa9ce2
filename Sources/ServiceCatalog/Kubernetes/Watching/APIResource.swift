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
        case serviceExports = "serviceexports"
        case serviceImports = "serviceimports"

        /// The versions that we can read, the one that is asked for first before the others.
        var versions: [String] {
            switch self {
            case .services, .nodes, .endpointSlices, .secrets: ["v1"]
            case .globalServices: ["v1alpha1"]
            case .serviceExports, .serviceImports: ["v1beta1", "v1alpha1"]
            }
        }

        /// As a ClusterRole names it.
        var apiGroup: String {
            switch self {
            case .services, .nodes, .secrets: ""
            case .endpointSlices: "discovery.k8s.io"
            case .globalServices: "dns.fabedge.io"
            case .serviceExports, .serviceImports: "multicluster.x-k8s.io"
            }
        }

        /// Whether every API server serves it: no kind of a CustomResourceDefinition.
        var isBuiltIn: Bool {
            switch self {
            case .services, .endpointSlices, .nodes, .secrets: true
            case .globalServices, .serviceExports, .serviceImports: false
            }
        }

        /// Whether the metadata are all that matters, a tenth of the octets.
        var isMetadataOnly: Bool { self == .nodes || self == .serviceExports }
    }

    let kind: Kind
    /// Nil for all namespaces, and for kinds that have none.
    var namespace: String?
    /// As the API takes it; nil for all objects.
    var labelSelector: String?

    /// The collection's path in a version of its kind, without query.
    func path(version: String) -> String {
        let group = kind.apiGroup.isEmpty ? "/api" : "/apis/\(kind.apiGroup)"
        let namespaced = namespace.map { "/namespaces/\($0)" } ?? ""
        return "\(group)/\(version)\(namespaced)/\(kind.rawValue)"
    }

    /// `services`, or `services in NAMESPACE`.
    var description: String { kind.rawValue + (namespace.map { " in \($0)" } ?? "") }
}
