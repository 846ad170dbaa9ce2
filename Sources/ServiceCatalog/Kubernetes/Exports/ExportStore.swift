// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The objects of one cluster and what they export: a value that takes objects and answers with
/// the events of a feed.
///
/// Nothing is told before every kind has been listed once: half a cluster is no smaller cluster.
struct ExportStore {
    /// An endpoint beyond this of one Service is not kept; a DNS answer never has so many.
    static let maximumEndpoints = 65_536

    private let rule: ExportRule
    private var services: [ServiceName: ServiceObject] = [:]
    private var slices: [ObjectName: SliceObject] = [:]
    private var slicesOf: [ServiceName: Set<ObjectName>] = [:]
    private var nodes: [String: NodeObject] = [:]
    private var localities = SharedLocalities()
    /// What has been told.
    private var exported: [ServiceName: ExportedService] = [:]
    private var dirty: Set<ServiceName> = []
    /// Of the lists that are on their way.
    private var seen: [APIResource.Kind: Set<ObjectName>] = [:]
    private var awaited: Set<APIResource.Kind>
    /// What a list no longer had: nobody has said that it was deleted.
    private var swept: Set<ServiceName> = []
    private var hasListed = false

    init(rule: ExportRule, kinds: Set<APIResource.Kind>) {
        self.rule = rule
        awaited = kinds
    }

    var isComplete: Bool { awaited.isEmpty }

    // MARK: Objects

    mutating func put(_ object: APIObject) {
        switch object {
        case .service(let service):
            seen[.services]?.insert(ObjectName(service.name))
            guard services[service.name] != service else { return }
            services[service.name] = service
            dirty.insert(service.name)
        case .endpointSlice(let slice):
            seen[.endpointSlices]?.insert(slice.name)
            guard slices[slice.name] != slice else { return }
            removeSlice(slice.name)
            slices[slice.name] = slice
            guard let service = slice.service else { return }
            slicesOf[service, default: []].insert(slice.name)
            dirty.insert(service)
        case .node(let node):
            seen[.nodes]?.insert(ObjectName(namespace: "", name: node.name))
            let before = nodes.updateValue(node, forKey: node.name)
            if before?.zone != node.zone || before?.region != node.region { moved(node.name) }
        case .globalService, .secret: break
        }
    }

    /// An object that cannot be read stays what it was.
    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind) { seen[kind]?.insert(name) }

    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind) {
        switch kind {
        case .services:
            let service = ServiceName(namespace: name.namespace, name: name.name)
            if services.removeValue(forKey: service) != nil { dirty.insert(service) }
        case .endpointSlices: removeSlice(name)
        case .nodes: if nodes.removeValue(forKey: name.name) != nil { moved(name.name) }
        case .globalServices, .secrets: break
        }
    }

    mutating func listBegan(_ kind: APIResource.Kind) { seen[kind] = [] }

    /// What the list did not name is gone.
    mutating func listEnded(_ kind: APIResource.Kind) {
        guard let seen = seen.removeValue(forKey: kind) else { return }
        let known: [ObjectName]
        switch kind {
        case .services: known = services.keys.map { ObjectName($0) }
        case .endpointSlices: known = Array(slices.keys)
        case .nodes: known = nodes.keys.map { ObjectName(namespace: "", name: $0) }
        case .globalServices, .secrets: known = []
        }
        // What was said before the list ended is told as what it is; the sweep is not.
        let told = dirty
        for name in known where !seen.contains(name) { remove(name, kind) }
        swept.formUnion(dirty.subtracting(told))
        awaited.remove(kind)
        hasListed = true
    }

    /// A kind that is not to be had: nothing is known of it.
    mutating func doWithout(_ kind: APIResource.Kind) {
        seen[kind] = nil
        awaited.remove(kind)
        hasListed = true
    }

    private mutating func removeSlice(_ name: ObjectName) {
        guard let slice = slices.removeValue(forKey: name), let service = slice.service else {
            return
        }
        slicesOf[service]?.remove(name)
        if slicesOf[service]?.isEmpty == true { slicesOf[service] = nil }
        dirty.insert(service)
    }

    private mutating func moved(_ node: String) {
        for slice in slices.values where slice.endpoints.contains(where: { $0.nodeName == node }) {
            if let service = slice.service { dirty.insert(service) }
        }
    }

    /// What a Service is, as far as it is known.
    func exposure(of service: ServiceName) -> ServiceObject.Exposure? {
        services[service]?.exposure
    }

    // MARK: Events

    /// What has changed since the last call.
    mutating func takeEvents() -> [FeedEvent] {
        guard isComplete else { return [] }
        var events: [FeedEvent] = []
        for name in dirty {
            var export: ExportedService?
            if let service = services[name] { export = self.export(service) }
            guard export != exported[name] else { continue }
            exported[name] = export
            if let export {
                events.append(.upserted(export))
            } else if !swept.contains(name) {
                events.append(.removed(name))
            }
        }
        dirty = []
        swept = []
        if hasListed {
            hasListed = false
            events.append(.listed(Set(exported.keys)))
        }
        return events
    }

    private mutating func export(_ service: ServiceObject) -> ExportedService? {
        var count = 0
        var own: [SliceObject] = []
        for name in (slicesOf[service.name] ?? []).sorted() {
            guard let slice = slices[name] else { continue }
            count += slice.endpoints.count
            guard count <= Self.maximumEndpoints else { break }
            own.append(slice)
        }
        return rule.export(service, own, nodes: nodes, localities: &localities)
    }
}
