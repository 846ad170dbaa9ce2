// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One resource record (RFC 1035 §4.1.3).
///
///     | owner | TYPE | CLASS | TTL | RDLENGTH | RDATA |
///               2      2       4     2
package struct ResourceRecord: Hashable, Sendable {
    package var owner: DomainName
    package var `class`: RecordClass
    /// In seconds.
    ///
    /// A value with the highest bit set means zero (RFC 2181 §8); kept as it came.
    package var ttl: UInt32
    package var data: RecordData

    package init(
        owner: DomainName, class: RecordClass = .internet, ttl: UInt32, data: RecordData
    ) {
        self.owner = owner
        self.class = `class`
        self.ttl = ttl
        self.data = data
    }

    package var type: RecordType { data.type }

    /// Whether both are of one RRset: same owner, class and type (RFC 2181 §5).
    package func isOfSameRRset(as other: ResourceRecord) -> Bool {
        owner == other.owner && self.class == other.class && type == other.type
    }

    func encode(into writer: inout Writer) {
        writer.append(compressed: owner)
        writer.append(type.rawValue)
        writer.append(self.class.rawValue)
        writer.append(ttl)
        writer.appendWithLength { data.encode(into: &$0) }
    }
}

// MARK: - Presentation format

extension ResourceRecord: CustomStringConvertible {
    /// Reads one line of a zone file (RFC 1035 §5.1): `owner ttl class type rdata`.
    ///
    /// All five parts must be there, in this order; names are taken as absolute; the TTL is
    /// a decimal number of seconds. No directives, no parentheses, no relative names, no values
    /// taken over from the line before. A comment may follow.
    package init(presentation line: String) throws(PresentationError) {
        var fields = PresentationFields(line)
        owner = try fields.name()
        ttl = try fields.number()
        self.class = try fields.recordClass()
        data = try RecordData(type: try fields.zoneRecordType(), presentation: &fields)
        try fields.finish()
    }

    /// The record as one line of a zone file, which reads back as the same record.
    package var description: String { "\(owner) \(ttl) \(self.class) \(type) \(data)" }
}

extension PresentationFields {
    mutating func recordClass() throws(PresentationError) -> RecordClass {
        let field = try bareField()
        guard let recordClass = RecordClass(presentation: field.text) else {
            throw .unknownMnemonic(at: field.offset)
        }
        return recordClass
    }

    mutating func recordType() throws(PresentationError) -> RecordType {
        let field = try bareField()
        guard let type = RecordType(presentation: field.text) else {
            throw .unknownMnemonic(at: field.offset)
        }
        return type
    }

    /// Reads a type that a record in a zone can have.
    mutating func zoneRecordType() throws(PresentationError) -> RecordType {
        var ahead = self
        let field = try ahead.required()
        let type = try recordType()
        guard !type.isMetaType else { throw .notAZoneRecord(at: field.offset) }
        return type
    }
}
