// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

@testable import ServiceCatalog

extension FeedEvent {
    /// `upserted n/a`, `removed n/a`, `listed n/a n/b` and so on, for comparisons.
    var shown: String {
        switch self {
        case .replaced(let all):
            (["replaced"] + all.map(\.name.description).sorted()).joined(separator: " ")
        case .upserted(let service): "upserted \(service.name)"
        case .removed(let name): "removed \(name)"
        case .listed(let names):
            (["listed"] + names.map(\.description).sorted()).joined(separator: " ")
        case .synced: "synced"
        case .lost(let since): "lost \(since)"
        case .unheard(let reason): "unheard \(reason)"
        case .absent: "absent"
        }
    }
}

/// Of the watches that every feed has.
extension ObjectStore {
    mutating func listBegan(_ kind: APIResource.Kind) { listBegan(kind, .labelled) }
    mutating func put(_ object: APIObject) { put(object, .labelled) }
    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind) { keep(name, kind, .labelled) }
    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind) {
        remove(name, kind, .labelled)
    }
    mutating func listEnded(_ kind: APIResource.Kind) { listEnded(kind, .labelled) }
}

/// Objects of a cluster in short words; all are in the namespace `n`.
enum ExportSamples {
    static func name(_ name: String) -> ServiceName { ServiceName(namespace: "n", name: name) }

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v4(0) }

    static func service(
        _ name: String = "a", _ exposure: ServiceObject.Exposure = .clusterIP,
        _ addresses: [String] = ["10.0.0.1"], ports: [ServicePort] = [],
        publishesNotReady: Bool = false, createdSeconds: Double? = nil
    ) -> ServiceObject {
        ServiceObject(
            name: Self.name(name), exposure: exposure, addresses: addresses.map(address),
            ports: ports, publishesNotReady: publishesNotReady, createdSeconds: createdSeconds)
    }

    static func slice(
        _ name: String = "a-1", of service: String? = "a", _ endpoints: SliceEndpoint...
    ) -> SliceObject {
        SliceObject(
            name: ObjectName(namespace: "n", name: name), serviceName: service,
            endpoints: endpoints)
    }

    static func endpoint(
        _ addresses: String..., hostname: String? = nil, node: String? = nil, zone: String? = nil,
        target: String? = nil, conditions: EndpointConditions = .ready
    ) -> SliceEndpoint {
        SliceEndpoint(
            addresses: addresses.map(address), hostname: hostname, nodeName: node, zone: zone,
            target: target, conditions: conditions)
    }

    static func export(
        _ name: String = "a", in namespace: String = "n", createdSeconds: Double? = nil,
        isLeaving: Bool = false
    ) -> ExportObject {
        ExportObject(
            name: ServiceName(namespace: namespace, name: name), createdSeconds: createdSeconds,
            isLeaving: isLeaving)
    }

    static func node(_ name: String, zone: String? = nil, region: String? = nil) -> NodeObject {
        NodeObject(name: name, zone: zone, region: region, podCIDRs: [])
    }
}
