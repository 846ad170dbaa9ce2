// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
internal import NameGrammar
import ServiceCatalog
internal import Suggestion
internal import Terminal

/// What would be answered without asking anybody: zones, each with its catalog and its asker.
struct OfflineCatalogs: Sendable {
    struct Zone: Sendable {
        /// In lower case, with the final dot.
        let name: String
        var place: Place
        let ttlSeconds: UInt32
        let names: NameForms
        let catalog: CatalogView
    }

    let zones: [Zone]

    /// Without a Corefile: the zone of fab-dns and that of the Multi-Cluster Services API.
    static let usualZones = ["global.", "clusterset.local."]

    init(zones: [Zone]) { self.zones = zones }

    init(_ options: QueryOptions) throws(QueryFailure) {
        var zones = try Self.zones(options)
        for index in zones.indices {
            if let cluster = options.asCluster {
                zones[index].place = try Self.place(of: cluster, in: zones[index].catalog)
            }
            if let cluster = options.cluster { zones[index].place.cluster = cluster }
            if let zone = options.zone { zones[index].place.zone = zone }
            if let region = options.region { zones[index].place.region = region }
        }
        self.zones = zones
    }

    private static func zones(_ options: QueryOptions) throws(QueryFailure) -> [Zone] {
        guard let corefile = options.corefile else {
            guard let file = options.catalog else {
                throw QueryFailure(.usage, "expected --catalog FILE or --conf COREFILE")
            }
            let catalog = CatalogView(try load(file).services)
            return usualZones.map {
                Zone(
                    name: $0, place: Place(), ttlSeconds: 5, names: .usual(in: $0),
                    catalog: catalog)
            }
        }
        var loaded: [String: CatalogView] = [:]
        var zones: [Zone] = []
        let blocks = try configuration(corefile).blocks
        for block in blocks {
            guard let fabdns = block.fabdns, let file = options.catalog ?? fabdns.catalogFile else {
                continue
            }
            let catalog: CatalogView
            if let known = loaded[file] {
                catalog = known
            } else {
                catalog = CatalogView(try load(file).services)
                loaded[file] = catalog
            }
            let place = Place(cluster: fabdns.cluster, region: fabdns.region, zone: fabdns.zone)
            zones += fabdns.zones.map {
                Zone(
                    name: $0, place: place, ttlSeconds: fabdns.ttlSeconds,
                    names: fabdns.names(in: $0), catalog: catalog)
            }
        }
        guard !zones.isEmpty else {
            throw QueryFailure(.failed, "\(corefile): \(Self.nothing(in: blocks))")
        }
        return zones
    }

    /// Why no catalog can be looked at.
    private static func nothing(in blocks: [ServerBlock]) -> String {
        blocks.contains { $0.fabdns != nil }
            ? "its services come from APIs; expected --catalog FILE, as of "
                + "kubectl get globalservices -A -o json"
            : "no block of it has a 'fabdns'"
    }

    private static func configuration(
        _ path: String
    ) throws(QueryFailure) -> ServerConfiguration {
        do throws(ConfigurationError) {
            return try Corefile.load(path: path, environment: ProcessEnvironment.current())
        } catch {
            throw QueryFailure(.failed, "\(error)")
        }
    }

    /// Says that it takes time where it does.
    static func load(_ path: String, recordsLines: Bool = false) throws(QueryFailure)
        -> LoadedCatalog
    {
        let progress = Progress("reading \(path)")
        defer { progress.end() }
        do throws(CatalogFileError) {
            return try CatalogFile.load(path: path, recordsLines: recordsLines)
        } catch {
            throw QueryFailure(.failed, "\(error)")
        }
    }

    private static func place(
        of cluster: String, in catalog: CatalogView
    ) throws(QueryFailure) -> Place {
        if let place = catalog.place(ofCluster: cluster) { return place }
        let close = nearest(to: cluster, among: catalog.clusters.sorted())
        throw QueryFailure(
            .usage,
            "no endpoint is in the cluster '\(cluster)'"
                + (close.map { ", did you mean '\($0)'?" } ?? ""))
    }

    /// The deepest zone that a name is in, and the labels before it.
    func zone(of name: String) -> (zone: Zone, labels: [String])? {
        let found = zones.compactMap { zone in
            NameGrammar.labels(of: name, below: zone.name).map { (zone: zone, labels: $0) }
        }
        return found.min { $0.labels.count < $1.labels.count }
    }
}
