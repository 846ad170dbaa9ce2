// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Namespace and name of an object; the namespace is empty for kinds that have none.
struct ObjectName: Hashable, Sendable, Comparable, CustomStringConvertible {
    let namespace: String
    let name: String

    var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    static func < (left: ObjectName, right: ObjectName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

extension ObjectName {
    init(_ service: ServiceName) {
        self.init(namespace: service.namespace, name: service.name)
    }
}

/// What of an object's metadata matters here.
struct ObjectMetadata: Sendable, Equatable {
    var namespace = ""
    var name = ""
    var resourceVersion = ""
    /// Seconds since 1970.
    var createdSeconds: Double?
    /// Whether somebody has deleted it, and something else has to happen before it goes.
    var isLeaving = false
    /// The labels that somebody here reads.
    var labels: [String: String] = [:]
    /// When what made this change happened, in seconds since 1970, where the object says it.
    var triggerSeconds: Double?
    /// Whether this ends the initial events of a streaming list.
    var endsInitialEvents = false

    var objectName: ObjectName { ObjectName(namespace: namespace, name: name) }
}

/// An object of a kind that is watched, cut to what is used.
enum APIObject: Sendable, Equatable {
    case service(ServiceObject)
    case endpointSlice(SliceObject)
    case node(NodeObject)
    case globalService(ExportedService)
    case secret(SecretObject)
    case serviceExport(ExportObject)
    /// A ServiceImport (`multicluster.x-k8s.io`), as the Service that it is to whoever imports it.
    case serviceImport(ServiceObject)
}

/// A Service (`v1`).
struct ServiceObject: Sendable, Equatable {
    enum Exposure: Sendable, Equatable {
        case clusterIP
        case headless
        /// NodePort, LoadBalancer, ExternalName: fab-dns exports none of them by label.
        case other(String)

        /// Whether there is a cluster IP too, so that a ServiceExport can export it (KEP-1645).
        var isOutward: Bool { self == .other("NodePort") || self == .other("LoadBalancer") }
    }

    let name: ServiceName
    let exposure: Exposure
    let addresses: [IPAddress]
    let ports: [ServicePort]
    let publishesNotReady: Bool
    /// Seconds since 1970.
    let createdSeconds: Double?
}

/// A ServiceExport (`multicluster.x-k8s.io`): the Service of its name is exported.
struct ExportObject: Sendable, Equatable {
    let name: ServiceName
    /// Seconds since 1970.
    let createdSeconds: Double?
    /// Whether it is deleted already, though still there.
    let isLeaving: Bool
}

/// An EndpointSlice (`discovery.k8s.io/v1`).
struct SliceObject: Sendable, Equatable {
    let name: ObjectName
    /// Of the Service that it belongs to; nil where no label says so.
    let serviceName: String?
    /// Of the ServiceImport that it belongs to, and the cluster that its endpoints are in.
    var importName: String?
    var sourceCluster: String?
    let endpoints: [SliceEndpoint]
    /// When what changed it last happened, in seconds since 1970.
    var triggerSeconds: Double?

    var service: ServiceName? {
        serviceName.map { ServiceName(namespace: name.namespace, name: $0) }
    }
}

/// An endpoint of a slice.
struct SliceEndpoint: Sendable, Equatable {
    let addresses: [IPAddress]
    let hostname: String?
    let nodeName: String?
    /// The endpoint's own topology zone.
    let zone: String?
    /// The object behind it, which is the same in the slices of both families.
    let target: String?
    let conditions: EndpointConditions
}

/// A Node (`v1`).
struct NodeObject: Sendable, Equatable {
    let name: String
    let zone: String?
    let region: String?
    let podCIDRs: [String]
}

/// A Secret (`v1`) with the kubeconfig of a cluster.
struct SecretObject: Sendable, Equatable {
    let name: ObjectName
    /// Of the label `fabedge.io/cluster-kubeconfig`.
    let cluster: String?
    let zone: String?
    let region: String?
    /// The value of the key `kubeconfig`, decoded; nil where there is none.
    let kubeconfig: String?
}

extension SecretObject: CustomStringConvertible {
    /// Only what is no secret.
    var description: String { "\(name)" }
}
