// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of an HINFO record (RFC 1035 §3.3.2), today the answer to QTYPE=ANY (RFC 8482 §4.2).
package struct HINFO: Hashable, Sendable {
    package var cpu: CharacterString
    package var operatingSystem: CharacterString

    package init(cpu: CharacterString, operatingSystem: CharacterString) {
        self.cpu = cpu
        self.operatingSystem = operatingSystem
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        self.init(
            cpu: try CharacterString(parsing: &cursor, octets),
            operatingSystem: try CharacterString(parsing: &cursor, octets))
    }

    init(presentation fields: inout PresentationFields) throws(PresentationError) {
        self.init(
            cpu: try CharacterString(presentation: try fields.required()),
            operatingSystem: try CharacterString(presentation: try fields.required()))
    }

    func encode(into writer: inout Writer) {
        cpu.encode(into: &writer)
        operatingSystem.encode(into: &writer)
    }
}

extension HINFO: CustomStringConvertible {
    package var description: String { "\(cpu) \(operatingSystem)" }
}
