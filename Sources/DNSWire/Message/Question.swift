// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a query asks for (RFC 1035 §4.1.2).
package struct Question: Hashable, Sendable {
    /// QNAME, in the asker's spelling.
    package var name: DomainName
    /// QTYPE.
    package var type: RecordType
    /// QCLASS.
    package var `class`: RecordClass

    package init(name: DomainName, type: RecordType, class: RecordClass = .internet) {
        self.name = name
        self.type = type
        self.class = `class`
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        name = try cursor.readName(octets)
        type = RecordType(rawValue: try cursor.readUInt16(octets))
        self.class = RecordClass(rawValue: try cursor.readUInt16(octets))
    }

    func encode(into writer: inout Writer) {
        writer.append(compressed: name)
        writer.append(type.rawValue)
        writer.append(self.class.rawValue)
    }
}

extension Question: CustomStringConvertible {
    /// Reads `name class type`, all three.
    package init(presentation line: String) throws(PresentationError) {
        var fields = PresentationFields(line)
        name = try fields.name()
        self.class = try fields.recordClass()
        type = try fields.recordType()
        try fields.finish()
    }

    package var description: String { "\(name) \(self.class) \(type)" }
}
