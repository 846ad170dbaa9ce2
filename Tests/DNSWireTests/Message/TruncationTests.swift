// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

@Suite struct TruncationTests {
    static let answer = """
        QUERY NOERROR id 1 qr aa
        opt 1232
        question a.z. IN A
        answer a.z. 1 IN CNAME b.z.
        answer b.z. 1 IN A 192.0.2.1
        answer b.z. 2 IN A 192.0.2.2
        authority z. 1 IN NS ns.z.
        additional ns.z. 1 IN A 192.0.2.3
        additional ns.z. 1 IN AAAA 2001:db8::3
        """

    @Test func `at every limit whole RRsets are left, TC says what is missing, OPT stays`() throws {
        let whole = try Message(literal: Self.answer)
        let count = whole.encode().count
        for limit in 0...count + 1 {
            let wire = whole.encode(limit: limit)
            let cut = try Message(parsing: wire.span)
            #expect(wire.count <= max(limit, 12))
            #expect((cut.opt != nil) == (limit >= 12 + 11))
            #expect([0, 1].contains(cut.questions.count))
            // The two addresses come together or not at all.
            #expect([0, 1, 3].contains(cut.answer.count))
            #expect(cut.answer.elementsEqual(whole.answer.prefix(cut.answer.count)))
            let hasSections = cut.answer.count == 3 && cut.authority.count == 1
            #expect(cut.header.isTruncated == !hasSections, "limit \(limit)")
            #expect(hasSections || cut.additional.isEmpty)
            #expect((cut == whole) == (limit >= count))
        }
    }

    @Test func `missing additional records do not set TC, missing glue of a referral does`() throws
    {
        var message = try Message(literal: Self.answer)
        let limit = message.encode().count - 1
        #expect(try !Message(parsing: message.encode(limit: limit).span).header.isTruncated)
        message.answer = []
        let count = message.encode().count
        #expect(try Message(parsing: message.encode(limit: count - 1).span).header.isTruncated)
        #expect(try !Message(parsing: message.encode(limit: count).span).header.isTruncated)
    }

    @Test func `a limit of one octet less than the message costs its last RRset`() throws {
        let message = try Message(
            literal: """
                QUERY NOERROR id 1 qr
                question w. IN A
                answer w. 1 IN A 192.0.2.1
                """)
        let wire = message.encode()
        #expect(message.encode(limit: wire.count) == wire)
        #expect(
            message.encode(limit: wire.count - 1)
                == (try octets("0001 8200 0001 0000 0000 0000 01 'w' 00 0001 0001")))
    }

    @Test func `options that do not fit are left out of an OPT record that does`() throws {
        var message = try Message(literal: "QUERY NOERROR id 1 qr\nopt 1232")
        message.opt?.options = [EDNSOption(code: .padding, data: Array(repeating: 0, count: 500))]
        #expect(message.encode(limit: 12 + 11 + 504).count == 12 + 11 + 504)
        #expect(message.encode(limit: 12 + 11 + 503).count == 12 + 11)
        #expect(message.encode(limit: 12 + 10).count == 12)
        message.opt?.options[0].data = Array(repeating: 0, count: 70000)
        #expect(message.encode().count == 12 + 11)
    }

    @Test func `an RRset beyond 65,535 octets is left out`() throws {
        let string = try #require(CharacterString(String(repeating: "x", count: 255)))
        for (count, fits) in [(255, true), (257, false)] {
            let txt = try #require(TXT(strings: Array(repeating: string, count: count)))
            let record = ResourceRecord(owner: "w.", ttl: 1, data: .txt(txt))
            let message = Message(header: Header(), answer: [record])
            let read = try Message(parsing: message.encode().span)
            #expect(read.answer.isEmpty == !fits)
            #expect(read.header.isTruncated == !fits)
        }
    }
}
