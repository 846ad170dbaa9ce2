// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a name below a zone asks for: one case per form of fab-dns's names, and Kubernetes' for
/// ports.
///
/// All parts are in lower case and lack the underscores of the port form.
package enum ServiceQuestion: Sendable, Hashable {
    /// `SVC.NS.svc`: the service, its endpoints ranked for the asker.
    case service(service: String, namespace: String)
    /// `_PORT._PROTO.SVC.NS.svc`: a port of the service (RFC 2782).
    case port(port: String, transport: String, service: String, namespace: String)
    /// `SVC.NS.CLUSTER`: the service in one cluster, in fab-dns's deprecated form.
    case deprecatedCluster(service: String, namespace: String, cluster: String)
    /// `CLUSTER.SVC.NS.svc`: the service in one cluster.
    case cluster(cluster: String, service: String, namespace: String)
    /// `HOST.CLUSTER.SVC.NS.svc`: one endpoint of a headless service.
    case host(host: String, cluster: String, service: String, namespace: String)

    /// Whether it is a service in one cluster, which KEP-1645 has no names for.
    package var isOfCluster: Bool {
        switch self {
        case .cluster, .deprecatedCluster: true
        case .service, .port, .host: false
        }
    }
}
