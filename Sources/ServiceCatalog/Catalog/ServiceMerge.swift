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
        var ports: [ServicePort] = []
        for port in byAge.flatMap(\.ports) where !ports.contains(port) {
            if let winner = ports.first(where: { $0.conflicts(with: port) }) {
                if !conflicts.contains(.port(winner)) { conflicts.append(.port(winner)) }
            } else {
                ports.append(port)
            }
        }
        let merged = ExportedService(
            name: oldest.name, type: oldest.type, ports: ports,
            endpoints: PackedEndpoints(joining: parts.map(\.endpoints)),
            exportedSeconds: oldest.exportedSeconds)
        return (merged, conflicts)
    }
}

extension ServicePort {
    /// Whether a Service cannot have both.
    fileprivate func conflicts(with other: ServicePort) -> Bool {
        name == other.name || number == other.number && transport == other.transport
    }
}
