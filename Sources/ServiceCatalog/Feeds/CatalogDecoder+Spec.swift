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
enum PortField: String, CaseIterable { case name, `protocol`, appProtocol, port }
enum EndpointField: String, CaseIterable {
    case addresses, hostname, targetRef, cluster, zone, region, conditions, nodeName
}
enum ConditionField: String, CaseIterable { case ready, serving, terminating }

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
        try elements { (decoder, _) throws(CatalogFault) in ports.append(try decoder.port()) }
        return shared.ports(ports)
    }

    private mutating func port() throws(CatalogFault) -> ServicePort {
        let mark = try reader.mark()
        var name: String?
        var transport = TransportProtocol.tcp
        var appProtocol: String?
        var number: UInt16?
        try fields(portFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .name:
                name = Self.present(
                    try decoder.text("a port's name (RFC 1123 label in lower case)") {
                        $0.isEmpty || NameRule.isPortName($0)
                    })
            case .protocol: transport = try decoder.transport()
            case .appProtocol:
                appProtocol = Self.present(
                    try decoder.text("an application protocol of at most 317 octets") {
                        $0.count <= 317
                    })
            case .port: number = try decoder.portNumber()
            }
        }
        guard let number else {
            throw reader.fault(at: mark, "expected a port number from 1 to 65535, found none")
                .within(field: "port")
        }
        return ServicePort(
            name: name, transport: transport, number: number, appProtocol: appProtocol)
    }

    private mutating func transport() throws(CatalogFault) -> TransportProtocol {
        var transport: TransportProtocol?
        _ = try text("TCP, UDP or SCTP") { text in
            transport = TransportProtocol(rawValue: String(decoding: text, as: UTF8.self))
            return transport != nil
        }
        return transport ?? .tcp
    }

    private mutating func portNumber() throws(CatalogFault) -> UInt16 {
        let expected = "a port number from 1 to 65535"
        let mark = try reader.mark()
        guard let value = try reader.integer() else { throw try mismatch(expected) }
        guard let number = UInt16(exactly: value), number > 0 else {
            throw reader.fault(at: mark, "expected \(expected), found \(value)")
        }
        return number
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
            case .conditions: conditions = try decoder.conditions()
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

    private mutating func addresses() throws(CatalogFault) -> [IPAddress] {
        guard try reader.beginArray() else { throw try mismatch("a list of addresses") }
        var addresses: [IPAddress] = []
        try elements { (decoder, _) throws(CatalogFault) in
            _ = try decoder.text("an IPv4 or IPv6 address") { text in
                guard let address = IPAddress(octets: text) else { return false }
                addresses.append(address)
                return true
            }
        }
        return addresses
    }

    /// The defaults are those of the EndpointSlice API: ready, serving as ready, not terminating.
    private mutating func conditions() throws(CatalogFault) -> EndpointConditions {
        var ready: Bool?
        var serving: Bool?
        var terminating: Bool?
        try fields(conditionFields) { (decoder, field) throws(CatalogFault) in
            guard let value = try decoder.reader.boolean() else {
                throw try decoder.mismatch("true or false")
            }
            switch field {
            case .ready: ready = value
            case .serving: serving = value
            case .terminating: terminating = value
            }
        }
        var conditions: EndpointConditions = []
        if ready ?? true { conditions.insert(.isReady) }
        if serving ?? ready ?? true { conditions.insert(.isServing) }
        if terminating ?? false { conditions.insert(.isTerminating) }
        return conditions
    }

    private static func present(_ text: ArraySlice<UInt8>) -> String? {
        text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}
