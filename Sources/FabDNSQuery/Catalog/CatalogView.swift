// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// A catalog as the commands look at it.
struct CatalogView: Sendable {
    /// As `namespace/name` sorts.
    let services: [ExportedService]
    private let byName: [ServiceName: ExportedService]
    /// Every place that has an endpoint, by cluster, zone and region.
    let localities: [Locality]
    /// How many endpoints each has.
    private let weights: [Locality: Int]

    init(_ services: [ExportedService]) {
        self.services = services.sorted { $0.name < $1.name }
        byName = Dictionary(services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var weights: [Locality: Int] = [:]
        for service in services {
            for endpoint in service.endpoints { weights[endpoint.locality, default: 0] += 1 }
        }
        self.weights = weights
        localities = weights.keys.sorted { left, right in
            func key(_ place: Locality) -> [String] {
                [place.cluster ?? "", place.zone ?? "", place.region ?? ""]
            }
            return key(left).lexicographicallyPrecedes(key(right))
        }
    }

    subscript(name: ServiceName) -> ExportedService? { byName[name] }

    var namespaces: Set<String> { Set(services.map(\.name.namespace)) }
    var clusters: Set<String> { Set(localities.compactMap(\.cluster)) }

    /// Where a cluster is: the place that most of its endpoints are in; nil for an unknown cluster.
    func place(ofCluster cluster: String) -> Place? {
        let places = localities.filter { $0.cluster == cluster }
        let most = places.max { weights[$0, default: 0] < weights[$1, default: 0] }
        return most.map { Place(cluster: $0.cluster, region: $0.region, zone: $0.zone) }
    }
}

extension Place {
    /// As a sentence needs it, `cluster a, zone b, region c`.
    var sentence: String {
        let parts = [("cluster", cluster), ("zone", zone), ("region", region)]
        let known = parts.compactMap { what, value in value.map { "\(what) \($0.printable)" } }
        return known.isEmpty ? "nowhere" : known.joined(separator: ", ")
    }

    init(_ locality: Locality) {
        self.init(cluster: locality.cluster, region: locality.region, zone: locality.zone)
    }
}
