// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Which Services and EndpointSlices of a cluster a pair of watches brings.
enum ExportScope: Hashable, Sendable {
    /// Those with the label, of all namespaces.
    case labelled
    /// All of a namespace in which a ServiceExport is for a Service without the label.
    case namespace(String)
    /// All, where those namespaces are too many.
    case all

    var resources: [APIResource] {
        switch self {
        case .labelled: []
        case .namespace(let namespace):
            [
                APIResource(kind: .services, namespace: namespace),
                APIResource(kind: .endpointSlices, namespace: namespace),
            ]
        case .all: [APIResource(kind: .services), APIResource(kind: .endpointSlices)]
        }
    }
}

extension APIResource {
    /// Of other kinds than Services and EndpointSlices there is one watch only.
    var scope: ExportScope {
        guard kind == .services || kind == .endpointSlices, labelSelector == nil else {
            return .labelled
        }
        return namespace.map { .namespace($0) } ?? .all
    }
}
