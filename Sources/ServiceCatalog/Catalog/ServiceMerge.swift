// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What clusters that export the same Service disagree on (KEP-1645, conflict resolution).
package enum ExportConflict: Hashable, Sendable {
    /// The oldest export is of this type, and others are not.
    case type(ServiceType)
    /// A port of this name or number is another one in the oldest export that has it.
    case port(ServicePort)

    /// The reason of the condition `Conflict` that tells of it.
    package var reason: String {
        switch self {
        case .type: "TypeConflict"
        case .port: "PortConflict"
        }
    }

    /// What its message says.
    package var message: String {
        switch self {
        case .type(let type):
            "clusters disagree on the type; it is \(type.rawValue), as in the oldest export"
        case .port(let port):
            "clusters disagree on port \(port.name.map { "\($0) " } ?? "")"
                + "(\(port.number)/\(port.transport.rawValue)), which is as in the oldest export"
        }
    }
}

/// Makes one service of what several feeds say of it.
///
/// The oldest export decides the type and wins where ports conflict; otherwise ports are a union,
/// and so are endpoints: an address is as good whatever the others think the Service is.
enum ServiceMerge {
    /// So many conflicts of a service are told: more say nothing new.
    static let maximumConflicts = 16

    /// `parts` are the feeds' services, each cut to the clusters that its feed delivers, in the
    /// order of their rank; at least one.
    static func merge(_ parts: [ExportedService]) -> (ExportedService, [ExportConflict]) {
        guard parts.count > 1 else { return (parts[0], []) }
        let byAge = parts.enumerated().sorted { left, right in
            let ages = (
                left.element.exportedSeconds ?? .infinity,
                right.element.exportedSeconds ?? .infinity
            )
            return ages.0 != ages.1 ? ages.0 < ages.1 : left.offset < right.offset
        }.map(\.element)
        let oldest = byAge[0]
        var conflicts: [ExportConflict] = []
        if byAge.contains(where: { $0.type != oldest.type }) {
            conflicts.append(.type(oldest.type))
        }
        var union = PortUnion()
        for port in byAge.lazy.flatMap(\.ports) {
            guard let winner = union.insert(port), conflicts.count < maximumConflicts,
                !conflicts.contains(.port(winner))
            else { continue }
            conflicts.append(.port(winner))
        }
        let merged = ExportedService(
            name: oldest.name, type: oldest.type, ports: union.ports,
            endpoints: PackedEndpoints(joining: parts.map(\.endpoints)),
            exportedSeconds: oldest.exportedSeconds)
        return (merged, conflicts)
    }
}

/// Ports of which a Service can have all: no two have the same name, nor the same number and
/// transport.
private struct PortUnion {
    private struct Number: Hashable {
        let number: UInt16
        let transport: TransportProtocol
    }

    private(set) var ports: [ServicePort] = []
    private var byName: [String?: Int] = [:]
    private var byNumber: [Number: Int] = [:]

    /// Adds a port that is not there; the port that it conflicts with stays instead, the first of
    /// two.
    mutating func insert(_ port: ServicePort) -> ServicePort? {
        let number = Number(number: port.number, transport: port.transport)
        let taken = [byName[port.name], byNumber[number]].compactMap(\.self).min()
        if let taken { return ports[taken] == port ? nil : ports[taken] }
        byName[port.name] = ports.count
        byNumber[number] = ports.count
        ports.append(port)
        return nil
    }
}
