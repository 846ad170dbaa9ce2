// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An immutable catalog: what services exist where, at one moment.
package struct CatalogSnapshot: Sendable {
    /// Grows by one with each publication.
    package let generation: UInt64
    package let services: ShardedMap<ServiceName, ExportedService>

    package init(generation: UInt64, services: ShardedMap<ServiceName, ExportedService>) {
        self.generation = generation
        self.services = services
    }
}

/// What moved between two snapshots.
package struct CatalogChange: Sendable {
    /// Services that came, went or differ.
    package let names: [ServiceName]

    package init(names: [ServiceName]) { self.names = names }
}
