// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The Services and EndpointSlices that one pair of watches has brought.
///
/// Changes answer with the Services that may differ now.
struct ScopedObjects {
    private(set) var services: [ServiceName: ServiceObject] = [:]
    private var slices: [ObjectName: SliceObject] = [:]
    private var slicesOf: [ServiceName: Set<ObjectName>] = [:]
    /// Of the lists that are on their way.
    private var seen: [APIResource.Kind: Set<ObjectName>] = [:]
    private var awaited: Set<APIResource.Kind> = [.services, .endpointSlices]
    private let serviceOf: @Sendable (SliceObject) -> ServiceName?

    /// `serviceOf` says which Service a slice belongs to.
    init(of serviceOf: @escaping @Sendable (SliceObject) -> ServiceName? = { $0.service }) {
        self.serviceOf = serviceOf
    }

    /// Whether both kinds have been listed once.
    var isListed: Bool { awaited.isEmpty }

    /// Those that an object of it is about.
    var names: Set<ServiceName> { Set(services.keys).union(slicesOf.keys) }

    func slices(of service: ServiceName) -> [SliceObject] {
        (slicesOf[service] ?? []).compactMap { slices[$0] }
    }

    /// Services with an endpoint on one of some Nodes; looks at every endpoint.
    func services(on nodes: Set<String>) -> [ServiceName] {
        slices.values.filter { slice in
            slice.endpoints.contains { $0.nodeName.map(nodes.contains) == true }
        }.compactMap(serviceOf)
    }

    mutating func put(_ service: ServiceObject) -> ServiceName? {
        seen[.services]?.insert(ObjectName(service.name))
        guard services[service.name] != service else { return nil }
        services[service.name] = service
        return service.name
    }

    mutating func put(_ slice: SliceObject) -> [ServiceName] {
        seen[.endpointSlices]?.insert(slice.name)
        guard slices[slice.name] != slice else { return [] }
        let before = removeSlice(slice.name)
        slices[slice.name] = slice
        guard let service = serviceOf(slice) else { return [before].compactMap(\.self) }
        slicesOf[service, default: []].insert(slice.name)
        return [before, service].compactMap(\.self)
    }

    /// An object that cannot be read stays what it was.
    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind) { seen[kind]?.insert(name) }

    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind) -> ServiceName? {
        guard kind == .services else { return removeSlice(name) }
        let service = ServiceName(namespace: name.namespace, name: name.name)
        return services.removeValue(forKey: service)?.name
    }

    mutating func listBegan(_ kind: APIResource.Kind) { seen[kind] = [] }

    /// What the list did not name is gone; nil where none had begun.
    mutating func listEnded(_ kind: APIResource.Kind) -> [ServiceName]? {
        guard let seen = seen.removeValue(forKey: kind) else { return nil }
        awaited.remove(kind)
        let known =
            kind == .services ? services.keys.map { ObjectName($0) } : Array(slices.keys)
        return known.filter { !seen.contains($0) }.compactMap { remove($0, kind) }
    }

    mutating func doWithout(_ kind: APIResource.Kind) { seen[kind] = nil }

    private mutating func removeSlice(_ name: ObjectName) -> ServiceName? {
        guard let slice = slices.removeValue(forKey: name), let service = serviceOf(slice) else {
            return nil
        }
        slicesOf[service]?.remove(name)
        if slicesOf[service]?.isEmpty == true { slicesOf[service] = nil }
        return service
    }
}
