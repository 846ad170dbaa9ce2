// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A cluster as a Secret names it.
package struct MemberSecret: Hashable, Sendable {
    package let cluster: String
    package let zone: String?
    package let region: String?
    /// Where the credentials come from: the kubeconfig as text.
    package let access: AccessOrigin
}

/// Which clusters the Secrets of a namespace name: a value that takes them.
struct MemberSecretStore {
    private var secrets: [ObjectName: SecretObject] = [:]
    private var seen: Set<ObjectName>?

    mutating func listBegan() { seen = [] }

    mutating func put(_ secret: SecretObject) {
        seen?.insert(secret.name)
        secrets[secret.name] = secret
    }

    /// One that cannot be read stays what it was.
    mutating func keep(_ name: ObjectName) { seen?.insert(name) }

    /// Answers with the cluster that the Secret named.
    mutating func remove(_ name: ObjectName) -> String? {
        secrets.removeValue(forKey: name)?.cluster
    }

    mutating func listEnded() {
        guard let seen else { return }
        secrets = secrets.filter { seen.contains($0.key) }
        self.seen = nil
    }

    /// The clusters, and what is wrong with Secrets; where two name the same cluster the first by
    /// name counts.
    var members: (members: [String: MemberSecret], complaints: [String]) {
        var members: [String: MemberSecret] = [:]
        var complaints: [String] = []
        for (name, secret) in secrets.sorted(by: { $0.key < $1.key }) {
            guard let cluster = secret.cluster, NameRule.isClusterID(Array(cluster.utf8)[...])
            else {
                complaints.append(
                    "secret \(name): expected a cluster's id, one or two RFC 1123 labels, in label "
                        + WatchedLabel.cluster)
                continue
            }
            guard let kubeconfig = secret.kubeconfig, !kubeconfig.isEmpty else {
                complaints.append("secret \(name): expected the key kubeconfig")
                continue
            }
            guard members[cluster] == nil else {
                complaints.append("secret \(name): cluster \(cluster) has another one already")
                continue
            }
            members[cluster] = MemberSecret(
                cluster: cluster, zone: secret.zone, region: secret.region,
                access: .text(kubeconfig, origin: "secret \(name)"))
        }
        return (members, complaints)
    }
}
