// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// ServiceImports of the own API with their EndpointSlices: what another controller of the
/// Multi-Cluster Services API (KEP-1645) has made of the exports of its clusters.
struct ImportStore: ObjectStore {
    private var objects = ScopedObjects(of: \.importedService)
    private var localities = SharedLocalities()
    private var ledger = ExportLedger()
    private var awaited: Set<APIResource.Kind> = [.serviceImports, .endpointSlices]

    var isComplete: Bool { awaited.isEmpty }

    mutating func put(_ object: APIObject, _ scope: ExportScope) {
        switch object {
        case .serviceImport(let service):
            if let name = objects.put(service) { ledger.touch(name) }
        case .endpointSlice(let slice): ledger.touch(objects.put(slice))
        case .service, .node, .globalService, .serviceExport, .secret: break
        }
    }

    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope) {
        objects.keep(name, Self.heldAs(kind))
    }

    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope) {
        if let name = objects.remove(name, Self.heldAs(kind)) { ledger.touch(name) }
    }

    mutating func listBegan(_ kind: APIResource.Kind, _ scope: ExportScope) {
        objects.listBegan(Self.heldAs(kind))
    }

    mutating func listEnded(_ kind: APIResource.Kind, _ scope: ExportScope) {
        let open = ledger.open
        guard let gone = objects.listEnded(Self.heldAs(kind)) else { return }
        ledger.touch(gone)
        ledger.listed(openBefore: open)
        awaited.remove(kind)
    }

    mutating func doWithout(_ kind: APIResource.Kind) {
        objects.doWithout(Self.heldAs(kind))
        awaited.remove(kind)
        ledger.listed(openBefore: ledger.open)
    }

    func hasObjects(of kind: APIResource.Kind) -> Bool {
        kind != .serviceImports || !objects.services.isEmpty
    }

    mutating func takeEvents() -> [FeedEvent] {
        guard isComplete else { return [] }
        for name in ledger.takeOpen() { ledger.settle(name, service(name)) }
        return ledger.takeEvents()
    }

    /// An import is to its slices what a Service is to its own.
    private static func heldAs(_ kind: APIResource.Kind) -> APIResource.Kind {
        kind == .serviceImports ? .services : kind
    }

    // MARK: Services

    /// An import with addresses of its own is those, in each cluster that has an endpoint for it;
    /// one without them is its endpoints.
    private mutating func service(_ name: ServiceName) -> ExportedService? {
        guard let service = objects.services[name] else { return nil }
        if case .other = service.exposure { return nil }
        var endpoints: [Endpoint] = []
        let slices = Dictionary(grouping: objects.slices(of: name), by: \.sourceCluster)
        for (cluster, slices) in slices.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
            let rule = ExportRule(place: Place(cluster: cluster))
            endpoints +=
                service.addresses.isEmpty
                ? rule.pods(of: service, slices.limited, [:], &localities)
                : rule.ownAddresses(of: service, slices.limited, &localities)
        }
        if slices.isEmpty { endpoints = addresses(of: service) }
        guard !endpoints.isEmpty else { return nil }
        return ExportedService(
            name: name, type: service.exposure == .headless ? .headless : .clusterIP,
            ports: service.ports, endpoints: PackedEndpoints(endpoints),
            exportedSeconds: service.createdSeconds)
    }

    /// Where nothing says which clusters are behind them, the addresses are in none.
    private mutating func addresses(of service: ServiceObject) -> [Endpoint] {
        let locality = localities.locality(cluster: nil, region: nil, zone: nil)
        return service.addresses.map { Endpoint(addresses: [$0], locality: locality) }
    }
}

extension SliceObject {
    /// The ServiceImport that the slice belongs to.
    fileprivate var importedService: ServiceName? {
        importName.map { ServiceName(namespace: name.namespace, name: $0) }
    }
}

extension [SliceObject] {
    /// As many, in the order of their names, as have no more endpoints and addresses than one
    /// Service may have.
    var limited: [SliceObject] {
        var count = 0
        return Array(
            sorted { $0.name < $1.name }.prefix { slice in
                count += slice.endpoints.reduce(0) { $0 + Swift.max(1, $1.addresses.count) }
                return count <= ExportStore.maximumEndpoints
            })
    }
}
