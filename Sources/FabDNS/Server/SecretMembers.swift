// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
internal import Log
import ServiceCatalog

/// The clusters of a catalog that Secrets name: they come, change and go while it is served.
final class SecretMembers: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only.
    private let queue = DispatchQueue(label: "fabdns.members")
    private let source: CatalogPlan.SecretSource
    /// Nil once it is gone; it says so before.
    private weak var catalog: CatalogSource?
    private let keeper: StateKeeper?
    private let log: Log
    /// Clusters of the Corefile, which no Secret changes.
    private let fixed: Set<String>
    /// What is watched; nil for a cluster of which only saved state is known yet.
    private var members: [String: MemberSecret?] = [:]
    private var brake = MemberBrake()
    /// Of the last hold, to tell it from those before.
    private var holdNumber = 0
    private var feed: MemberSecretFeed?
    private var isStopped = false

    private static let maximumNamed = 10

    init(
        _ source: CatalogPlan.SecretSource, of catalog: CatalogSource, fixed: Set<String>,
        keeper: StateKeeper?, log: Log
    ) {
        self.source = source
        self.catalog = catalog
        self.fixed = fixed
        self.keeper = keeper
        self.log = log
    }

    /// Brings back what `earlier` catalogs of the same Secrets know and what was saved, and begins
    /// to watch.
    func start(on clients: KubernetesClients, knowing earlier: [CatalogSource]) {
        queue.sync {
            let known = Set((keeper?.clusters ?? []) + earlier.flatMap(\.secretClusters))
                .subtracting(fixed).sorted()
            for cluster in known {
                members[cluster] = .some(nil)
                keeper?.add(.direct(cluster: cluster))
            }
            catalog?.add(known.map { source.feed(of: $0) }, knowing: earlier)
        }
        let feed = MemberSecretFeed(
            namespace: source.namespace, access: source.access, masterURL: source.masterURL,
            on: clients, log: log
        ) { [weak self] update in
            guard let self else { return }
            queue.async { self.take(update) }
        }
        self.feed = feed
        feed.start()
    }

    /// Nothing comes or goes any more when it returns.
    func stop() {
        feed?.stop()
        queue.sync { isStopped = true }
    }

    /// The clusters that are served, those of saved state only among them.
    var clusters: [String] { queue.sync { Array(members.keys) } }

    // MARK: On the queue

    private func take(_ update: MemberSecretFeed.Update) {
        guard !isStopped, let catalog else { return }
        for (cluster, member) in update.members where !fixed.contains(cluster) {
            guard members[cluster] != .some(member) else { continue }
            if members[cluster] == nil {
                log.info("cluster \(cluster): named by \(member.access)")
                keeper?.add(.direct(cluster: cluster))
                catalog.add([source.feed(of: cluster)])
            }
            members[cluster] = member
            catalog.watch(APIFeedPlan(member))
        }
        let held = brake.held
        for cluster in brake.leaving(members.keys, after: update) { withdraw(cluster) }
        if !brake.held.isSubset(of: held) { sayHeld() }
        if held.isEmpty, !brake.held.isEmpty { hold() }
    }

    /// A list that has lost much at once is not believed here either.
    private func sayHeld() {
        let names = brake.held.sorted().prefix(Self.maximumNamed).joined(separator: ", ")
        let more = brake.held.count > Self.maximumNamed ? ", ..." : ""
        log.warning(
            "\(brake.held.count) clusters are no longer named by secrets, and are kept until a "
                + "list has them again: \(names)\(more)")
    }

    /// A brake with a time lets go after it, unless it has let go before.
    private func hold() {
        holdNumber += 1
        guard let seconds = source.brakeSeconds else { return }
        queue.asyncAfter(deadline: .now() + seconds) { [weak self, holdNumber] in
            guard let self, !isStopped, self.holdNumber == holdNumber else { return }
            for cluster in brake.release() { withdraw(cluster) }
        }
    }

    /// Nobody is left to be waited for; a policy with a time gives it that time.
    private func withdraw(_ cluster: String) {
        members[cluster] = nil
        log.info("cluster \(cluster): no longer named by a secret")
        let feed = source.feed(of: cluster)
        catalog?.unwatch(feed.identity)
        let seconds = source.stale.action == .hold ? 0 : source.stale.afterSeconds
        queue.asyncAfter(deadline: .now() + seconds) { [weak self] in
            guard let self, !isStopped, members[cluster] == nil else { return }
            catalog?.remove(feed)
            keeper?.forget(feed.identity)
        }
    }
}

extension APIFeedPlan {
    fileprivate init(_ member: MemberSecret) {
        self.init(
            identity: .direct(cluster: member.cluster), access: member.access,
            place: Place(cluster: member.cluster, region: member.region, zone: member.zone))
    }
}
