// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why a Service is exported: fab-dns's label, a ServiceExport (KEP-1645), or both.
struct ExportGround: Sendable {
    var isLabelled = false
    var export: ExportObject?

    static let label = ExportGround(isLabelled: true)

    /// Since when: a label is taken to be as old as its Service.
    func seconds(_ service: ServiceObject) -> Double? {
        [isLabelled ? service.createdSeconds : nil, export?.createdSeconds].compactMap(\.self).min()
    }
}

/// What a cluster's objects make of a Service that it exports.
///
/// A ClusterIP Service is one endpoint, its addresses; a headless one is its pods. A Service
/// without a usable endpoint is not exported: its address would lead nowhere.
struct ExportRule: Sendable {
    /// Where the cluster's endpoints are, as far as neither they nor their Nodes say.
    let place: Place
    /// Namespaces that may export; nil: all.
    let namespaces: Set<String>?

    init(place: Place, namespaces: Set<String>? = nil) {
        self.place = place
        self.namespaces = namespaces
    }

    func mayExport(_ namespace: String) -> Bool { namespaces?.contains(namespace) ?? true }

    /// `slices` are all of the Service, in any order.
    func export(
        _ service: ServiceObject, on ground: ExportGround = .label, _ slices: [SliceObject],
        nodes: [String: NodeObject], localities: inout SharedLocalities
    ) -> ExportedService? {
        guard mayExport(service.name.namespace) else { return nil }
        let endpoints: [Endpoint]
        switch service.exposure {
        case .other:
            guard ground.export != nil, service.exposure.isOutward else { return nil }
            endpoints = ownAddresses(of: service, slices, &localities)
        case .clusterIP:
            endpoints = ownAddresses(of: service, slices, &localities)
        case .headless:
            endpoints = pods(of: service, slices, nodes, &localities)
        }
        guard !endpoints.isEmpty else { return nil }
        return ExportedService(
            name: service.name, type: service.exposure == .headless ? .headless : .clusterIP,
            ports: service.ports, endpoints: PackedEndpoints(endpoints),
            exportedSeconds: ground.seconds(service))
    }

    /// The Service's addresses of families in which an endpoint is usable.
    func ownAddresses(
        of service: ServiceObject, _ slices: [SliceObject], _ localities: inout SharedLocalities
    ) -> [Endpoint] {
        let usable = Self.usable(slices, of: service)
        let families = Set(usable.lazy.flatMap(\.addresses).map(\.family))
        let addresses = service.addresses.filter { families.contains($0.family) }
        guard !addresses.isEmpty else { return [] }
        let locality = localities.locality(
            cluster: place.cluster, region: place.region, zone: place.zone)
        return [Endpoint(addresses: addresses, locality: locality)]
    }

    /// The usable endpoints, each once: a pod of both families is one, and so is one that two
    /// slices have.
    func pods(
        of service: ServiceObject, _ slices: [SliceObject], _ nodes: [String: NodeObject],
        _ localities: inout SharedLocalities
    ) -> [Endpoint] {
        var order: [String] = []
        var merged: [String: (endpoint: SliceEndpoint, addresses: [IPAddress])] = [:]
        for endpoint in Self.usable(slices, of: service) {
            let key = endpoint.target ?? endpoint.addresses.first.map { "\($0)" } ?? ""
            if merged[key] == nil {
                order.append(key)
                merged[key] = (endpoint, [])
            }
            merged[key]?.addresses += endpoint.addresses
        }
        return order.compactMap { key -> Endpoint? in
            guard let (endpoint, addresses) = merged[key], !addresses.isEmpty else { return nil }
            let node = endpoint.nodeName.flatMap { nodes[$0] }
            let locality = localities.locality(
                cluster: place.cluster, region: node?.region ?? place.region,
                zone: endpoint.zone ?? node?.zone ?? place.zone)
            return Endpoint(
                addresses: Self.distinct(addresses), hostname: endpoint.hostname,
                locality: locality, nodeName: endpoint.nodeName)
        }
    }

    private static func distinct(_ addresses: [IPAddress]) -> [IPAddress] {
        guard addresses.count > 1 else { return addresses }
        var seen: Set<IPAddress> = []
        return addresses.filter { seen.insert($0).inserted }
    }

    /// Ready endpoints; where there is none, those that still serve while they terminate, as
    /// kube-proxy does it.
    private static func usable(
        _ slices: [SliceObject], of service: ServiceObject
    ) -> [SliceEndpoint] {
        // In the order of their names, so that the same slices make the same service.
        let all = slices.sorted { $0.name < $1.name }.flatMap(\.endpoints)
        if service.publishesNotReady { return all }
        let ready = all.filter { $0.conditions.contains(.isReady) }
        if !ready.isEmpty { return ready }
        return all.filter { $0.conditions.isSuperset(of: [.isServing, .isTerminating]) }
    }
}

/// Localities of which there are few, each made once.
struct SharedLocalities: Sendable {
    private var known: Set<Locality> = []

    mutating func locality(cluster: String?, region: String?, zone: String?) -> Locality {
        // A flood of distinct ones is not kept.
        if known.count > 10_000 { known = [] }
        return known.insert(Locality(cluster: cluster, region: region, zone: zone))
            .memberAfterInsert
    }
}
