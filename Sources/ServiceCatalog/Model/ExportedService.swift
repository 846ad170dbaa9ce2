// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A Service as the whole set of clusters exports it: a `GlobalService`, or the merge of
/// ServiceExports.
package final class ExportedService: Sendable, Equatable {
    package let name: ServiceName
    package let type: ServiceType
    package let ports: [ServicePort]
    /// In the order of the object, duplicates included.
    package let endpoints: PackedEndpoints
    /// When it was exported, in seconds since 1970; nil where the feed does not say.
    package let exportedSeconds: Double?

    package convenience init(
        name: ServiceName, type: ServiceType, ports: [ServicePort], endpoints: [Endpoint]
    ) {
        self.init(name: name, type: type, ports: ports, endpoints: PackedEndpoints(endpoints))
    }

    package init(
        name: ServiceName, type: ServiceType, ports: [ServicePort], endpoints: PackedEndpoints,
        exportedSeconds: Double? = nil
    ) {
        self.name = name
        self.type = type
        self.ports = ports
        self.endpoints = endpoints
        self.exportedSeconds = exportedSeconds
    }

    package static func == (left: ExportedService, right: ExportedService) -> Bool {
        left === right
            || left.name == right.name && left.type == right.type && left.ports == right.ports
                && left.endpoints == right.endpoints
                && left.exportedSeconds == right.exportedSeconds
    }
}

/// Whether a Service has an address of its own or is the set of its pods.
package enum ServiceType: String, Sendable {
    case clusterIP = "ClusterIP"
    case headless = "Headless"
}
