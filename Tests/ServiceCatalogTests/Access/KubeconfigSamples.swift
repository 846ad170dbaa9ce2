// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

@testable import ServiceCatalog

/// Parts of kubeconfigs.
enum Samples {
    /// In every secret of a test; in no error.
    static let secret = "s3cr3t"

    static let certificate = "-----BEGIN CERTIFICATE-----\n\(secret)\n-----END CERTIFICATE-----\n"
    static let key = "-----BEGIN PRIVATE KEY-----\n\(secret)\n-----END PRIVATE KEY-----\n"

    static func base64(_ text: String) -> String { Base64.encode(Array(text.utf8)) }

    /// A kubeconfig of one context, whose cluster is on line 5 and whose user on line 6.
    static func kubeconfig(
        cluster: String = "server: https://10.0.0.1:6443", user: String = "token: \(secret)"
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u}}]
        clusters: [{name: k, cluster: {\(cluster)}}]
        users: [{name: u, user: {\(user)}}]

        """
    }

    /// `file:line:column: path: problem` as the error says it; nil where the text is accepted.
    static func fault(
        _ text: String, context: String? = nil, isFile: Bool = true
    ) -> String? {
        do {
            _ = try Kubeconfig.decode(Array(text.utf8), context: context, isFile: isFile)
            return nil
        } catch {
            return AccessError(file: "f", fault: error).description
        }
    }

    static func decode(
        _ text: String, context: String? = nil, isFile: Bool = true
    ) throws -> Kubeconfig {
        try Kubeconfig.decode(Array(text.utf8), context: context, isFile: isFile)
    }
}
