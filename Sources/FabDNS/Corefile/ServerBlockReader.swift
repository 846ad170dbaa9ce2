// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Turns one server block as written into values: one `ServerBlock` per port that its addresses
/// name.
struct ServerBlockReader {
    private(set) var blocks: [ServerBlock] = []
    private(set) var multisocket: MultisocketDirective?
    private(set) var reload: ReloadDirective?
    private(set) var warnings: [ConfigurationWarning] = []

    private let hasBraces: Bool
    private var usedOnce: Set<String> = []

    init(_ parsed: ParsedBlock, defaultPort: UInt16) throws(ConfigurationError) {
        hasBraces = parsed.hasBraces
        for token in parsed.addresses {
            let address = try ServerAddress(token)
            add(address, defaultPort: defaultPort, at: token.location)
        }
        var directives = BlockDirectives()
        for statement in parsed.directives { try read(statement, into: &directives) }
        directives.features.names = Set(parsed.directives.map(\.name.text))
            .intersection(DirectiveTable.supported).sorted()
        let serverZones = blocks.flatMap(\.zones)
        let fabdns = try directives.fabdns.map { statement throws(ConfigurationError) in
            try FabDNSBlock(statement, serverZones: serverZones, warnings: &warnings)
        }
        for index in blocks.indices {
            blocks[index].bindings = directives.bindings
            blocks[index].excludedBindings = directives.excludedBindings
            blocks[index].bindLocation = directives.bindLocation
            blocks[index].fabdns = fabdns
            blocks[index].features = directives.features
        }
        try checkTLS(directives.features)
    }

    private mutating func checkTLS(_ features: BlockFeatures) throws(ConfigurationError) {
        let encrypted = blocks.first { $0.transport == .tls }
        if let encrypted, features.tls == nil {
            throw ConfigurationError(
                encrypted.location,
                "expected 'tls CERTIFICATE KEY' in the block of a tls:// address")
        }
        if encrypted == nil, let tls = features.tls {
            warnings.append(
                ConfigurationWarning(
                    location: tls.location,
                    message: "'tls' has no effect here: no address of the block begins with tls://")
            )
        }
    }

    /// What the directives of the block say, before it is known which zones they apply to.
    private struct BlockDirectives {
        var fabdns: Statement?
        var bindings: [String] = []
        var excludedBindings: [String] = []
        var bindLocation: SourceLocation?
        var features = BlockFeatures()
    }

    private mutating func add(
        _ address: ServerAddress, defaultPort: UInt16, at location: SourceLocation
    ) {
        let transport = address.transport
        let port = address.port ?? (transport == .tls ? ServerAddress.tlsPort : defaultPort)
        if let index = blocks.firstIndex(where: { $0.port == port && $0.transport == transport }) {
            blocks[index].zones += address.zones
        } else {
            blocks.append(
                ServerBlock(
                    zones: address.zones, transport: transport, port: port, location: location))
        }
    }

    private mutating func read(
        _ statement: Statement, into directives: inout BlockDirectives
    ) throws(ConfigurationError) {
        let name = statement.name.text
        if DirectiveTable.once.contains(name), !usedOnce.insert(name).inserted {
            throw statement.name.error("'\(name)' can only be used once per Server Block")
        }
        switch name {
        case "fabdns":
            directives.fabdns = statement
        case "errors":
            try ErrorsDirective.check(statement, warnings: &warnings)
        case "bind":
            let bind = try BindDirective(statement)
            directives.bindings += bind.bindings
            directives.excludedBindings += bind.exceptions
            directives.bindLocation = directives.bindLocation ?? statement.name.location
        case "multisocket":
            multisocket = try MultisocketDirective(statement)
        case "reload":
            reload = try ReloadDirective(statement)
        case "health":
            directives.features.health = try HealthDirective(statement)
        case "prometheus":
            directives.features.prometheus = try PrometheusDirective(
                statement, warnings: &warnings)
        case "ready":
            directives.features.ready = try ReadyDirective(statement)
        default:
            if try !readFeature(statement, &directives.features) { try readOther(statement) }
        }
    }

    /// The directives that say how the block answers; false for any other.
    private mutating func readFeature(
        _ statement: Statement, _ features: inout BlockFeatures
    ) throws(ConfigurationError) -> Bool {
        switch statement.name.text {
        case "acl": features.access.append(try AccessDirective(statement))
        case "any": try statement.requireNameOnly()
        case "bufsize":
            features.payloadOctets = try BufsizeDirective.octets(statement, warnings: &warnings)
        case "chaos": features.chaos = try ChaosDirective(statement)
        case "loadbalance": try LoadbalanceDirective.check(statement)
        case "log": features.log.append(try LogDirective(statement, warnings: &warnings))
        case "nsid": features.nsid = try NSIDDirective(statement)
        case "timeouts": features.timeouts = try TimeoutsDirective(statement)
        case "tls": features.tls = try TLSDirective(statement)
        case "whoami":
            try statement.requireNameOnly()
            features.whoami = true
        default: return false
        }
        return true
    }

    /// A directive of CoreDNS that nothing here stands behind, or an unknown one.
    private mutating func readOther(_ statement: Statement) throws(ConfigurationError) {
        let name = statement.name.text
        switch DirectiveTable.verdict(on: name) {
        case .ignored:
            let isCache = name == "cache"
            if isCache { try CacheDirective.check(statement) }
            let reason = isCache ? ": \(CacheDirective.reason)" : ""
            warnings.append(
                ConfigurationWarning(
                    location: statement.name.location,
                    message: "'\(name)' is accepted and has no effect in fabdns\(reason)"))
        case .refused:
            throw statement.name.error("'\(name)' is not supported by fabdns")
        case .unknown(let suggestion):
            let hint = hasBraces ? "" : " (\(CorefileParser.bracesHint))"
            throw statement.name.error("unknown directive '\(name)'\(suggestion)\(hint)")
        }
    }
}
