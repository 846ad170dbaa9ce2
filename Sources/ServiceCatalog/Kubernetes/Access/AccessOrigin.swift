// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Where credentials come from.
package enum AccessOrigin: Sendable, Hashable {
    case kubeconfig(path: String, context: String?)
    /// A kubeconfig that came as text, from the Secret that `origin` names: programs and files that
    /// it names are refused, they would be this machine's.
    case text(String, origin: String)
    /// The service account of the Pod we run in, with `token` and `ca.crt` in the folder.
    case inCluster(host: String, port: String, folder: String)

    package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Nobody: an API server that asks for no credentials, as `kubectl proxy` does not.
    package static func anonymous(server: String) -> AccessOrigin {
        let url = server.utf8.map { octet in
            // The Corefile lets only printable ASCII through.
            octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\")
                ? "%" + String(octet, radix: 16) : String(Unicode.Scalar(octet))
        }.joined()
        return .text(
            """
            {"apiVersion": "v1", "kind": "Config", "current-context": "own",
             "contexts": [{"name": "own", "context": {"cluster": "own", "user": "nobody"}}],
             "clusters": [{"name": "own", "cluster": {"server": "\(url)"}}],
             "users": [{"name": "nobody", "user": {}}]}
            """, origin: "masterurl \(server)")
    }

    /// The service account, where the environment is that of a Pod.
    package static func inCluster(environment: [String: String]) -> AccessOrigin? {
        guard
            let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        return .inCluster(host: host, port: port, folder: serviceAccountFolder)
    }
}

extension AccessOrigin: CustomStringConvertible {
    /// What errors begin with; never the text of a kubeconfig.
    package var description: String {
        switch self {
        case .kubeconfig(let path, _): path
        case .text(_, let origin): origin
        case .inCluster(_, _, let folder): folder
        }
    }
}
