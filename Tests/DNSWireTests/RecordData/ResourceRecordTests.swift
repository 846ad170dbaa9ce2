// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

@Suite struct ResourceRecordTests {
    static let records: [(line: String, data: String, printed: String)] = [
        ("www.example. 30 IN A 192.0.2.1", "C0000201", "www.example. 30 IN A 192.0.2.1"),
        ("www.example 030 in a 192.0.2.1", "C0000201", "www.example. 30 IN A 192.0.2.1"),
        ("\tw. \t0\tIN\tA\t1.2.3.4 ; a comment", "01020304", "w. 0 IN A 1.2.3.4"),
        ("w. 4294967295 CLASS7 TYPE1 1.2.3.4;x", "01020304", "w. 4294967295 CLASS7 A 1.2.3.4"),
        (
            "w. 1 IN AAAA 2001:DB8::1", "20010DB8 00000000 00000000 00000001",
            "w. 1 IN AAAA 2001:db8::1"
        ),
        ("w. 1 IN CNAME Other.", "05 'Other' 00", "w. 1 IN CNAME Other."),
        ("w. 1 IN NS .", "00", "w. 1 IN NS ."),
        (
            #"1.2.0.192.in-addr.arpa. 1 IN PTR a\.b."#, "03 'a.b' 00",
            #"1.2.0.192.in-addr.arpa. 1 IN PTR a\.b."#
        ),
        (
            "z. 1 IN SOA ns.z. mail.z. 1 2 3 4 4294967295",
            "02 'ns' 01 'z' 00 04 'mail' 01 'z' 00 00000001 00000002 00000003 00000004 FFFFFFFF",
            "z. 1 IN SOA ns.z. mail.z. 1 2 3 4 4294967295"
        ),
        (
            "_http._tcp.z. 1 IN SRV 0 65535 8080 w.", "0000 FFFF 1F90 01 'w' 00",
            "_http._tcp.z. 1 IN SRV 0 65535 8080 w."
        ),
        ("w. 1 IN TXT 1.1.0", "05 '1.1.0'", #"w. 1 IN TXT "1.1.0""#),
        (
            #"w. 1 CH TXT "a b" "" "\"\\\000\255;" "#, #"03 'a b' 00 05 '"\' 00 FF ';'"#,
            #"w. 1 CH TXT "a b" "" "\"\\\000\255;""#
        ),
        ("w. 1 IN HINFO RFC8482 \"\"", "07 'RFC8482' 00", #"w. 1 IN HINFO "RFC8482" """#),
        (##"w. 1 IN TYPE65280 \# 0"##, "", ##"w. 1 IN TYPE65280 \# 0"##),
        (##"w. 1 IN TYPE65280 \# 3 0A fFe0"##, "0A FF E0", ##"w. 1 IN TYPE65280 \# 3 0affe0"##),
        (##"w. 1 IN MX \# 4 000a 0100"##, "000A 0100", ##"w. 1 IN MX \# 4 000a0100"##),
        (##"w. 1 IN A \# 4 C0000201"##, "C0000201", "w. 1 IN A 192.0.2.1"),
        (##"w. 1 IN TXT "\#""##, "01 '#'", ##"w. 1 IN TXT "#""##),
    ]

    @Test("a line of a zone reads into wire octets and prints back", arguments: records)
    func line(_ row: (line: String, data: String, printed: String)) throws {
        let record = try ResourceRecord(presentation: row.line)
        let wire = try octets(row.data)
        #expect(record.data.wireOctets == wire)
        #expect(record.description == row.printed)
        #expect(try ResourceRecord(presentation: row.printed) == record)
        #expect(try RecordData(type: record.type, parsing: wire.span) == record.data)
    }

    static let refused: [(line: String, error: PresentationError)] = [
        ("", .unexpectedEnd(at: 0)),
        ("; only a comment", .unexpectedEnd(at: 0)),
        ("w.", .unexpectedEnd(at: 2)),
        ("w. 1", .unexpectedEnd(at: 4)),
        ("w. 1 IN", .unexpectedEnd(at: 7)),
        ("w. 1 IN A", .unexpectedEnd(at: 9)),
        ("w. 1 IN A ; 1.2.3.4", .unexpectedEnd(at: 10)),
        ("w. IN A 1.2.3.4", .badNumber(at: 3)),
        ("w. 4294967296 IN A 1.2.3.4", .badNumber(at: 3)),
        ("w. -1 IN A 1.2.3.4", .badNumber(at: 3)),
        ("w. 1h IN A 1.2.3.4", .badNumber(at: 3)),
        ("w. 1 A 1.2.3.4", .unknownMnemonic(at: 5)),
        ("w. 1 IN AA 1.2.3.4", .unknownMnemonic(at: 8)),
        ("w. 1 IN A 1.2.3", .badAddress(at: 10)),
        ("w. 1 IN A 1.2.3.4 5", .trailingText(at: 18)),
        ("w. 1 IN A \"1.2.3.4\"", .badCharacter(at: 10)),
        ("w. 1 IN AAAA 1.2.3.4", .badAddress(at: 13)),
        ("\"w.\" 1 IN A 1.2.3.4", .badCharacter(at: 0)),
        ("@ 1 IN A 1.2.3.4", .badCharacter(at: 0)),
        ("w. 1 IN NS a..b", .emptyLabel(at: 13)),
        ("w. 1 IN SRV 0 65536 1 w.", .badNumber(at: 14)),
        ("w. 1 IN SRV 0 1 2", .unexpectedEnd(at: 17)),
        ("w. 1 IN SOA a. b. 1 2 3 4", .unexpectedEnd(at: 25)),
        ("w. 1 IN SOA a. b. 1 2 3 4 5 6", .trailingText(at: 28)),
        ("w. 1 IN TXT", .unexpectedEnd(at: 11)),
        ("w. 1 IN TXT \"a", .unexpectedEnd(at: 14)),
        ("w. 1 IN TXT \"a\"b", .badCharacter(at: 15)),
        ("w. 1 IN TXT a\"b\"", .badCharacter(at: 13)),
        ("w. 1 IN TXT \"é\"", .badCharacter(at: 13)),
        ("w. 1 IN TXT \"a\\", .badEscape(at: 14)),
        ("w. 1 IN TXT \"a\nb\"", .badCharacter(at: 14)),
        ("w. 1 IN TXT (a)", .badCharacter(at: 12)),
        ("w. 1 IN HINFO a", .unexpectedEnd(at: 15)),
        ("w. 1 IN HINFO a b c", .trailingText(at: 18)),
        ("w. 1 IN MX 10 a.", .needsGenericForm(at: 11)),
        (##"w. 1 IN MX \# 1"##, .badRecordData(at: 14)),
        (##"w. 1 IN MX \# 1 0"##, .badRecordData(at: 16)),
        (##"w. 1 IN MX \# 1 0g"##, .badRecordData(at: 16)),
        (##"w. 1 IN MX \# 1 0000"##, .badRecordData(at: 14)),
        (##"w. 1 IN MX \# 65536 00"##, .badNumber(at: 14)),
        ("w. 1 IN MX \\#", .unexpectedEnd(at: 13)),
        (##"w. 1 IN A \# 3 010203"##, .badRecordData(at: 10)),
        (##"w. 1 IN A \# 5 0102030405"##, .badRecordData(at: 10)),
        (##"w. 1 IN NS \# 2 c000"##, .badRecordData(at: 11)),
        (##"w. 1 IN TXT \# 0"##, .badRecordData(at: 12)),
        (##". 1 IN OPT \# 0"##, .notAZoneRecord(at: 7)),
        (##"w. 1 IN ANY \# 0"##, .notAZoneRecord(at: 8)),
        (##"w. 1 IN TSIG \# 0"##, .notAZoneRecord(at: 8)),
    ]

    @Test("a line that is no record says what is wrong where", arguments: refused)
    func refusedLine(_ row: (line: String, error: PresentationError)) {
        #expect(throws: row.error) { try ResourceRecord(presentation: row.line) }
    }

    @Test func `a character-string has at most 255 octets`() throws {
        let text = String(repeating: "x", count: 255)
        let record = try ResourceRecord(presentation: "w. 1 IN TXT \(text)")
        #expect(record.data.wireOctets.count == 256)
        #expect(throws: PresentationError.stringTooLong(at: 267)) {
            try ResourceRecord(presentation: "w. 1 IN TXT \(text)x")
        }
        #expect(CharacterString(text) != nil)
        #expect(CharacterString(text + "x") == nil)
        #expect(TXT(strings: []) == nil)
    }

    static let dataRefused: [(type: RecordType, wire: String, error: ParseError)] = [
        (.a, "", .badRecordData(at: 0)),
        (.a, "010203", .badRecordData(at: 0)),
        (.a, "0102030405", .badRecordData(at: 0)),
        (.aaaa, "00000000 00000000 00000000 000000", .badRecordData(at: 0)),
        (.aaaa, "00000000 00000000 00000000 00000000 00", .badRecordData(at: 0)),
        (.ns, "", .badRecordData(at: 0)),
        (.cname, "00 00", .badRecordData(at: 0)),
        (.ptr, "01 'a'", .badRecordData(at: 0)),
        (.ptr, "C000", .badPointer(at: 0)),
        (.soa, "00 00 00000001 00000002 00000003 00000004 000000", .badRecordData(at: 0)),
        (.soa, "00 00 00000001 00000002 00000003 00000004 00000005 00", .badRecordData(at: 0)),
        (.srv, "0000 0000 0000", .badRecordData(at: 0)),
        (.srv, "0000 0000 0000 00 00", .badRecordData(at: 0)),
        (.txt, "", .badRecordData(at: 0)),
        (.txt, "01", .badRecordData(at: 0)),
        (.txt, "01 'a' 02 'b'", .badRecordData(at: 0)),
        (.hinfo, "00", .badRecordData(at: 0)),
        (.hinfo, "00 00 00", .badRecordData(at: 0)),
        (.opt, "", .badOPT(at: 0)),
    ]

    @Test("the fields of record data fill it exactly", arguments: dataRefused)
    func refusedData(_ row: (type: RecordType, wire: String, error: ParseError)) throws {
        let wire = try octets(row.wire)
        #expect(throws: row.error) { try RecordData(type: row.type, parsing: wire.span) }
    }

    @Test func `records of one owner, class and type are of one RRset, whatever their TTL`() throws
    {
        let record = try ResourceRecord(presentation: "w. 1 IN A 192.0.2.1")
        func isOfSameRRset(_ line: String) throws -> Bool {
            record.isOfSameRRset(as: try ResourceRecord(presentation: line))
        }
        #expect(try isOfSameRRset("W. 2 IN A 192.0.2.2"))
        #expect(try !isOfSameRRset("v. 1 IN A 192.0.2.1"))
        #expect(try !isOfSameRRset("w. 1 CH A 192.0.2.1"))
        #expect(try !isOfSameRRset("w. 1 IN AAAA ::1"))
    }

    @Test func `a question is a name, a class and a type`() throws {
        let question = try Question(presentation: "www.example. IN ANY")
        #expect(question == Question(name: "www.example.", type: .any))
        #expect(question.description == "www.example. IN ANY")
        #expect(throws: PresentationError.unexpectedEnd(at: 15)) {
            try Question(presentation: "www.example. IN")
        }
        #expect(throws: PresentationError.trailingText(at: 18)) {
            try Question(presentation: "www.example. IN A A")
        }
    }
}
