// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
import DNSWire
import ServiceCatalog

/// What a configuration means for sockets and zones: a pure value, compared with what is running by
/// a reload.
struct ServerPlan {
    /// A catalog with the places its askers are in.
    struct CatalogUse: Hashable {
        let file: String
        let place: Place
    }

    /// A zone before its catalog and place have numbers.
    struct PlannedZone {
        let name: DomainName
        let use: CatalogUse
        let ttlSeconds: UInt32
        let nameservers: [IPAddress]

        /// With the numbers of its catalog's table and its place's row.
        func served(table: Int, place: Int) -> ServedZone {
            ServedZone(
                name: name, table: table, place: place, ttlSeconds: ttlSeconds, face: .fabdns,
                v4Nameservers: nameservers.compactMap {
                    if case .v4(let address) = $0 { address } else { nil }
                },
                v6Nameservers: nameservers.compactMap {
                    if case .v6(let high, let low) = $0 { (high, low) } else { nil }
                })
        }
    }

    struct PlannedNode {
        let name: DomainName
        let zone: PlannedZone?
        let fallsThrough: Bool
        /// The server block's zone, if its queries are counted.
        let meteredZone: String?
    }

    private(set) var listeners: [ListenAddress: [PlannedNode]] = [:]
    /// In the order of the file, for the lines that say what is served.
    private(set) var announcements: [(zone: String, address: ListenAddress)] = []
    private(set) var uses: [CatalogUse] = []
    /// Listeners of which a server block counts its queries.
    private(set) var meteredListeners: Set<ListenAddress> = []
    /// Directives of server blocks, for metrics.
    private(set) var plugins: [(address: ListenAddress, zone: String, name: String)] = []
    private(set) var pages: [HTTPAddress: Set<MonitorPage>] = [:]
    /// The longest that a block asks for.
    private(set) var lameduckMilliseconds = 0

    static let maximumNodes = 10_000

    /// Resolves bindings to addresses and zones to what answers them.
    ///
    /// `anyPort` is what port 0 means, once the kernel has chosen.
    init(
        _ configuration: ServerConfiguration, host: HostAddresses, anyPort: UInt16? = nil
    ) throws(ConfigurationError) {
        var blocks: [ListenAddress: [(block: ServerBlock, nameservers: [IPAddress])]] = [:]
        for block in configuration.blocks {
            let port = block.port == 0 ? anyPort ?? 0 : block.port
            let addresses = try Self.addresses(block, port, host)
            let nameservers = Self.nameservers(addresses, host)
            for address in addresses {
                blocks[address, default: []].append((block, nameservers))
                if block.features.prometheus != nil { meteredListeners.insert(address) }
                for zone in block.zones {
                    announcements.append((zone, address))
                    plugins += block.features.names.map { (address, zone, $0) }
                }
            }
        }
        for features in configuration.blocks.map(\.features) { add(features) }
        for (address, blocks) in blocks {
            listeners[address] = try Self.nodes(blocks)
        }
        for nodes in listeners.values {
            for node in nodes {
                if let use = node.zone?.use, !uses.contains(use) { uses.append(use) }
            }
        }
        if let block = configuration.blocks.first {
            guard uses.count <= Responder.maximumPlaces,
                Set(uses.map(\.file)).count <= Responder.maximumTables,
                listeners.values.allSatisfy({ $0.count <= Self.maximumNodes })
            else {
                throw ConfigurationError(
                    block.location,
                    "at most \(Responder.maximumTables) catalogs, \(Responder.maximumPlaces) "
                        + "places and \(Self.maximumNodes) zones a listener")
            }
        }
    }

    private mutating func add(_ features: BlockFeatures) {
        if let health = features.health {
            pages[health.address, default: []].insert(.health)
            lameduckMilliseconds = max(lameduckMilliseconds, health.lameduckMilliseconds)
        }
        if let prometheus = features.prometheus {
            pages[prometheus.address, default: []].insert(.metrics)
        }
        if let ready = features.ready { pages[ready.address, default: []].insert(.ready) }
    }

    private static func addresses(
        _ block: ServerBlock, _ port: UInt16, _ host: HostAddresses
    ) throws(ConfigurationError) -> [ListenAddress] {
        guard !block.bindings.isEmpty else {
            return [.v4(0), .v6(0, 0)].map { ListenAddress(address: $0, port: port) }
        }
        let bindLocation = block.bindLocation ?? block.location
        var addresses: [ListenAddress] = []
        for binding in block.bindings {
            guard let found = host.addresses(of: binding) else {
                throw ConfigurationError(
                    bindLocation, "'\(binding)' is neither an address nor an interface")
            }
            addresses += found.map {
                ListenAddress(address: $0.address, port: port, scope: $0.scope)
            }
        }
        // An interface that is not there has no address to leave out.
        let excluded = block.excludedBindings.flatMap { host.addresses(of: $0) ?? [] }
        addresses.removeAll { address in excluded.contains { $0.address == address.address } }
        guard !addresses.isEmpty else {
            throw ConfigurationError(
                bindLocation, "nothing is left to bind: 'except' excludes every address")
        }
        return addresses
    }

    /// The addresses that the zones' name server has.
    private static func nameservers(
        _ addresses: [ListenAddress], _ host: HostAddresses
    ) -> [IPAddress] {
        var found: [IPAddress] = []
        for address in addresses {
            let own: [IPAddress] =
                address.isWildcard
                ? host.reachable.filter { $0.family == address.address.family }
                : [address.address]
            found += own.filter { !found.contains($0) }
        }
        return found
    }

    /// Every zone of a server block or of a `fabdns` block is a node; the deepest server block
    /// decides which `fabdns` is asked.
    private static func nodes(
        _ blocks: [(block: ServerBlock, nameservers: [IPAddress])]
    ) throws(ConfigurationError) -> [PlannedNode] {
        var names: [DomainName] = []
        for (block, _) in blocks {
            let fabdns = block.fabdns.map { $0.zones + ($0.fallthroughZones ?? []) } ?? []
            for text in block.zones + fabdns {
                let name = try self.name(text, block)
                if !names.contains(name) { names.append(name) }
            }
        }
        var nodes: [PlannedNode] = []
        for name in names {
            guard let owner = try owner(of: name, blocks) else { continue }
            var fallsThrough = false
            for text in owner.block.fabdns?.fallthroughZones ?? [] {
                if name.isSubdomain(of: try self.name(text, owner.block)) { fallsThrough = true }
            }
            nodes.append(
                PlannedNode(
                    name: name, zone: try zone(of: name, owner), fallsThrough: fallsThrough,
                    meteredZone: owner.block.features.prometheus == nil ? nil : owner.zone))
        }
        return nodes
    }

    /// The server block that takes the queries for a name.
    private struct Owner {
        let block: ServerBlock
        /// Of the block's zones, the one the name is in.
        let zone: String
        let depth: Int
        let nameservers: [IPAddress]
    }

    /// The block with the deepest zone at or above the name.
    private static func owner(
        of name: DomainName, _ blocks: [(block: ServerBlock, nameservers: [IPAddress])]
    ) throws(ConfigurationError) -> Owner? {
        var best: Owner?
        for (block, nameservers) in blocks {
            for text in block.zones {
                let zone = try self.name(text, block)
                guard name.isSubdomain(of: zone), zone.labelCount >= best?.depth ?? 0 else {
                    continue
                }
                best = Owner(
                    block: block, zone: text, depth: zone.labelCount, nameservers: nameservers)
            }
        }
        return best
    }

    /// What the block's `fabdns` answers a name with; nil: nothing.
    private static func zone(
        of name: DomainName, _ owner: Owner
    ) throws(ConfigurationError) -> PlannedZone? {
        guard let fabdns = owner.block.fabdns, let file = fabdns.catalogFile else { return nil }
        var zone: DomainName?
        for text in fabdns.zones {
            let candidate = try self.name(text, owner.block)
            guard name.isSubdomain(of: candidate) else { continue }
            if candidate.labelCount >= zone?.labelCount ?? 0 { zone = candidate }
        }
        let place = Place(cluster: fabdns.cluster, region: fabdns.region, zone: fabdns.zone)
        return zone.map { zone in
            PlannedZone(
                name: zone, use: CatalogUse(file: file, place: place),
                ttlSeconds: fabdns.ttlSeconds, nameservers: owner.nameservers)
        }
    }

    private static func name(
        _ text: String, _ block: ServerBlock
    ) throws(ConfigurationError) -> DomainName {
        do throws(PresentationError) {
            return try DomainName(presentation: text)
        } catch {
            throw ConfigurationError(block.location, "'\(text)' is not a domain name: \(error)")
        }
    }
}
