// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Foundation
internal import Synchronization

/// A real control plane of Kubernetes, owned by a test: etcd and kube-apiserver, and on demand
/// kube-controller-manager, kube-scheduler and kwok.
///
/// One takes half a gigabyte, so suites that use it are `.serialized`. No more than two start at
/// the same time; how many live is up to the tests, which so cannot wait for each other.
package final class ControlPlane: Sendable {
    /// What runs at this moment.
    private struct Running {
        var etcd: RunningProgram?
        var server: RunningProgram?
        var others: [RunningProgram] = []

        var all: [RunningProgram] { [etcd, server].compactMap { $0 } + others }
    }

    private static let starting = DispatchSemaphore(value: 2)

    let plan: ControlPlanePlan
    private let ports: [HeldPort]
    private let hasControllers: Bool
    private let nodes: Int
    private let running = Mutex(Running())
    private let lastWill: LastWill

    /// Whether KUBEBUILDER_ASSETS names the programs.
    package static var isAvailable: Bool { ControlPlanePlan.assets != nil }

    /// Whether KWOK, too, names a program, so that nodes can be simulated.
    package static var hasNodes: Bool { isAvailable && ControlPlanePlan.kwok != nil }

    /// Starts one and waits until the API server is ready.
    ///
    /// Nodes come with all controllers. They have no labels of a zone and a region left empty. Pods
    /// on them have addresses of `10.NETWORK.0.0/16`.
    package init(
        name: String, controllers: Bool = false, nodes: Int = 0, zone: String = "",
        region: String = "", podNetwork: Int = 244
    ) throws {
        guard let assets = ControlPlanePlan.assets else {
            throw Failure("KUBEBUILDER_ASSETS names no control plane")
        }
        ports = [try HeldPort(), try HeldPort()]
        plan = ControlPlanePlan(
            name: name, assets: assets, kwok: ControlPlanePlan.kwok,
            folder: try Folder(in: ControlPlanePlan.parentFolder), etcdPort: ports[0].number,
            serverPort: ports[1].number, zone: zone, region: region, podNetwork: podNetwork)
        lastWill = try LastWill(for: plan.folder)
        hasControllers = controllers || nodes > 0
        self.nodes = nodes
        try plan.writeFiles()
        try start()
    }

    deinit { endAll() }

    /// The path of a kubeconfig of an administrator; its context is named like this.
    package var kubeconfig: String { plan.kubeconfigPath }

    /// The port of the API server on 127.0.0.1.
    package var port: UInt16 { plan.serverPort }

    // MARK: Starting and ending

    private func start() throws {
        guard Self.starting.wait(timeout: .now() + 120) == .success else {
            throw Failure("other control planes take too long to start")
        }
        defer { Self.starting.signal() }
        let etcd = try plan.startEtcd()
        try change { $0.etcd = etcd }
        try startAPIServer()
        if hasControllers {
            let controllers = try plan.startControllers()
            try change { $0.others.append(controllers) }
        }
        guard nodes > 0 else { return }
        let scheduler = try plan.startScheduler()
        try change { $0.others.append(scheduler) }
        let kwok = try plan.startKwok()
        try change { $0.others.append(kwok) }
        try apply(plan.nodes(nodes))
    }

    private func endAll() {
        let programs = running.withLock { running in
            defer { running = Running() }
            return running.all
        }
        for program in programs { program.signal(SIGKILL) }
        for program in programs { program.end(SIGKILL) }
    }

    private func change(_ body: (inout Running) -> Void) throws {
        let programs = running.withLock { running in
            body(&running)
            return running.all
        }
        try lastWill.name(programs)
    }

    /// Sends the API server a signal, and waits for its end when that is SIGKILL.
    ///
    /// SIGTERM lets it wait up to a minute for its watches; SIGSTOP freezes it until SIGCONT.
    package func stopAPIServer(_ signal: Int32 = SIGKILL) {
        guard let server = running.withLock({ $0.server }) else { return }
        if signal == SIGKILL {
            server.end(SIGKILL)
        } else {
            server.signal(signal)
        }
    }

    /// Starts the API server on the same port with the same data, and waits until it is ready.
    ///
    /// One that is still there is ended before.
    package func startAPIServer() throws {
        stopAPIServer()
        let server = try plan.startServer()
        try change { $0.server = server }
        try waitUntilReady()
    }

    private func waitUntilReady() throws {
        let isReady = try eventually(within: 60) {
            let programs = running.withLock { [$0.etcd, $0.server] }.compactMap { $0 }
            if let dead = programs.first(where: { !$0.isRunning }) {
                throw Failure("\(plan.name) did not start: \(dead.output.soFar.suffix(2000))")
            }
            // Asking by kubectl costs much more than finding out that nobody listens yet.
            guard (try? Socket(.tcp, port: port)) != nil else { return false }
            return (try? kubectl(["get", "--raw", "/readyz"])) == "ok"
        }
        guard isReady else { throw Failure("\(plan.name) is not ready in time") }
    }

    /// Deletes all data and starts everything anew, with the same ports and certificates.
    package func wipe() throws {
        endAll()
        try FileManager.default.removeItem(at: plan.folder.url.appending(path: "etcd"))
        try start()
    }

    /// Makes all older resource versions unknown, also those that `continue` tokens name.
    ///
    /// etcd compacts its history, and the API server, whose cache would answer without asking
    /// etcd, is restarted: running watches end.
    package func compact() throws {
        let etcd = EtcdGateway(port: plan.etcdPort)
        try etcd.compact(upTo: etcd.revision())
        try startAPIServer()
    }
}
