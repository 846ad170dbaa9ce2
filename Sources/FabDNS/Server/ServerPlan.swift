// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
import DNSWire
import ServiceCatalog
internal import TLS

/// What a configuration means for sockets and zones: a pure value, compared with what is running by
/// a reload.
struct ServerPlan {
    /// A catalog with the places its askers are in.
    struct CatalogUse: Hashable {
        let catalog: CatalogPlan
        let place: Place
    }

    /// A zone before its catalog and place have numbers.
    struct PlannedZone {
        let name: DomainName
        let use: CatalogUse
        let ttlSeconds: UInt32
        let nameservers: [IPAddress]
        let face: NameFace
        /// Of a reverse zone, the block's first zone that is none.
        let forward: DomainName?

        /// With the numbers of its catalog's table and its place's row.
        func served(table: Int, place: Int) -> ServedZone {
            ServedZone(
                name: name, table: table, place: place, ttlSeconds: ttlSeconds,
                face: face, forward: forward,
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
        let settings: PlannedSettings
    }

    /// What a node's server block says of all its queries.
    struct PlannedSettings {
        let nsid: NSIDDirective?
        let access: [AccessTable.Rule]
        /// The first `log` line that takes the node's queries.
        let log: LogDirective?
        let answersWhoami: Bool
    }

    struct PlannedListener {
        var nodes: [PlannedNode] = []
        /// Whether a server block counts its queries.
        var isMetered = false
        var timeouts: TimeoutsDirective?
        /// The smallest that a block wants.
        var payloadOctets = ReplyWriter.payloadSize
        var chaos: ChaosDirective?
        var tls: TLSDirective?
    }

    private(set) var listeners: [ListenAddress: PlannedListener] = [:]
    /// In the order of the file, for the lines that say what is served.
    private(set) var announcements: [(zone: String, address: ListenAddress)] = []
    private(set) var uses: [CatalogUse] = []
    /// As metrics and pages tell the catalogs apart.
    let catalogNames: [CatalogPlan: String]
    /// Catalogs with addresses that are asked for their names.
    var reverseCatalogs: Set<CatalogPlan> {
        Set(
            listeners.values.flatMap(\.nodes).compactMap(\.zone).filter { $0.forward != nil }
                .map(\.use.catalog))
    }
    /// Directives of server blocks, for metrics.
    private(set) var plugins: [(address: ListenAddress, zone: String, name: String)] = []
    private(set) var pages: [HTTPAddress: Set<MonitorPage>] = [:]
    /// The longest that a block asks for.
    private(set) var lameduckMilliseconds = 0

    static let maximumNodes = 10_000

    /// Resolves bindings to addresses and zones to what answers them.
    ///
    /// `anyPorts` is what port 0 means, once the kernel has chosen.
    init(
        _ configuration: ServerConfiguration, host: HostAddresses,
        anyPorts: [ServerBlock.Transport: UInt16] = [:]
    ) throws(ConfigurationError) {
        catalogNames = CatalogPlan.names(
            of: configuration.blocks.compactMap(\.fabdns).map { fabdns in
                CatalogPlan(fabdns, podAPI: configuration.podAPI)
            })
        var blocks: [ListenAddress: [(block: ServerBlock, nameservers: [IPAddress])]] = [:]
        for block in configuration.blocks {
            let port = block.port == 0 ? anyPorts[block.transport] ?? 0 : block.port
            let addresses = try Self.addresses(block, port, host)
            let nameservers = Self.nameservers(addresses, host)
            for address in addresses {
                blocks[address, default: []].append((block, nameservers))
                for zone in block.zones {
                    announcements.append((zone, address))
                    plugins += block.features.names.map { (address, zone, $0) }
                }
            }
        }
        for features in configuration.blocks.map(\.features) { add(features) }
        for admin in configuration.blocks.compactMap(\.fabdns?.admin) {
            pages[admin, default: []].insert(.admin)
        }
        for (address, blocks) in blocks {
            listeners[address] = try Self.listener(blocks, configuration.podAPI)
        }
        for listener in listeners.values {
            for node in listener.nodes {
                if let use = node.zone?.use, !uses.contains(use) { uses.append(use) }
            }
        }
        try checkStateFolders(configuration)
        if let block = configuration.blocks.first {
            guard uses.count <= Responder.maximumPlaces,
                Set(uses.map(\.catalog)).count <= Responder.maximumTables,
                listeners.values.allSatisfy({ $0.nodes.count <= Self.maximumNodes })
            else {
                throw ConfigurationError(
                    block.location,
                    "at most \(Responder.maximumTables) catalogs, \(Responder.maximumPlaces) "
                        + "places and \(Self.maximumNodes) zones a listener")
            }
        }
    }

    /// One folder holds the state of one catalog.
    private func checkStateFolders(
        _ configuration: ServerConfiguration
    ) throws(ConfigurationError) {
        var known: [String: CatalogPlan] = [:]
        for fabdns in configuration.blocks.compactMap(\.fabdns) {
            guard let folder = fabdns.state?.folder else { continue }
            let plan = CatalogPlan(fabdns, podAPI: configuration.podAPI)
            guard known[folder] == nil || known[folder] == plan else {
                throw ConfigurationError(
                    fabdns.location,
                    "'state \(folder)' is in another block too, whose catalog is another one")
            }
            known[folder] = plan
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
            return [.v4(0), .v6(0, 0)].map {
                ListenAddress(address: $0, port: port, isEncrypted: block.transport == .tls)
            }
        }
        let bindLocation = block.bindLocation ?? block.location
        var addresses: [ListenAddress] = []
        for binding in block.bindings {
            guard let found = host.addresses(of: binding) else {
                throw ConfigurationError(
                    bindLocation, "'\(binding)' is neither an address nor an interface")
            }
            addresses += found.map {
                ListenAddress(
                    address: $0.address, port: port, scope: $0.scope,
                    isEncrypted: block.transport == .tls)
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

    /// What the first block that says something of a listener says of it.
    private static func listener(
        _ blocks: [(block: ServerBlock, nameservers: [IPAddress])], _ podAPI: PodAPI?
    ) throws(ConfigurationError) -> PlannedListener {
        let features = blocks.map(\.block.features)
        let tls = features.compactMap(\.tls)
        if let other = tls.first(where: {
            TLSConfiguration($0) != TLSConfiguration(tls[0])
        }) {
            throw ConfigurationError(
                other.location,
                "one listener has one certificate, and the block at \(tls[0].location) has another")
        }
        return PlannedListener(
            nodes: try nodes(blocks, podAPI), isMetered: features.contains { $0.prometheus != nil },
            timeouts: features.compactMap(\.timeouts).first,
            payloadOctets: features.map(\.payloadOctets).min() ?? ReplyWriter.payloadSize,
            chaos: features.compactMap(\.chaos).first, tls: tls.first)
    }

    /// Every zone of a server block or of a `fabdns` block is a node, and so is every zone that an
    /// `acl` or a `log` names; the deepest server block
    /// decides which `fabdns` is asked.
    private static func nodes(
        _ blocks: [(block: ServerBlock, nameservers: [IPAddress])], _ podAPI: PodAPI?
    ) throws(ConfigurationError) -> [PlannedNode] {
        var names: [DomainName] = []
        for (block, _) in blocks {
            let fabdns = block.fabdns.map { $0.zones + ($0.fallthroughZones ?? []) } ?? []
            let features =
                block.features.access.flatMap(\.zones) + block.features.log.flatMap(\.names)
            for text in block.zones + fabdns + features {
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
                    name: name, zone: try zone(of: name, owner, podAPI), fallsThrough: fallsThrough,
                    meteredZone: owner.block.features.prometheus == nil ? nil : owner.zone,
                    settings: try settings(of: name, owner.block)))
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
        of name: DomainName, _ owner: Owner, _ podAPI: PodAPI?
    ) throws(ConfigurationError) -> PlannedZone? {
        guard let fabdns = owner.block.fabdns else { return nil }
        var zone: (name: DomainName, names: NameForms)?
        for text in fabdns.zones {
            let candidate = try self.name(text, owner.block)
            guard name.isSubdomain(of: candidate) else { continue }
            if candidate.labelCount >= zone?.name.labelCount ?? 0 {
                zone = (candidate, fabdns.names(in: text))
            }
        }
        let place = Place(cluster: fabdns.cluster, region: fabdns.region, zone: fabdns.zone)
        return try zone.map { zone throws(ConfigurationError) in
            let forward = try forward(of: zone.name, fabdns, owner.block)
            return PlannedZone(
                name: zone.name,
                use: CatalogUse(
                    catalog: CatalogPlan(fabdns, podAPI: podAPI), place: place),
                ttlSeconds: fabdns.ttlSeconds, nameservers: owner.nameservers,
                face: forward == nil ? NameFace(zone.names) : .reverse, forward: forward)
        }
    }

    /// Where the names of a reverse zone's addresses are; nil for a zone that is none.
    private static func forward(
        of zone: DomainName, _ fabdns: FabDNSBlock, _ block: ServerBlock
    ) throws(ConfigurationError) -> DomainName? {
        guard isReverse(zone) else { return nil }
        for text in fabdns.zones {
            let name = try self.name(text, block)
            if !isReverse(name) { return name }
        }
        throw ConfigurationError(
            fabdns.location,
            "expected a zone beside '\(zone)' that the names of its addresses are in, "
                + "as in fabdns global \(zone)")
    }

    private static func isReverse(_ zone: DomainName) -> Bool {
        zone.isSubdomain(of: reverseZones.v4) || zone.isSubdomain(of: reverseZones.v6)
    }

    private static let reverseZones = (
        v4: DomainName(labels: ["in-addr", "arpa"].compactMap { Label($0.utf8) }) ?? .root,
        v6: DomainName(labels: ["ip6", "arpa"].compactMap { Label($0.utf8) }) ?? .root
    )

    private static func settings(
        of name: DomainName, _ block: ServerBlock
    ) throws(ConfigurationError) -> PlannedSettings {
        func isBelow(_ zones: [String]) throws(ConfigurationError) -> Bool {
            for text in zones where name.isSubdomain(of: try self.name(text, block)) { return true }
            return false
        }
        var access: [AccessTable.Rule] = []
        for directive in block.features.access {
            let isForAll = directive.zones.isEmpty
            let applies = isForAll ? true : try isBelow(directive.zones)
            guard applies else { continue }
            for rule in directive.rules {
                let packed = AccessTable.Rule(rule) { RecordType(presentation: $0)?.rawValue }
                guard let packed else {
                    throw ConfigurationError(
                        rule.location,
                        "unknown type in '\(rule.types.joined(separator: " "))', "
                            + "expected as in A, AAAA or TYPE65")
                }
                access.append(packed)
            }
        }
        var log: LogDirective?
        for directive in block.features.log where log == nil {
            if try isBelow(directive.names) { log = directive }
        }
        return PlannedSettings(
            nsid: block.features.nsid, access: access,
            log: log, answersWhoami: block.features.whoami)
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

extension NameFace {
    fileprivate init(_ names: NameForms) {
        switch names {
        case .fabdns: self = .fabdns
        case .mcs: self = .mcs
        }
    }
}
