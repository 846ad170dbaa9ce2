// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import Dispatch

/// What is known of all services, kept up to date by a feed and published as snapshots.
///
/// Owned by one queue.
package final class Catalog: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only, which `apply`
    // checks.
    private let queue: DispatchQueue
    private let publish: (CatalogSnapshot, CatalogChange) -> Void
    private var snapshot = CatalogSnapshot(
        generation: 0, services: ShardedMap(), freshness: .unsynced)

    /// `publish` is called on the queue, once for each batch of events that changes something.
    package init(
        queue: DispatchQueue, publish: @escaping (CatalogSnapshot, CatalogChange) -> Void
    ) {
        self.queue = queue
        self.publish = publish
    }

    /// Takes a batch of events; applying one twice changes nothing.
    package func apply(_ events: [FeedEvent]) {
        dispatchPrecondition(condition: .onQueue(queue))
        var services = snapshot.services
        var freshness = snapshot.freshness
        var changed: Set<ServiceName> = []
        for event in events {
            switch event {
            case .replaced(let all):
                replace(all, in: &services, &changed)
            case .upserted(let service):
                put(service, in: &services, &changed)
            case .removed(let name):
                if services[name] != nil { changed.insert(name) }
                services[name] = nil
            case .synced:
                freshness = .live
            case .lost(let since):
                if freshness == .live { freshness = .stale(since: since) }
            }
        }
        guard !changed.isEmpty || freshness != snapshot.freshness else { return }
        snapshot = CatalogSnapshot(
            generation: snapshot.generation + 1, services: services, freshness: freshness)
        publish(snapshot, CatalogChange(names: Array(changed)))
    }

    private func replace(
        _ all: [ExportedService], in services: inout ShardedMap<ServiceName, ExportedService>,
        _ changed: inout Set<ServiceName>
    ) {
        let kept = Set(all.map(\.name))
        var gone: [ServiceName] = []
        services.forEach { name, _ in if !kept.contains(name) { gone.append(name) } }
        for name in gone {
            services[name] = nil
            changed.insert(name)
        }
        for service in all { put(service, in: &services, &changed) }
    }

    private func put(
        _ service: ExportedService, in services: inout ShardedMap<ServiceName, ExportedService>,
        _ changed: inout Set<ServiceName>
    ) {
        guard services[service.name] != service else { return }
        services[service.name] = service
        changed.insert(service.name)
    }
}
