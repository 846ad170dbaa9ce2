// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import Glibc
package import Log
internal import Synchronization

/// The feed of an API: watches its objects and tells what they export.
package final class APIFeed: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on the loop's queue only, but
    // for what is behind a mutex.
    package let plan: APIFeedPlan
    private let clients: KubernetesClients
    private let deliverBatch: @Sendable ([FeedEvent], FeedReceipt) -> Void
    private var receipts = ReceiptBook(startSeconds: Double(time(nil)))
    private let log: Log
    private let timing: WatchTiming
    private var server: APIServer?
    private var watches: [APIResource: ListWatch] = [:]
    /// What is watched because the store wants it.
    private var scopes: Set<ExportScope> = []
    private var willFollow = false
    private var store: any ObjectStore
    private var states: [APIResource: ListWatch.State] = [:]
    private var listed: Set<APIResource.Kind> = []
    private var link: LinkState
    private var timer: LoopTimer?
    /// What was last said of objects that cannot be read, and of states.
    private var refusals: Set<String> = []
    private var lastSaid: [APIResource: String] = [:]
    private var isStopped = false
    private let restartCounts = Mutex<[APIRestart: UInt64]>([:])

    private static let maximumRefusals = 1000

    package convenience init(
        _ plan: APIFeedPlan, on clients: KubernetesClients, log: Log,
        deliver: @escaping @Sendable ([FeedEvent], FeedReceipt) -> Void
    ) {
        self.init(plan, on: clients, timing: WatchTiming(), log: log, deliver: deliver)
    }

    init(
        _ plan: APIFeedPlan, on clients: KubernetesClients, timing: WatchTiming, log: Log,
        deliver: @escaping @Sendable ([FeedEvent], FeedReceipt) -> Void
    ) {
        self.plan = plan
        self.timing = timing
        self.clients = clients
        self.log = log
        deliverBatch = deliver
        link = LinkState(now: 0)
        switch plan.identity {
        case .hub: store = HubStore()
        case .imports: store = ImportStore()
        case .direct, .file:
            store = ExportStore(
                rule: ExportRule(place: plan.place, namespaces: plan.namespaces),
                kinds: [.services, .endpointSlices, .nodes, .serviceExports])
        }
    }

    /// Begins to watch.
    package func start() { clients.loop.enqueue { [self] in open() } }

    package func stop() { clients.loop.enqueue { [self] in close() } }

    /// How often lists and watches had to begin again, and why.
    package var restarts: [APIRestart: UInt64] { restartCounts.withLock { $0 } }

    // MARK: On the loop's queue

    private var now: Double { Double(clients.loop.nowMilliseconds) / 1000 }

    private var resources: [APIResource] {
        switch plan.identity {
        case .hub: [APIResource(kind: .globalServices)]
        case .imports:
            [
                APIResource(kind: .serviceImports),
                APIResource(kind: .endpointSlices, labelSelector: WatchedLabel.importName),
            ]
        case .direct, .file:
            [
                APIResource(kind: .services, labelSelector: plan.labelSelector),
                APIResource(kind: .endpointSlices, labelSelector: plan.labelSelector),
                APIResource(kind: .nodes), APIResource(kind: .serviceExports),
            ]
        }
    }

    private func open() {
        guard !isStopped else { return }
        do throws(SystemError) {
            link = LinkState(now: now)
            let server = try clients.server(plan.access, masterURL: plan.masterURL)
            self.server = server
            let timer = try LoopTimer { [unowned self] in settle() }
            try clients.loop.watch(timer, for: .read)
            self.timer = timer
            try watch(resources, of: server)
        } catch {
            sayOnce("cannot be watched: \(error)")
            deliver([.unheard(reason: "\(error)")])
            release()
            // What could not be had may be there in a while.
            clients.later { [weak self] in self?.open() }
        }
    }

    private func watch(_ resources: [APIResource], of server: APIServer) throws(SystemError) {
        var new: [ListWatch] = []
        for resource in resources {
            let streams = plan.streams ?? false
            do throws(SystemError) {
                new.append(
                    try ListWatch(
                        resource, of: server, initial: streams ? .stream : .list, sink: self,
                        timing: timing))
            } catch {
                for watch in new { watch.stop() }
                throw error
            }
        }
        for watch in new {
            states[watch.resource] = .starting
            watches[watch.resource] = watch
        }
        for watch in new { watch.start() }
    }

    /// Begins and ends watches as the store wants them, after the call of a watch that may be one
    /// of those that end.
    private func follow() {
        guard !willFollow, store.watchedScopes != scopes else { return }
        willFollow = true
        clients.loop.enqueue { [weak self] in self?.followNow() }
    }

    private func followNow() {
        willFollow = false
        guard !isStopped, let server else { return }
        let wanted = store.watchedScopes
        for scope in scopes.subtracting(wanted) {
            for resource in scope.resources {
                watches.removeValue(forKey: resource)?.stop()
                states[resource] = nil
                lastSaid[resource] = nil
            }
            store.drop(scope)
            scopes.remove(scope)
        }
        for scope in wanted.subtracting(scopes) {
            do throws(SystemError) {
                try watch(scope.resources, of: server)
                scopes.insert(scope)
            } catch {
                sayOnce("\(scope) cannot be watched: \(error)")
                willFollow = true
                clients.later { [weak self] in self?.followNow() }
                break
            }
        }
        flush()
    }

    private func close() {
        isStopped = true
        release()
    }

    private func release() {
        for watch in watches.values { watch.stop() }
        watches = [:]
        if let timer { clients.loop.forget(timer) }
        timer = nil
        if server != nil { clients.release(plan.access, masterURL: plan.masterURL) }
        server = nil
    }

    /// A list of nothing but what is not to be had is as good as live.
    private var isUp: Bool {
        store.isComplete
            && states.allSatisfy { resource, state in
                switch state {
                case .live: true
                // A kind that was served and is no more has been taken away, not emptied.
                case .absent:
                    !isNeeded(resource.kind) && !listed.contains(resource.kind)
                        || !store.hasObjects(of: resource.kind)
                case .forbidden:
                    resource.kind == .nodes
                        || resource.kind == .serviceExports && !listed.contains(.serviceExports)
                // What is wanted besides has been waited for when the cluster was not known.
                case .starting: resource.scope != .labelled
                case .failing: false
                }
            }
    }

    /// Whether a cluster without it is none: a hub may have no kinds but its own.
    private func isNeeded(_ kind: APIResource.Kind) -> Bool {
        guard case .direct = plan.identity else { return false }
        return kind.isBuiltIn
    }

    /// Whether a feed that can be done without has been refused.
    private var isForbidden: Bool {
        plan.isOptional
            && states.contains { resource, state in
                guard case .forbidden = state else { return false }
                return resource.kind != .serviceExports
            }
    }

    private func settle() {
        tell(link.set(isUp: isUp, at: now))
        guard let deadline = link.deadline else { return }
        timer?.set(milliseconds: Int((deadline - now) * 1000) + 1)
    }

    private func tell(_ change: LinkState.Change?) {
        switch change {
        case nil: break
        case .back:
            log.info("\(plan.identity.description): live")
            deliver([.synced])
        case .lost(let since):
            let wall = Double(time(nil)) - (now - since)
            let reason = states.values.compactMap(\.problem).sorted().first ?? "not heard"
            if store.isComplete {
                log.warning(
                    "\(plan.identity.description): not heard (\(reason)); what is known stays")
            } else {
                log.warning("\(plan.identity.description): not heard yet: \(reason)")
            }
            guard !store.isComplete else { return deliver([.lost(since: wall)]) }
            if !isForbidden { deliver([.unheard(reason: reason)]) }
        }
    }

    private func flush() {
        let events = store.takeEvents()
        let isNews = events.allSatisfy { if case .listed = $0 { false } else { true } }
        let receipt = receipts.take(isNews: isNews)
        if !events.isEmpty { deliverBatch(events, receipt) }
        follow()
        settle()
    }

    private func deliver(_ events: [FeedEvent]) {
        deliverBatch(events, FeedReceipt(uptimeNanoseconds: nil, triggers: []))
    }
}

/// A kind of restart that is counted.
package struct APIRestart: Hashable, Sendable {
    package let resource: String
    package let reason: String
}

extension APIFeed: WatchSink {
    func listBegan(_ resource: APIResource) { store.listBegan(resource.kind, resource.scope) }

    func put(_ object: APIObject, of resource: APIResource) {
        receipts.noteEvent()
        if case .endpointSlice(let slice) = object { noteTrigger(slice) }
        store.put(object, resource.scope)
    }

    private func noteTrigger(_ slice: SliceObject) {
        guard let seconds = slice.triggerSeconds, let service = slice.service,
            let exposure = (store as? ExportStore)?.exposure(of: service)
        else { return }
        receipts.noteTrigger(seconds, isHeadless: exposure == .headless)
    }

    func removed(_ name: ObjectName, of resource: APIResource) {
        receipts.noteEvent()
        store.remove(name, resource.kind, resource.scope)
    }

    func listEnded(_ resource: APIResource) {
        store.listEnded(resource.kind, resource.scope)
        listed.insert(resource.kind)
        flush()
    }

    func paused(_ resource: APIResource) { flush() }

    func refused(_ name: ObjectName?, _ reason: String, of resource: APIResource) {
        if let name { store.keep(name, resource.kind, resource.scope) }
        let shown = name.map { " \($0)" } ?? ""
        sayOnce("\(resource.kind.rawValue)\(shown): \(reason); what was known of it stays")
    }

    private func sayOnce(_ text: String) {
        guard refusals.count < Self.maximumRefusals, refusals.insert(text).inserted else { return }
        log.warning("\(plan.identity.description): \(text)")
    }

    func changed(_ state: ListWatch.State, of resource: APIResource) {
        states[resource] = state
        if state == .live { for watch in watches.values { watch.hurry() } }
        if resource.scope == .labelled, mayBeDoneWithout(resource.kind, state) {
            store.doWithout(resource.kind)
        }
        say(state, of: resource)
        if isForbidden, !store.isComplete { deliver([.absent]) }
        flush()
    }

    func restarted(_ resource: APIResource, because reason: ListWatch.RestartReason) {
        let key = APIRestart(resource: resource.kind.rawValue, reason: reason.rawValue)
        restartCounts.withLock { $0[key, default: 0] += 1 }
    }

    /// Whether the feed can go on without it: Nodes only say where endpoints are, ServiceExports
    /// come beside the label, and of objects whose kind the server does not have there are none.
    private func mayBeDoneWithout(_ kind: APIResource.Kind, _ state: ListWatch.State) -> Bool {
        switch state {
        case .absent: !isNeeded(kind)
        case .forbidden: kind == .nodes || kind == .serviceExports
        case .starting, .live, .failing: false
        }
    }

    /// Rights and CRDs that are missing are said once, with what would help.
    private func say(_ state: ListWatch.State, of resource: APIResource) {
        let line: String
        switch state {
        case .starting, .failing: return
        case .live:
            lastSaid[resource] = nil
            return
        case .forbidden(let reason):
            line = "\(reason); \(RightsAdvice.forbidden(resource))"
        case .absent(let reason): line = "\(reason); \(RightsAdvice.absent(resource))"
        }
        guard lastSaid[resource] != line else { return }
        lastSaid[resource] = line
        // Most clusters do not have the Multi-Cluster Services API.
        if case .absent = state, [.serviceExports, .serviceImports].contains(resource.kind) {
            return
        }
        log.warning("\(plan.identity.description): \(resource.kind.rawValue): \(line)")
    }
}

extension ListWatch.State {
    var problem: String? {
        switch self {
        case .starting: "no list has come yet"
        case .live: nil
        case .failing(let reason), .forbidden(let reason), .absent(let reason): reason
        }
    }
}
