// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The `spec` of a GlobalService.
struct ServiceSpec {
    var type = ServiceType.clusterIP
    var ports: [ServicePort] = []
    var endpoints = PackedEndpoints([])
    /// Where they begin, if anybody wants to know.
    var endpointLines: [Int] = []
}

enum SpecField: String, CaseIterable { case type, ports, endpoints }
enum EndpointField: String, CaseIterable {
    case addresses, hostname, targetRef, cluster, zone, region, conditions, nodeName
}

extension CatalogDecoder {
    mutating func spec() throws(CatalogFault) -> ServiceSpec {
        var spec = ServiceSpec()
        try fields(specFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .type: spec.type = try decoder.serviceType()
            case .ports: spec.ports = try decoder.ports()
            case .endpoints:
                spec.endpoints = try decoder.endpoints()
                spec.endpointLines = decoder.endpointLines
                decoder.endpointLines = []
            }
        }
        return spec
    }

    private mutating func serviceType() throws(CatalogFault) -> ServiceType {
        var type: ServiceType?
        _ = try text("ClusterIP or Headless") { text in
            type = ServiceType(rawValue: String(decoding: text, as: UTF8.self))
            return type != nil
        }
        return type ?? .clusterIP
    }

    private mutating func ports() throws(CatalogFault) -> [ServicePort] {
        guard try reader.beginArray() else { throw try mismatch("a list of ports") }
        var ports: [ServicePort] = []
        try elements { (decoder, _) throws(CatalogFault) in
            ports.append(try decoder.port(decoder.portFields))
        }
        return shared.ports(ports)
    }

    private mutating func endpoints() throws(CatalogFault) -> PackedEndpoints {
        guard try reader.beginArray() else { throw try mismatch("a list of endpoints") }
        try elements { (decoder, _) throws(CatalogFault) in try decoder.endpoint() }
        return packer.finish()
    }

    private mutating func endpoint() throws(CatalogFault) {
        let mark = try reader.mark()
        if lines != nil { endpointLines.append(reader.line(of: mark)) }
        var addresses: [IPAddress] = []
        var hostname: ArraySlice<UInt8> = []
        var nodeName: ArraySlice<UInt8> = []
        var cluster: ArraySlice<UInt8> = []
        var region: ArraySlice<UInt8> = []
        var zone: ArraySlice<UInt8> = []
        var conditions = EndpointConditions.ready
        try fields(endpointFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .addresses: addresses = try decoder.addresses()
            case .hostname:
                hostname = try decoder.text("a host name (RFC 1123 label in lower case)") {
                    $0.isEmpty || NameRule.isRFC1123Label($0)
                }
            case .nodeName:
                nodeName = try decoder.text("a Node's name (RFC 1123 subdomain in lower case)") {
                    $0.isEmpty || NameRule.isRFC1123Subdomain($0)
                }
            case .cluster:
                cluster = try decoder.text("a cluster's name (RFC 1123 subdomain in lower case)") {
                    $0.isEmpty || NameRule.isRFC1123Subdomain($0)
                }
            case .region: region = try decoder.topology("a region")
            case .zone: zone = try decoder.topology("a zone")
            case .conditions: conditions = try decoder.conditions(decoder.conditionFields)
            case .targetRef: try decoder.fields(decoder.referenceFields) { (_, _) in }
            }
        }
        guard !addresses.isEmpty else {
            throw reader.fault(at: mark, "expected at least one address").within(field: "addresses")
        }
        packer.append(
            addresses: addresses, hostname: hostname, nodeName: nodeName,
            locality: shared.locality(cluster: cluster, region: region, zone: zone),
            conditions: conditions)
    }

    /// A topology label's value; empty where it is not known.
    private mutating func topology(_ what: String) throws(CatalogFault) -> ArraySlice<UInt8> {
        try text("\(what) of at most 63 octets") { $0.count <= 63 }
    }
}
