// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import ServiceCatalog

/// Where the services of a `fabdns` block come from: blocks with equal plans share a catalog.
struct CatalogPlan: Hashable {
    /// `catalog FILE`.
    let file: String?
    let apis: [APIFeedPlan]
    /// Every feed with its policies.
    let feeds: [CatalogFeed]
    let state: StateDirective?
    /// `member-secrets NAMESPACE`: more clusters, which come and go.
    let secrets: SecretSource?

    /// Where Secrets name clusters, and how those are treated.
    struct SecretSource: Hashable {
        let namespace: String
        let access: AccessOrigin
        let masterURL: String?
        let stale: StalePolicy
        let brakeSeconds: Double?

        /// Whether they name the same clusters, however those are treated.
        func isSame(as other: SecretSource) -> Bool {
            (namespace, access, masterURL) == (other.namespace, other.access, other.masterURL)
        }

        func feed(of cluster: String) -> CatalogFeed {
            CatalogFeed(
                .direct(cluster: cluster), stale: stale, brakeSeconds: brakeSeconds,
                isAwaited: false)
        }
    }

    init(file: String) {
        self.file = file
        state = nil
        secrets = nil
        apis = []
        feeds = [CatalogFeed(.file)]
    }

    init(_ block: FabDNSBlock, podAPI: PodAPI?) {
        file = block.catalogFile
        state = block.state
        let members = block.members.map { APIFeedPlan($0) }
        let access = Self.ownAPI(block, podAPI)
        let own = access.map { access in
            Self.ownFeeds(block, access).filter { own in
                !members.contains { $0.identity == own.identity }
            }
        }
        apis = members + (own ?? [])
        let policy = StalePolicy(block.stale)
        let brakeSeconds = block.brakeMilliseconds.map { Double($0) / 1000 }
        secrets = block.memberSecrets.flatMap { namespace in
            access.map {
                SecretSource(
                    namespace: namespace, access: $0,
                    masterURL: block.kubeconfig == nil ? nil : block.masterURL, stale: policy,
                    brakeSeconds: brakeSeconds)
            }
        }
        let policies = Dictionary(
            block.members.map { (FeedIdentity.direct(cluster: $0.name), $0.stale) },
            uniquingKeysWith: { first, _ in first })
        feeds =
            (block.catalogFile == nil ? [] : [CatalogFeed(.file)])
            + apis.map { api in
                let own = policies[api.identity].flatMap(\.self)
                return CatalogFeed(
                    api.identity, stale: own.map { StalePolicy($0) } ?? policy,
                    brakeSeconds: brakeSeconds)
            }
    }

    /// The own API is asked where the block names it, and in a Pod where no catalog file says
    /// what there is.
    private static func ownAPI(_ block: FabDNSBlock, _ podAPI: PodAPI?) -> AccessOrigin? {
        if let path = block.kubeconfig { return .kubeconfig(path: path, context: nil) }
        if let url = block.masterURL { return .anonymous(server: url) }
        guard block.catalogFile == nil || block.memberSecrets != nil, let podAPI else { return nil }
        return .inCluster(
            host: podAPI.host, port: podAPI.port, folder: AccessOrigin.serviceAccountFolder)
    }

    /// GlobalServices and ServiceImports, and where the block says which cluster it is in, what
    /// that one exports.
    ///
    /// fab-dns needs rights for GlobalServices only; where there are no others the hub tells of the
    /// own cluster too.
    private static func ownFeeds(_ block: FabDNSBlock, _ access: AccessOrigin) -> [APIFeedPlan] {
        let masterURL = block.kubeconfig == nil ? nil : block.masterURL
        // Where members say what there is, nobody has to have a hub.
        let hub = APIFeedPlan(
            identity: .hub, access: access, masterURL: masterURL, streams: true,
            isOptional: !block.members.isEmpty || block.memberSecrets != nil)
        let imports = APIFeedPlan(
            identity: .imports, access: access, masterURL: masterURL, streams: true,
            isOptional: true)
        guard let cluster = block.cluster else { return [hub, imports] }
        return [
            hub, imports,
            APIFeedPlan(
                identity: .direct(cluster: cluster), access: access, masterURL: masterURL,
                place: Place(cluster: cluster, region: block.region, zone: block.zone),
                streams: true, isOptional: true),
        ]
    }

    var hasAPI: Bool { !apis.isEmpty || secrets != nil }

    /// How far apart state is written.
    var stateSeconds: Double {
        state.map { Double($0.intervalMilliseconds) / 1000 } ?? SaveSchedule.standardInterval
    }

    /// Where it is from.
    var description: String {
        let names = apis.map(\.identity).map { identity in
            if case .direct(let cluster) = identity { "cluster \(cluster)" } else { identity.name }
        }
        let secrets = secrets.map { ["clusters of secrets in \($0.namespace)"] } ?? []
        return ([file].compactMap(\.self) + names + secrets).joined(separator: ", ")
    }

    /// As metrics, pages and `fabdns check` name the plans, in the order of their blocks: two that
    /// ask different APIs of the same clusters have different names.
    static func names(of plans: [CatalogPlan]) -> [CatalogPlan: String] {
        var names: [CatalogPlan: String] = [:]
        var taken: Set<String> = []
        for plan in plans where names[plan] == nil {
            var name = plan.description
            var number = 1
            while !taken.insert(name).inserted {
                number += 1
                name = "\(plan.description) (\(number))"
            }
            names[plan] = name
        }
        return names
    }
}

extension APIFeedPlan {
    fileprivate init(_ member: MemberDirective) {
        let access: AccessOrigin =
            member.kubeconfig.map { .kubeconfig(path: $0, context: member.context) }
            ?? .anonymous(server: member.masterURL ?? "")
        self.init(
            identity: .direct(cluster: member.name), access: access,
            masterURL: member.kubeconfig == nil ? nil : member.masterURL,
            place: Place(cluster: member.name, region: member.region, zone: member.zone),
            namespaces: member.namespaces.map(Set.init),
            labelSelector: member.labelSelector ?? Self.exportLabel,
            streams: member.initial.map { $0 == .stream })
    }
}

extension StalePolicy {
    fileprivate init(_ directive: StaleDirective?) {
        guard let directive else {
            self.init()
            return
        }
        let action: Action =
            switch directive.action {
            case .hold: .hold
            case .demote: .demote
            case .drop: .drop
            }
        self.init(action, afterSeconds: Double(directive.afterMilliseconds) / 1000)
    }
}
