// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation

/// Where a control plane of a test lives and how its programs are called.
struct ControlPlanePlan: Sendable {
    let name: String
    /// Where `etcd`, `kube-apiserver`, `kubectl` and their like are.
    let assets: URL
    let kwok: URL?
    let folder: Folder
    let etcdPort: UInt16
    let serverPort: UInt16
    let zone: String
    let region: String
    /// Pods have addresses of `10.NETWORK.0.0/16`.
    let podNetwork: Int

    static var assets: URL? {
        guard let path = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"] else {
            return nil
        }
        let folder = URL(filePath: path, directoryHint: .isDirectory)
        let names = ["etcd", "kube-apiserver", "kubectl"]
        return names.allSatisfy {
            FileManager.default.isExecutableFile(atPath: folder.appending(path: $0).path())
        } ? folder : nil
    }

    static var kwok: URL? {
        ProcessInfo.processInfo.environment["KWOK"].map { URL(filePath: $0) }
    }

    /// Memory where there is such a folder: etcd writes a lot.
    static var parentFolder: URL {
        let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
        return FileManager.default.isWritableFile(atPath: memory.path())
            ? memory : FileManager.default.temporaryDirectory
    }

    var etcdURL: String { "http://127.0.0.1:\(etcdPort)" }
    var kubeconfigPath: String { folder.path("kubeconfig") }
    static let adminToken = "admin-token"

    // MARK: Files

    /// Writes what the programs read.
    func writeFiles() throws {
        try writeCertificates()
        try Certificates.make("accounts", in: folder)
        try folder.write("tokens.csv", "\(Self.adminToken),admin,admin,system:masters\n")
        try folder.write("kubeconfig", kubeconfig(user: "admin", token: Self.adminToken))
        try folder.write("stages.yaml", KwokStages.yaml)
    }

    /// Makes an authority and what the API server shows, or others in their place.
    func writeCertificates() throws {
        try Certificates.make("authority", in: folder)
        try Certificates.make("server", in: folder, signedBy: "authority")
    }

    /// A kubeconfig whose context has the name of the control plane.
    func kubeconfig(user: String, token: String) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: "\(name)"
        contexts: [{name: "\(name)", context: {cluster: "\(name)", user: "\(user)"}}]
        clusters:
        - name: "\(name)"
          cluster:
            server: "https://127.0.0.1:\(serverPort)"
            certificate-authority: "\(folder.path("authority.pem"))"
        users: [{name: "\(user)", user: {token: "\(token)"}}]

        """
    }

    /// Nodes `node-1` ..., each with 254 addresses for pods.
    func nodes(_ count: Int) -> String {
        let labels = [("region", region), ("zone", zone)].filter { !$0.1.isEmpty }
            .map { "topology.kubernetes.io/\($0.0): \"\($0.1)\"" }.joined(separator: ", ")
        return (1...max(1, count)).map { number in
            """
            apiVersion: v1
            kind: Node
            metadata: {name: node-\(number), labels: {\(labels)}}
            spec: {podCIDR: 10.\(podNetwork).\(number).0/24}
            ---

            """
        }.joined()
    }

    // MARK: Programs

    func startEtcd() throws -> RunningProgram {
        try RunningProgram(
            assets.appending(path: "etcd"),
            [
                "--data-dir=\(folder.path("etcd"))",
                "--listen-client-urls=\(etcdURL)", "--advertise-client-urls=\(etcdURL)",
                // It has no peers: any port is good, and nobody asks the address it tells.
                "--listen-peer-urls=http://127.0.0.1:0",
                "--initial-advertise-peer-urls=http://127.0.0.1:1",
                "--initial-cluster=default=http://127.0.0.1:1",
                "--unsafe-no-fsync", "--log-level=error",
            ])
    }

    func startServer() throws -> RunningProgram {
        try RunningProgram(
            assets.appending(path: "kube-apiserver"),
            [
                "--etcd-servers=\(etcdURL)", "--etcd-compaction-interval=0",
                "--bind-address=127.0.0.1", "--secure-port=\(serverPort)",
                "--tls-cert-file=\(folder.path("server.pem"))",
                "--tls-private-key-file=\(folder.path("server.key"))",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--token-auth-file=\(folder.path("tokens.csv"))", "--authorization-mode=RBAC",
                "--service-account-key-file=\(folder.path("accounts.pem"))",
                "--service-account-signing-key-file=\(folder.path("accounts.key"))",
                "--service-account-issuer=https://kubernetes.default.svc",
                // Pods start without anybody who makes accounts for them.
                "--disable-admission-plugins=ServiceAccount", "--allow-privileged=true",
                "--endpoint-reconciler-type=none", "--enable-priority-and-fairness=false",
            ])
    }

    /// Those that make and unmake pods, nodes, accounts and endpoints: all would take longer.
    private static let controllers = [
        "clusterrole-aggregation", "daemonset", "deployment", "endpointslice",
        "endpointslice-mirroring", "garbage-collector", "namespace", "node-lifecycle",
        "pod-garbage-collector", "replicaset", "serviceaccount", "statefulset", "taint-eviction",
    ]

    func startControllers() throws -> RunningProgram {
        try RunningProgram(
            assets.appending(path: "kube-controller-manager"),
            [
                "--kubeconfig=\(kubeconfigPath)", "--secure-port=0", "--leader-elect=false",
                "--use-service-account-credentials=false",
                "--controllers=\(Self.controllers.map { "\($0)-controller" }.joined(separator: ","))",
            ])
    }

    func startScheduler() throws -> RunningProgram {
        try RunningProgram(
            assets.appending(path: "kube-scheduler"),
            ["--kubeconfig=\(kubeconfigPath)", "--secure-port=0", "--leader-elect=false"])
    }

    func startKwok() throws -> RunningProgram {
        guard let kwok else { throw Failure("KWOK names no program") }
        return try RunningProgram(
            kwok,
            [
                "--kubeconfig=\(kubeconfigPath)", "--config=\(folder.path("stages.yaml"))",
                // Without leases nodes are given up after 50 s, and their pods with them.
                "--node-lease-duration-seconds=40", "--manage-all-nodes",
                "--cidr=10.\(podNetwork).0.0/16", "--node-ip=10.0.0.1",
            ])
    }
}
