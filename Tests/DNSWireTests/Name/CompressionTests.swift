// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

@Suite struct CompressionTests {
    /// A header that announces `questions` questions and nothing else.
    static func header(questions: Int) -> String {
        "0000 0000 \(hex([UInt8(questions >> 8), UInt8(questions & 0xFF)])) 0000 0000 0000 "
    }

    @Test func `names share their ends by pointers to the first occurrence`() throws {
        let message = try Message(
            literal: """
                QUERY NOERROR id 1 qr
                question a.example. IN A
                answer a.example. 1 IN CNAME b.example.
                answer b.example. 1 IN A 192.0.2.1
                """)
        let expected = try octets(
            """
            0001 8000 0001 0002 0000 0000
            01 'a' 07 'example' 00 0001 0001
            C00C 0005 0001 00000001 0004 01 'b' C00E
            C027 0001 0001 00000001 0004 C0000201
            """)
        #expect(message.encode() == expected)
        #expect(try Message(parsing: expected.span) == message)
    }

    @Test func `a name written in another case is not pointed to, so each keeps its own`() throws {
        let message = try Message(
            literal: """
                QUERY NOERROR id 1 qr
                question A.EXAMPLE. IN A
                answer a.example. 1 IN A 192.0.2.1
                """)
        let read = try Message(parsing: message.encode().span)
        #expect(read.questions[0].name.description == "A.EXAMPLE.")
        #expect(read.answer[0].owner.description == "a.example.")
    }

    @Test func `the target of SRV is written whole, and read with a pointer all the same`() throws {
        let message = try Message(
            literal: """
                QUERY NOERROR id 1 qr
                question a.example. IN SRV
                answer a.example. 1 IN SRV 1 2 3 a.example.
                """)
        let head =
            "0001 8000 0001 0001 0000 0000 01 'a' 07 'example' 00 0021 0001 C00C 0021 0001 00000001"
        #expect(
            message.encode()
                == (try octets(head + "0011 0001 0002 0003 01 'a' 07 'example' 00")))
        let compressed = try octets(head + "0008 0001 0002 0003 C00C")
        #expect(try Message(parsing: compressed.span) == message)
    }

    static let pointers: [(questions: Int, wire: String, error: ParseError?)] = [
        // To the name before.
        (2, "01 'a' 00 0001 0001  C00C 0001 0001", nil),
        // To the end of the name before.
        (2, "01 'a' 01 'b' 00 0001 0001  01 'c' C00E 0001 0001", nil),
        // To the root's octet of the name before.
        (2, "01 'a' 00 0001 0001  01 'c' C00E 0001 0001", nil),
        // To a pointer.
        (3, "01 'a' 00 0001 0001  C00C 0001 0001  C013 0001 0001", nil),
        // To itself.
        (1, "C00C 0001 0001", .badPointer(at: 12)),
        // To its own label.
        (1, "01 'a' C00C 0001 0001", .badPointer(at: 14)),
        // Into its own label.
        (1, "02 'a' 00 C00E 0001 0001", .badPointer(at: 15)),
        // Forward.
        (2, "C012 0001 0001  01 'a' 00 0001 0001", .badPointer(at: 12)),
        // Beyond the end.
        (1, "FFFF 0001 0001", .badPointer(at: 12)),
        // Two that point at each other.
        (2, "C012 0001 0001  C00C 0001 0001", .badPointer(at: 12)),
        // Into the class before, whose octet then is a label that runs into the pointing name.
        (2, "01 'a' 00 0001 0001  C012 0001 0001", .badPointer(at: 19)),
        // Cut after its first octet.
        (1, "C0", .truncated(at: 12)),
    ]

    @Test("a pointer goes to a name that ends before", arguments: pointers)
    func pointer(_ row: (questions: Int, wire: String, error: ParseError?)) throws {
        let wire = try octets(Self.header(questions: row.questions) + row.wire)
        if let error = row.error {
            #expect(throws: error) { try Message(parsing: wire.span) }
        } else {
            let message = try Message(parsing: wire.span)
            #expect(try Message(parsing: message.encode().span) == message)
        }
    }

    @Test func `a name may take 127 pointers and not 128`() throws {
        // The first question holds the root; each one after it points to the one before.
        func chain(_ pointers: Int) throws -> [UInt8] {
            var wire = try octets(Self.header(questions: pointers + 1) + "00 0001 0001")
            var target = 12
            for _ in 0..<pointers {
                let next = wire.count
                wire += [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF)]
                wire += try octets("0001 0001")
                target = next
            }
            return wire
        }
        let most = try chain(127)
        #expect(try Message(parsing: most.span).questions.last?.name == .root)
        let tooMany = try chain(128)
        #expect(throws: ParseError.badPointer(at: 17)) { try Message(parsing: tooMany.span) }
    }

    @Test func `a name that pointers make longer than 255 octets is refused`() throws {
        let label = "3F '" + String(repeating: "x", count: 63) + "'"
        let three = Self.header(questions: 2) + label + label + label + "00 0001 0001"
        let fits = try octets(
            three + "3D '" + String(repeating: "y", count: 61) + "' C00C 0001 0001")
        #expect(try Message(parsing: fits.span).questions[1].name.wireOctets.count == 255)
        let tooLong = try octets(
            three + "3E '" + String(repeating: "y", count: 62) + "' C00C 0001 0001")
        #expect(throws: ParseError.nameTooLong(at: 140)) { try Message(parsing: tooLong.span) }
    }

    @Test func `a name beyond the reach of 14 bits is not pointed to`() throws {
        var message = try Message(literal: "QUERY NOERROR id 1 qr")
        for number in 0..<70 {
            let text = String(repeating: "x", count: 255)
            message.answer.append(
                try ResourceRecord(presentation: "n\(number).example. 1 IN TXT \(text)"))
        }
        for name in ["late.", "late."] {
            message.answer.append(try ResourceRecord(presentation: "\(name) 1 IN A 192.0.2.1"))
        }
        let wire = message.encode()
        #expect(wire.count > 0x4000)
        #expect(try Message(parsing: wire.span) == message)
    }

    @Test(.timeLimit(.minutes(1)))
    func `the longest message of the longest names is read and written in bounded time`() throws {
        let name = Array(repeating: "a", count: 127).joined(separator: ".")
        var wire = try octets(Self.header(questions: 1))
        wire += try DomainName(presentation: name).wireOctets
        wire += try octets("0001 0001")
        var questions = 1
        while wire.count + 6 <= Message.maximumOctets {
            wire += try octets("C00C 0001 0001")
            questions += 1
        }
        wire[4] = UInt8(questions >> 8)
        wire[5] = UInt8(questions & 0xFF)
        let message = try Message(parsing: wire.span)
        #expect(message.questions.count == questions)
        #expect(message.encode() == wire)
    }
}
