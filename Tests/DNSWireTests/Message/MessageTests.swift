// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

@Suite struct MessageTests {
    static let messages: [(text: String, wire: String)] = [
        ("QUERY NOERROR id 0", "0000 0000 0000 0000 0000 0000"),
        (
            "QUERY NOERROR id 4660 rd\nquestion www.example. IN A",
            "1234 0100 0001 0000 0000 0000 03 'www' 07 'example' 00 0001 0001"
        ),
        (
            """
            QUERY NXDOMAIN id 1 qr aa
            opt 1232 do
            question nope.z. IN AAAA
            authority z. 5 IN SOA ns.z. m.z. 1 2 3 4 5
            """,
            """
            0001 8403 0001 0000 0001 0001
            04 'nope' 01 'z' 00 001C 0001
            C011 0006 0001 00000005 001D
              02 'ns' C011 01 'm' C011 00000001 00000002 00000003 00000004 00000005
            00 0029 04D0 00008000 0000
            """
        ),
        (
            "QUERY BADVERS id 1 qr\nopt 512\nquestion . IN NS",
            "0001 8000 0001 0000 0000 0001 00 0002 0001 00 0029 0200 01000000 0000"
        ),
        (
            "OPCODE15 RCODE4095 id 65535 qr aa tc rd ra z ad cd\nopt 0",
            "FFFF FFFF 0000 0000 0000 0001 00 0029 0000 FF000000 0000"
        ),
    ]

    @Test("a message is written as these octets, and read back from them", arguments: messages)
    func octetsOfMessage(_ row: (text: String, wire: String)) throws {
        let message = try Message(literal: row.text)
        let wire = try octets(row.wire)
        #expect(message.encode() == wire)
        #expect(try Message(parsing: wire.span) == message)
    }

    @Test func `each flag of the header is one bit`() throws {
        let flags: [(String, UInt16)] = [
            ("qr", 0x8000), ("aa", 0x0400), ("tc", 0x0200), ("rd", 0x0100), ("ra", 0x0080),
            ("z", 0x0040), ("ad", 0x0020), ("cd", 0x0010),
        ]
        for (name, bit) in flags {
            let message = try Message(literal: "QUERY NOERROR id 0 \(name)")
            let wire = message.encode()
            #expect(UInt16(wire[2]) << 8 | UInt16(wire[3]) == bit)
            #expect(message.header.description == "QUERY NOERROR id 0 \(name)")
        }
    }

    @Test func `all second words of a header survive`() throws {
        for bits in UInt16.min...UInt16.max {
            let wire = [0, 0, UInt8(bits >> 8), UInt8(bits & 0xFF), 0, 0, 0, 0, 0, 0, 0, 0]
            guard try Message(parsing: wire.span).encode() == wire else {
                Issue.record("\(hex(wire))")
                continue
            }
        }
    }

    @Test func `every shorter piece of a message is refused`() throws {
        for row in Self.messages {
            let wire = try octets(row.wire)
            for count in 0..<wire.count {
                let piece = Array(wire[..<count])
                #expect(throws: ParseError.self) { try Message(parsing: piece.span) }
            }
            let more = wire + [0]
            #expect(throws: ParseError.trailingOctets(at: wire.count)) {
                try Message(parsing: more.span)
            }
        }
    }

    static let refused: [(wire: String, error: ParseError)] = [
        ("", .truncated(at: 0)),
        ("0000 0000 0001 0000 0000 0000", .truncated(at: 12)),
        ("0000 0000 0001 0000 0000 0000 00 0001 00", .truncated(at: 15)),
        ("0000 0000 0000 FFFF 0000 0000", .truncated(at: 12)),
        // RDLENGTH beyond the end.
        ("0000 0000 0000 0001 0000 0000 00 0001 0001 00000000 0005 01020304", .truncated(at: 23)),
        // RDLENGTH shorter and longer than the type's.
        ("0000 0000 0000 0001 0000 0000 00 0001 0001 00000000 0003 010203", .badRecordData(at: 23)),
        (
            "0000 0000 0000 0001 0000 0000 00 0001 0001 00000000 0005 0102030405",
            .badRecordData(at: 23)
        ),
        // A name that runs beyond its RDLENGTH.
        (
            "0000 0000 0000 0001 0000 0000 00 0002 0001 00000000 0002 01 'a' 00",
            .badRecordData(at: 23)
        ),
        // OPT among the answers, owned by a name, and twice.
        ("0000 0000 0000 0001 0000 0000 00 0029 0200 00000000 0000", .badOPT(at: 12)),
        ("0000 0000 0000 0000 0000 0001 01 'a' 00 0029 0200 00000000 0000", .badOPT(at: 12)),
        (
            "0000 0000 0000 0000 0000 0002 00 0029 0200 00000000 0000 00 0029 0200 00000000 0000",
            .badOPT(at: 23)
        ),
        // Options that do not fill the data.
        ("0000 0000 0000 0000 0000 0001 00 0029 0200 00000000 0003 000000", .badRecordData(at: 23)),
        (
            "0000 0000 0000 0000 0000 0001 00 0029 0200 00000000 0005 0003 0002 00",
            .badRecordData(at: 23)
        ),
    ]

    @Test("octets that are no message say what is wrong where", arguments: refused)
    func refusedOctets(_ row: (wire: String, error: ParseError)) throws {
        let wire = try octets(row.wire)
        #expect(throws: row.error) { try Message(parsing: wire.span) }
    }

    @Test func `an OPT record before other records is one wherever it is`() throws {
        let wire = try octets(
            """
            0000 0000 0000 0000 0000 0003
            01 'a' 00 0001 0001 00000000 0004 01020304
            00 0029 0200 00000000 0000
            01 'b' 00 0001 0001 00000000 0004 01020304
            """)
        let message = try Message(parsing: wire.span)
        #expect(message.opt?.payloadSize == 512)
        #expect(message.additional.map(\.owner) == ["a.", "b."])
        #expect(try Message(parsing: message.encode().span) == message)
    }

    @Test func `a query has one question and asks for recursion`() {
        let query = Message(query: "www.example.", type: .aaaa, id: 7, opt: OPT())
        #expect(
            query.description == """
                QUERY NOERROR id 7 rd
                ;EDNS: version: 0, flags:, udp: 1232
                question www.example. IN AAAA
                """)
        #expect(!Message(query: ".", type: .ns, recursionDesired: false).header.recursionDesired)
    }

    @Test func `a code of more than four bits becomes SERVFAIL without an OPT record`() throws {
        var message = Message(header: Header(isResponse: true, responseCode: .badVersion))
        #expect(try Message(parsing: message.encode().span).header.responseCode == .serverFailure)
        message.opt = OPT()
        #expect(try Message(parsing: message.encode().span).header.responseCode == .badVersion)
    }
}
