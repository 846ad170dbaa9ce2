// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// Values that GlobalServices, Services and EndpointSlices write in the same way.

enum PortField: String, CaseIterable { case name, `protocol`, appProtocol, port }
enum ConditionField: String, CaseIterable { case ready, serving, terminating }

extension FieldDecoder {
    mutating func port(
        _ table: FieldTable<PortField>
    ) throws(CatalogFault) -> ServicePort {
        let mark = try reader.mark()
        var name: String?
        var transport = TransportProtocol.tcp
        var appProtocol: String?
        var number: UInt16?
        try fields(table) { (decoder, field) throws(CatalogFault) in
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

    mutating func transport() throws(CatalogFault) -> TransportProtocol {
        var transport: TransportProtocol?
        _ = try text("TCP, UDP or SCTP") { text in
            transport = TransportProtocol(rawValue: String(decoding: text, as: UTF8.self))
            return transport != nil
        }
        return transport ?? .tcp
    }

    mutating func portNumber() throws(CatalogFault) -> UInt16 {
        let expected = "a port number from 1 to 65535"
        let mark = try reader.mark()
        guard let value = try reader.integer() else { throw try mismatch(expected) }
        guard let number = UInt16(exactly: value), number > 0 else {
            throw reader.fault(at: mark, "expected \(expected), found \(value)")
        }
        return number
    }

    mutating func addresses() throws(CatalogFault) -> [IPAddress] {
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
    mutating func conditions(
        _ table: FieldTable<ConditionField>
    ) throws(CatalogFault) -> EndpointConditions {
        var ready: Bool?
        var serving: Bool?
        var terminating: Bool?
        try fields(table) { (decoder, field) throws(CatalogFault) in
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
