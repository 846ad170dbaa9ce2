// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a Corefile asks for, checked: the value that the server is built from.
package struct ServerConfiguration: Sendable, Equatable {
    package var blocks: [ServerBlock]
    /// `multisocket N`; nil for one worker per core.
    package var workerCount: Int?
    /// Of the first server block that has it.
    package var reload: ReloadDirective?
    /// The API server of the Pod that we run in, where we run in one.
    package var podAPI: PodAPI?
    /// What was accepted and has no effect, or a smaller one than its writer may expect.
    package var warnings: [ConfigurationWarning]

    package init(
        blocks: [ServerBlock], workerCount: Int? = nil, warnings: [ConfigurationWarning] = []
    ) {
        self.blocks = blocks
        self.workerCount = workerCount
        self.warnings = warnings
    }
}

/// What the environment of a Pod says of its cluster's API server.
package struct PodAPI: Sendable, Equatable {
    package let host: String
    package let port: String

    package init(host: String, port: String) {
        self.host = host
        self.port = port
    }

    /// Nil outside of Pods.
    init?(environment: [String: String]) {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        self.init(host: host, port: port)
    }
}

/// A place in a file, for messages; lines and columns count from 1.
package struct SourceLocation: Sendable, Hashable {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// Something in a Corefile that its writer should know, though the server starts.
package struct ConfigurationWarning: Sendable, Hashable {
    package let location: SourceLocation
    package let message: String

    package init(location: SourceLocation, message: String) {
        self.location = location
        self.message = message
    }
}

/// One server block: the zones it takes queries for, where it listens, and what answers.
package struct ServerBlock: Sendable, Equatable {
    /// How queries come to a block.
    package enum Transport: String, Sendable {
        /// Over UDP and TCP.
        case dns
        /// Over TLS (RFC 7858).
        case tls
    }

    /// Domain names in lower case with the final dot.
    package var zones: [String]
    package var transport: Transport
    /// 0 lets the kernel choose.
    package var port: UInt16
    /// Addresses or interface names as written after `bind`; empty for every address of the host.
    package var bindings: [String]
    /// Addresses or interface names as written after `except`: left out of what an interface in
    /// `bindings` has.
    package var excludedBindings: [String]
    /// Nil: queries for these zones are refused.
    package var fabdns: FabDNSBlock?
    package var features: BlockFeatures
    /// Of the first `bind`.
    package var bindLocation: SourceLocation?
    package var location: SourceLocation

    package init(
        zones: [String], transport: Transport = .dns, port: UInt16, bindings: [String] = [],
        excludedBindings: [String] = [], bindLocation: SourceLocation? = nil,
        fabdns: FabDNSBlock? = nil, features: BlockFeatures = BlockFeatures(),
        location: SourceLocation
    ) {
        self.features = features
        self.transport = transport
        self.zones = zones
        self.port = port
        self.bindings = bindings
        self.excludedBindings = excludedBindings
        self.fabdns = fabdns
        self.bindLocation = bindLocation
        self.location = location
    }
}

/// A `fabdns` block: which zones are answered from which catalog, for an asker in which place.
package struct FabDNSBlock: Sendable, Equatable {
    /// Domain names in lower case with the final dot; the server block's where the directive names
    /// none.
    package var zones: [String]
    /// `catalog FILE`, as written, relative to the working directory.
    package var catalogFile: String?
    package var masterURL: String?
    package var kubeconfig: String?
    /// Clusters whose APIs are watched.
    package var members: [MemberDirective] = []
    /// `member-secrets NAMESPACE`: Secrets of the own API that name more of them.
    package var memberSecrets: String?
    /// For all clusters that say nothing else.
    package var stale: StaleDirective?
    /// `brake release after DURATION`; nil: an operator releases it.
    package var brakeMilliseconds: Int?
    /// `state DIR [every DURATION]`.
    package var state: StateDirective?
    /// `admin [ADDRESS]`.
    package var admin: HTTPAddress?
    /// Nil: as each zone has it.
    package var names: NameForms?
    package var cluster: String?
    package var region: String?
    package var zone: String?
    /// 0...3600.
    package var ttlSeconds: UInt32
    /// Zones whose unanswered queries fall through; nil for none, `["."]` for all.
    package var fallthroughZones: [String]?
    package var location: SourceLocation

    package init(
        zones: [String], catalogFile: String? = nil, masterURL: String? = nil,
        kubeconfig: String? = nil, cluster: String? = nil, region: String? = nil,
        zone: String? = nil, ttlSeconds: UInt32 = 5, fallthroughZones: [String]? = nil,
        location: SourceLocation
    ) {
        self.zones = zones
        self.catalogFile = catalogFile
        self.masterURL = masterURL
        self.kubeconfig = kubeconfig
        self.cluster = cluster
        self.region = region
        self.zone = zone
        self.ttlSeconds = ttlSeconds
        self.fallthroughZones = fallthroughZones
        self.location = location
    }

    /// The names that one of the zones has.
    package func names(in zone: String) -> NameForms { names ?? .usual(in: zone) }
}
