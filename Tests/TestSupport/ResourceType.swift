// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A resource as the path of its lists names it.
struct ResourceType: Sendable {
    let apiVersion: String
    let kind: String

    private static let kinds = [
        "endpointslices": "EndpointSlice", "globalservices": "GlobalService", "nodes": "Node",
        "pods": "Pod", "services": "Service", "serviceexports": "ServiceExport",
        "serviceimports": "ServiceImport",
    ]

    /// From a path like `/api/v1/services` or `/apis/GROUP/VERSION/RESOURCE`.
    init(path: String) {
        let words = path.split(separator: "/").map(String.init)
        apiVersion = words.dropFirst().dropLast().joined(separator: "/")
        kind = Self.kinds[words.last ?? ""] ?? "Object"
    }

    /// An object without anything but metadata.
    func bookmark(version: UInt64, endsInitial: Bool) -> String {
        let annotations =
            endsInitial ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
        return #"{"kind":"\#(kind)","apiVersion":"\#(apiVersion)","#
            + #""metadata":{"resourceVersion":"\#(version)","creationTimestamp":null\#(annotations)}}"#
    }
}
