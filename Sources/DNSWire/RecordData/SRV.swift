// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of an SRV record: where a service listens (RFC 2782).
///
///     0       2       4       6
///     | priority | weight | port | target, not compressed |
///
/// RFC 2782 forbids pointers in the target. Some senders write them all the same, so they are read
/// (RFC 3597 §4) and never written.
package struct SRV: Hashable, Sendable {
    /// Smaller is tried first.
    package var priority: UInt16
    /// The share among records of one priority.
    package var weight: UInt16
    package var port: UInt16
    package var target: DomainName

    package init(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        self.init(
            priority: try cursor.readUInt16(octets), weight: try cursor.readUInt16(octets),
            port: try cursor.readUInt16(octets), target: try cursor.readName(octets))
    }

    init(presentation fields: inout PresentationFields) throws(PresentationError) {
        self.init(
            priority: try fields.number(), weight: try fields.number(), port: try fields.number(),
            target: try fields.name())
    }

    func encode(into writer: inout Writer) {
        for number in [priority, weight, port] { writer.append(number) }
        writer.append(uncompressed: target)
    }
}

extension SRV: CustomStringConvertible {
    package var description: String { "\(priority) \(weight) \(port) \(target)" }
}
