// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The first twelve octets of a message without the four counts (RFC 1035 §4.1.1, RFC 4035 §3).
///
///      0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
///     |                      ID                       |
///     |QR|   OPCODE  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
///     |    QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT         |
///
/// The counts are those of the sections of ``Message``.
package struct Header: Hashable, Sendable {
    package static let octetCount = 12

    package var id: UInt16
    /// QR: set in answers.
    package var isResponse: Bool
    package var opcode: Opcode
    /// AA: the answer comes from the zone's own data.
    package var isAuthoritative: Bool
    /// TC: something was left out.
    package var isTruncated: Bool
    /// RD: the asker wants the server to ask others.
    package var recursionDesired: Bool
    /// RA: the server asks others.
    package var recursionAvailable: Bool
    /// Z: to be sent as zero; kept as it came.
    package var reservedBit: Bool
    /// AD: DNSSEC found the data authentic.
    package var authenticData: Bool
    /// CD: the asker checks DNSSEC itself.
    package var checkingDisabled: Bool
    /// All twelve bits; what does not fit in four is sent in the OPT record.
    package var responseCode: ResponseCode

    package init(
        id: UInt16 = 0, isResponse: Bool = false, opcode: Opcode = .query,
        isAuthoritative: Bool = false, isTruncated: Bool = false, recursionDesired: Bool = false,
        recursionAvailable: Bool = false, reservedBit: Bool = false, authenticData: Bool = false,
        checkingDisabled: Bool = false, responseCode: ResponseCode = .noError
    ) {
        self.id = id
        self.isResponse = isResponse
        self.opcode = opcode
        self.isAuthoritative = isAuthoritative
        self.isTruncated = isTruncated
        self.recursionDesired = recursionDesired
        self.recursionAvailable = recursionAvailable
        self.reservedBit = reservedBit
        self.authenticData = authenticData
        self.checkingDisabled = checkingDisabled
        self.responseCode = responseCode
    }
}

// MARK: - Wire format

extension Header {
    private typealias Flag = any WritableKeyPath<Header, Bool> & Sendable

    /// Where each flag is in the second 16 bits of the header, from left to right.
    private static let flagBits: [(bit: UInt16, flag: Flag)] = [
        (0x8000, \.isResponse), (0x0400, \.isAuthoritative), (0x0200, \.isTruncated),
        (0x0100, \.recursionDesired), (0x0080, \.recursionAvailable), (0x0040, \.reservedBit),
        (0x0020, \.authenticData), (0x0010, \.checkingDisabled),
    ]

    /// Reads ID and flags; the response code is that of the header alone.
    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        self.init(id: try cursor.readUInt16(octets))
        let bits = try cursor.readUInt16(octets)
        opcode = Opcode(lowBits: UInt8(bits >> 11 & 0xF))
        responseCode = ResponseCode(lowBits: bits & 0xF)
        for (bit, flag) in Self.flagBits { self[keyPath: flag] = bits & bit != 0 }
    }

    /// The second 16 bits of the header, with the low four bits of the response code.
    var bits: UInt16 {
        let codes = UInt16(opcode.rawValue) << 11 | responseCode.rawValue & 0xF
        return Self.flagBits.reduce(codes) { self[keyPath: $1.flag] ? $0 | $1.bit : $0 }
    }
}

extension Header: CustomStringConvertible {
    /// One line in the words of dig: `QUERY NOERROR id 7 qr aa rd`.
    package var description: String {
        let names = ["qr", "aa", "tc", "rd", "ra", "z", "ad", "cd"]
        let flags = zip(names, Self.flagBits).compactMap { name, entry in
            self[keyPath: entry.flag] ? " \(name)" : nil
        }
        return "\(opcode) \(responseCode) id \(id)\(flags.joined())"
    }
}
