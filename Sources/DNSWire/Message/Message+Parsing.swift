// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension Message {
    /// Reads a message, which must be all of the octets.
    ///
    /// Takes any octets. Reads each one of the message once, and at most 127 labels per name
    /// beside.
    package init(parsing octets: Span<UInt8>) throws(ParseError) {
        var cursor = Cursor(octets)
        self.init(header: try Header(parsing: &cursor, octets))
        let questionCount = try cursor.readUInt16(octets)
        let answerCount = try cursor.readUInt16(octets)
        let authorityCount = try cursor.readUInt16(octets)
        let additionalCount = try cursor.readUInt16(octets)

        for _ in 0..<questionCount {
            questions.append(try Question(parsing: &cursor, octets))
        }
        for _ in 0..<answerCount {
            answer.append(try Self.readRecord(&cursor, octets))
        }
        for _ in 0..<authorityCount {
            authority.append(try Self.readRecord(&cursor, octets))
        }
        for _ in 0..<additionalCount {
            try readAdditional(&cursor, octets)
        }
        guard cursor.remaining == 0 else { throw .trailingOctets(at: cursor.offset) }
    }

    /// The fields of a record before its data, and a cursor that sees only the data.
    private struct RecordStart {
        let offset: Int
        let owner: DomainName
        let type: RecordType
        let `class`: RecordClass
        let ttl: UInt32
        var data: Cursor

        init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
            offset = cursor.offset
            owner = try cursor.readName(octets)
            type = RecordType(rawValue: try cursor.readUInt16(octets))
            self.class = RecordClass(rawValue: try cursor.readUInt16(octets))
            ttl = try cursor.readUInt32(octets)
            data = try cursor.readPart(Int(try cursor.readUInt16(octets)))
        }

        mutating func record(_ octets: Span<UInt8>) throws(ParseError) -> ResourceRecord {
            guard type != .opt else { throw .badOPT(at: offset) }
            return ResourceRecord(
                owner: owner, class: self.class, ttl: ttl,
                data: try RecordData(type: type, parsing: &data, octets))
        }
    }

    private static func readRecord(
        _ cursor: inout Cursor, _ octets: Span<UInt8>
    ) throws(ParseError) -> ResourceRecord {
        var start = try RecordStart(parsing: &cursor, octets)
        return try start.record(octets)
    }

    /// Reads a record of the additional section, or the one OPT record in it.
    private mutating func readAdditional(
        _ cursor: inout Cursor, _ octets: Span<UInt8>
    ) throws(ParseError) {
        var start = try RecordStart(parsing: &cursor, octets)
        guard start.type == .opt else {
            additional.append(try start.record(octets))
            return
        }
        // Its owner is the one octet 0, not a pointer to such an octet (RFC 6891 §6.1.2).
        guard opt == nil, octets[start.offset] == 0 else { throw .badOPT(at: start.offset) }
        opt = try OPT(
            class: start.class.rawValue, ttl: start.ttl, parsing: &start.data, octets)
        let highBits = UInt16(start.ttl >> 24)
        header.responseCode = ResponseCode(
            lowBits: highBits << 4 | header.responseCode.rawValue & 0xF)
    }
}
