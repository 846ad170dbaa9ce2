// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

enum ServiceField: String, CaseIterable {
    case type, clusterIP, clusterIPs, ports, publishNotReadyAddresses
}
enum ImportField: String, CaseIterable { case type, ips, ports }
enum SliceEndpointField: String, CaseIterable {
    case addresses, conditions, hostname, nodeName, zone, targetRef
}
enum ReferenceField: String, CaseIterable { case kind, name }
enum SecretField: String, CaseIterable { case kubeconfig }
enum NodeField: String, CaseIterable { case podCIDR, podCIDRs }

/// The `spec` of a Service as it is written.
struct ServiceParts {
    var type = "ClusterIP"
    var clusterIP = ""
    var clusterIPs: [String] = []
    var ports: [ServicePort] = []
    var publishesNotReady = false

    /// `clusterIPs` counts where both are there; its first is `clusterIP`.
    func service(
        named name: ServiceName, createdSeconds: Double?
    ) throws(CatalogFault) -> ServiceObject {
        let written = clusterIPs.isEmpty ? [clusterIP].filter { !$0.isEmpty } : clusterIPs
        let isHeadless = written == ["None"]
        var addresses: [IPAddress] = []
        for text in written where !isHeadless {
            guard let address = IPAddress(octets: Array(text.utf8)[...]) else {
                throw CatalogFault(
                    line: 1, column: 1,
                    problem: "expected an address, found \(quoted(Array(text.utf8)[...]))"
                ).within(field: "spec.clusterIPs")
            }
            addresses.append(address)
        }
        return ServiceObject(
            name: name,
            exposure: type != "ClusterIP" ? .other(type) : isHeadless ? .headless : .clusterIP,
            addresses: addresses, ports: ports, publishesNotReady: publishesNotReady,
            createdSeconds: createdSeconds)
    }
}

extension ObjectDecoder {
    /// Of a Service or an endpoint; the API has no more.
    private static let maximumAddresses = 100

    mutating func serviceSpec() throws(CatalogFault) -> ServiceParts {
        var parts = ServiceParts()
        try fields(serviceFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .type: parts.type = decoder.zones.text(try decoder.text("a type") { _ in true })
            case .clusterIP: parts.clusterIP = try decoder.address()
            case .clusterIPs: parts.clusterIPs = try decoder.addressTexts()
            case .ports: parts.ports = try decoder.portList()
            case .publishNotReadyAddresses:
                guard let value = try decoder.reader.boolean() else {
                    throw try decoder.mismatch("true or false")
                }
                parts.publishesNotReady = value
            }
        }
        return parts
    }

    /// A ServiceImport as what a Service would be: `ClusterSetIP` is a `ClusterIP` of all clusters.
    mutating func importSpec() throws(CatalogFault) -> ServiceParts {
        var parts = ServiceParts()
        var addresses: [String] = []
        parts.type = ""
        try fields(importFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .type: parts.type = decoder.zones.text(try decoder.text("a type") { _ in true })
            case .ips: addresses = try decoder.addressTexts()
            case .ports: parts.ports = try decoder.portList()
            }
        }
        switch parts.type {
        case "ClusterSetIP":
            parts.type = "ClusterIP"
            parts.clusterIPs = addresses
        case "Headless":
            parts.type = "ClusterIP"
            parts.clusterIPs = ["None"]
        case "ClusterIP", "": parts.type = "unknown"
        default: break
        }
        return parts
    }

    private mutating func addressTexts() throws(CatalogFault) -> [String] {
        guard try reader.beginArray() else { throw try mismatch("addresses") }
        var texts: [String] = []
        try elements { (decoder, index) throws(CatalogFault) in
            try decoder.expectRoom(forAddress: index)
            texts.append(try decoder.address())
        }
        return texts
    }

    private mutating func expectRoom(forAddress index: Int) throws(CatalogFault) {
        guard index >= Self.maximumAddresses else { return }
        throw reader.fault(
            at: try reader.mark(), "expected at most \(Self.maximumAddresses) addresses")
    }

    private mutating func portList() throws(CatalogFault) -> [ServicePort] {
        guard try reader.beginArray() else { throw try mismatch("ports") }
        var ports: [ServicePort] = []
        try elements { (decoder, _) throws(CatalogFault) in
            ports.append(try decoder.port(decoder.portFields))
        }
        return ports
    }

    private mutating func address() throws(CatalogFault) -> String {
        String(decoding: try text("an address") { $0.count <= 64 }, as: UTF8.self)
    }

    /// The endpoints, and whether one had something else than an IP address.
    mutating func sliceEndpoints() throws(CatalogFault) -> ([SliceEndpoint], Bool) {
        guard try reader.beginArray() else { throw try mismatch("a list of endpoints") }
        var endpoints: [SliceEndpoint] = []
        var mayHaveFQDN = false
        try elements { (decoder, _) throws(CatalogFault) in
            guard let endpoint = try decoder.sliceEndpoint() else {
                mayHaveFQDN = true
                return
            }
            endpoints.append(endpoint)
        }
        return (endpoints, mayHaveFQDN)
    }

    /// Nil for one whose addresses are none; the slice's type, which may come later, tells why.
    private mutating func sliceEndpoint() throws(CatalogFault) -> SliceEndpoint? {
        var addresses: [IPAddress] = []
        var isIP = true
        var conditions = EndpointConditions.ready
        var hostname: String?
        var nodeName: String?
        var zone: String?
        var target: String?
        try fields(endpointFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .addresses:
                guard try decoder.reader.beginArray() else {
                    throw try decoder.mismatch("a list of addresses")
                }
                try decoder.elements { (decoder, index) throws(CatalogFault) in
                    try decoder.expectRoom(forAddress: index)
                    let text = try decoder.text("an address") { _ in true }
                    guard let address = IPAddress(octets: text) else {
                        isIP = false
                        return
                    }
                    addresses.append(address)
                }
            case .conditions: conditions = try decoder.conditions(decoder.conditionFields)
            case .hostname: hostname = try decoder.label("a host name")
            case .nodeName:
                nodeName = decoder.zones.text(
                    try decoder.text("a Node's name") { $0.count <= 253 })
            case .zone:
                let text = try decoder.text("a zone of at most 63 octets") { $0.count <= 63 }
                if !text.isEmpty { zone = decoder.zones.text(text) }
            case .targetRef: target = try decoder.reference()
            }
        }
        guard isIP else { return nil }
        return SliceEndpoint(
            addresses: addresses, hostname: hostname, nodeName: nodeName, zone: zone,
            target: target, conditions: conditions)
    }

    private mutating func label(_ what: String) throws(CatalogFault) -> String? {
        let text = try text("\(what) (RFC 1123 label in lower case)") {
            $0.isEmpty || NameRule.isRFC1123Label($0)
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    private mutating func reference() throws(CatalogFault) -> String? {
        var kind = ""
        var name: String?
        try fields(referenceFields) { (decoder, field) throws(CatalogFault) in
            let text = try decoder.text("a text of at most 253 octets") { $0.count <= 253 }
            switch field {
            case .kind: kind = decoder.zones.text(text)
            case .name: name = String(decoding: text, as: UTF8.self)
            }
        }
        return name.map { "\(kind)/\($0)" }
    }

    /// The key `kubeconfig` of a Secret's data, whose values are in base64.
    mutating func kubeconfig() throws(CatalogFault) -> String? {
        var found: String?
        try fields(secretFields) { (decoder, _) throws(CatalogFault) in
            // Neither the value nor a part of it may get into a message.
            guard let text = try decoder.reader.text(), let octets = Base64.decode(text) else {
                throw CatalogFault(line: 1, column: 1, problem: "expected base64")
            }
            found = String(decoding: octets, as: UTF8.self)
        }
        return found
    }

    mutating func nodeSpec() throws(CatalogFault) -> [String] {
        var first: String?
        var all: [String] = []
        try fields(nodeFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .podCIDR: first = try decoder.address()
            case .podCIDRs:
                guard try decoder.reader.beginArray() else {
                    throw try decoder.mismatch("a list of networks")
                }
                try decoder.elements { (decoder, _) throws(CatalogFault) in
                    all.append(try decoder.address())
                }
            }
        }
        return all.isEmpty ? [first].compactMap(\.self) : all
    }
}
