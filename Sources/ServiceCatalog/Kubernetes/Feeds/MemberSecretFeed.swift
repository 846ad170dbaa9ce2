// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
package import Log

/// Watches the Secrets of a namespace that name clusters to watch.
package final class MemberSecretFeed: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on the loop's queue only.

    /// All clusters that Secrets name.
    package struct Update: Sendable {
        package let members: [String: MemberSecret]
        /// Whether what is missing was said by nobody: a list no longer has it.
        package let isFromList: Bool
        /// Clusters of which a Secret was seen to be deleted.
        package let deleted: Set<String>
    }

    private let namespace: String
    private let access: AccessOrigin
    private let masterURL: String?
    private let clients: KubernetesClients
    private let log: Log
    private let deliver: @Sendable (Update) -> Void
    private var store = MemberSecretStore()
    private var server: APIServer?
    private var watch: ListWatch?
    private var hasListed = false
    private var isDirty = false
    private var deleted: Set<String> = []
    private var said: Set<String> = []
    private var isStopped = false

    private static let maximumSaid = 1000

    package init(
        namespace: String, access: AccessOrigin, masterURL: String?, on clients: KubernetesClients,
        log: Log, deliver: @escaping @Sendable (Update) -> Void
    ) {
        self.namespace = namespace
        self.access = access
        self.masterURL = masterURL
        self.clients = clients
        self.log = log
        self.deliver = deliver
    }

    package func start() { clients.loop.enqueue { [self] in open() } }

    package func stop() { clients.loop.enqueue { [self] in close() } }

    // MARK: On the loop's queue

    private func open() {
        guard !isStopped else { return }
        do throws(SystemError) {
            let server: APIServer
            if let known = self.server {
                server = known
            } else {
                server = try clients.server(access, masterURL: masterURL)
            }
            self.server = server
            let resource = APIResource(
                kind: .secrets, namespace: namespace, labelSelector: WatchedLabel.cluster)
            watch = try ListWatch(resource, of: server, initial: .list, sink: self)
        } catch {
            say("secrets in \(namespace): cannot be watched: \(error)")
            // What could not be had may be there in a while.
            return clients.later { [weak self] in self?.open() }
        }
        watch?.start()
    }

    private func close() {
        isStopped = true
        if server != nil { clients.release(access, masterURL: masterURL) }
        server = nil
        watch?.stop()
        watch = nil
    }

    private func tell(isFromList: Bool) {
        guard hasListed, isDirty || isFromList else { return }
        isDirty = false
        let (members, complaints) = store.members
        for complaint in complaints { say(complaint) }
        deliver(Update(members: members, isFromList: isFromList, deleted: deleted))
        deleted = []
    }

    private func say(_ line: String) {
        guard said.count < Self.maximumSaid, said.insert(line).inserted else { return }
        log.warning(line)
    }
}

extension MemberSecretFeed: WatchSink {
    func listBegan(_ resource: APIResource) { store.listBegan() }

    func put(_ object: APIObject, of resource: APIResource) {
        guard case .secret(let secret) = object else { return }
        store.put(secret)
        isDirty = true
    }

    func refused(_ name: ObjectName?, _ reason: String, of resource: APIResource) {
        if let name { store.keep(name) }
        say("secret \(name.map { "\($0)" } ?? "in \(namespace)"): \(reason)")
    }

    func removed(_ name: ObjectName, of resource: APIResource) {
        if let cluster = store.remove(name) { deleted.insert(cluster) }
        isDirty = true
    }

    func listEnded(_ resource: APIResource) {
        store.listEnded()
        hasListed = true
        tell(isFromList: true)
    }

    func paused(_ resource: APIResource) { tell(isFromList: false) }

    func changed(_ state: ListWatch.State, of resource: APIResource) {
        switch state {
        case .forbidden(let reason):
            say(
                "\(reason); grant it with: kubectl create role fabdns-members -n \(namespace) "
                    + "--verb=list,watch --resource=secrets, and bind that role")
        case .absent(let reason): say("secrets in \(namespace): \(reason)")
        case .starting, .live, .failing: break
        }
    }

    func restarted(_ resource: APIResource, because reason: ListWatch.RestartReason) {}
}
