// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

/// What a query gets by its form: header, counts, class, type and EDNS.
@Suite("Queries")
struct QueryTests {
    private let zones: AskedZones

    init() throws {
        zones = try AskedZones(
            [
                try service(
                    "default/nginx", ports: [ServicePort(name: "http", number: 80)],
                    "10.0.0.1 a/north/x", "fd00::2 b/south/y")
            ], from: place("a/north/x"))
    }

    private static let name = "05 'nginx' 07 'default' 03 'svc' 08 'testzone' 00"

    struct Octets: Sendable, CustomStringConvertible {
        let description: String
        let query: String
        /// The first twelve octets of the reply; nil for no reply.
        let header: String?
    }

    @Test(
        "One reply to a query, none to anything else",
        arguments: [
            Octets(
                description: "a query", query: "0007 0100 0001 0000 0000 0000 \(name) 0001 0001",
                header: "0007 8500 0001 0001 0000 0000"),
            Octets(
                description: "a response", query: "0007 8100 0001 0000 0000 0000 \(name) 0001 0001",
                header: nil),
            Octets(description: "eleven octets", query: "0007 0100 0001 0000 0000 00", header: nil),
            Octets(description: "nothing", query: "", header: nil),
            Octets(
                description: "a header alone", query: "0007 0100 0001 0000 0000 0000",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "no question", query: "0007 0100 0000 0000 0000 0000",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "two questions",
                query: "0007 0100 0002 0000 0000 0000 \(name) 0001 0001 C00C 0001 0001",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "an answer in a query",
                query: "0007 0100 0001 0001 0000 0000 \(name) 0001 0001",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "a question cut in its class",
                query: "0007 0100 0001 0000 0000 0000 \(name) 0001 00",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "octets behind the question",
                query: "0007 0100 0001 0000 0000 0000 \(name) 0001 0001 00",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "a pointer in the question",
                query: "0007 0100 0001 0000 0000 0000 C00C 0001 0001",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "a label of the reserved kind",
                query: "0007 0100 0001 0000 0000 0000 41 'a' 00 0001 0001",
                header: "0007 8101 0000 0000 0000 0000"),
            Octets(
                description: "NOTIFY, whatever its counts",
                query: "0007 2100 0001 0001 0000 0000 \(name) 0006 0001",
                header: "0007 A104 0000 0000 0000 0000"),
            Octets(
                description: "UPDATE", query: "0007 2900 0001 0000 0001 0000 \(name) 0006 0001",
                header: "0007 A904 0000 0000 0000 0000"),
            Octets(
                description: "an unassigned OPCODE", query: "0007 7900 FFFF FFFF FFFF FFFF",
                header: "0007 F904 0000 0000 0000 0000"),
            Octets(
                description: "AA, TC, RA and Z of the query are not echoed, CD is",
                query: "0007 07F0 0001 0000 0000 0000 \(name) 0001 0001",
                header: "0007 8510 0001 0001 0000 0000"),
        ])
    func admission(_ row: Octets) throws {
        let reply = zones.ask(octets: try octets(row.query))
        #expect(reply.map { hex($0.prefix(12)) } == (try row.header.map { hex(try octets($0)) }))
    }

    @Test("Every octet of a query cut away leaves a reply that says FORMERR, or none")
    func cuts() throws {
        let whole =
            try octets("0007 0100 0001 0000 0000 0001 \(Self.name) 0001 0001")
            + octets("00 0029 04D0 00000000 0008 000A 0004 01020304")
        for count in 0..<whole.count {
            let reply = zones.ask(octets: Array(whole[..<count]))
            if count < 12 {
                #expect(reply == nil)
            } else {
                #expect(reply?.count == 12 && reply?[3] == 1)
            }
        }
        #expect(zones.ask(octets: whole)?[3] == 0)
    }

    @Test("A name of 255 octets is looked up, one of 256 is FORMERR")
    func longNames() throws {
        let label = try octets("3F") + [UInt8](repeating: 0x61, count: 63)
        func query(_ last: Int) -> [UInt8] {
            [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + label + label + label
                + [UInt8(last)] + [UInt8](repeating: 0x61, count: last) + [0, 0, 1, 0, 1]
        }
        #expect(zones.ask(octets: query(61))?[3] == 5)
        #expect(zones.ask(octets: query(62))?[3] == 1)
    }

    struct Refusal: Sendable, CustomStringConvertible {
        let question: String
        let reason: ExtendedError.Code
        var description: String { question }
    }

    @Test(
        "Other classes, transfers and foreign names are REFUSED, and say why to who speaks EDNS",
        arguments: [
            Refusal(question: "nginx.default.svc.testzone. CH A", reason: .notSupported),
            Refusal(question: "nginx.default.svc.testzone. ANY A", reason: .notSupported),
            Refusal(question: "version.bind. CH TXT", reason: .notSupported),
            Refusal(question: "testzone. IN AXFR", reason: .notSupported),
            Refusal(question: "testzone. IN IXFR", reason: .notSupported),
            Refusal(question: "example.org. IN A", reason: .notAuthoritative),
            Refusal(question: ". IN NS", reason: .notAuthoritative),
            Refusal(question: "xtestzone. IN A", reason: .notAuthoritative),
        ])
    func refusals(_ row: Refusal) throws {
        for opt in [nil, OPT()] {
            let reply = try zones.ask(row.question, opt: opt)
            #expect(reply.header.responseCode == .refused)
            #expect(!reply.header.isAuthoritative && reply.answer.isEmpty)
            #expect(reply.authority.isEmpty && reply.questions.count == 1)
            #expect(reply.opt?.extendedErrors.map(\.code) == (opt.map { _ in [row.reason] }))
        }
    }

    @Test("The asker's spelling comes back, in the question and in the answer's owner")
    func spelling() throws {
        let reply = try zones.ask("nGiNx.DEFAULT.sVc.TestZone. IN A")
        let spelled = "nGiNx.DEFAULT.sVc.TestZone."
        #expect(reply.questions.map(\.name.description) == [spelled])
        #expect(reply.answer.map(\.owner.description) == [spelled])
        let target = try zones.ask("nGiNx.DEFAULT.sVc.TestZone. IN SRV")
        #expect(target.answer.map { "\($0.data)" } == ["0 100 80 nginx.default.svc.TestZone."])
    }

    @Test("ANY gets one HINFO at any name that has data (RFC 8482)")
    func any() throws {
        for name in ["nginx.default.svc.testzone.", "testzone.", "dns-version.testzone."] {
            #expect(try zones.answers(to: "\(name) IN ANY") == "\"RFC8482\" \"\"")
        }
        #expect(try zones.answers(to: "default.svc.testzone. IN ANY") == "")
        #expect(try zones.answers(to: "nothing.testzone. IN ANY") == "NXDOMAIN")
    }

    @Test("IXFR may have its SOA in the authority section and is refused all the same")
    func incrementalTransfer() throws {
        var query = Message(query: "testzone.", type: .ixfr)
        query.authority = [
            try ResourceRecord(presentation: "testzone. 0 IN SOA a. b. 1 2 3 4 5")
        ]
        #expect(try zones.ask(query)?.header.responseCode == .refused)
        query.questions = [try Question(presentation: "testzone. IN SOA")]
        #expect(try zones.ask(query)?.header.responseCode == .formatError)
    }

    // MARK: EDNS

    @Test("OPT is answered with OPT: our size, DO as asked, no options of the asker")
    func edns() throws {
        for dnssecOK in [false, true] {
            let opt = OPT(
                payloadSize: 4096, dnssecOK: dnssecOK,
                options: [EDNSOption(code: .init(rawValue: 10), data: [1, 2, 3, 4, 5, 6, 7, 8])])
            let reply = try zones.ask("nginx.default.svc.testzone. IN A", opt: opt)
            #expect(reply.opt == OPT(payloadSize: 1232, dnssecOK: dnssecOK))
        }
        #expect(try zones.ask("nginx.default.svc.testzone. IN A").opt == nil)
    }

    @Test("EDNS of another version is BADVERS, with version 0 in its OPT (RFC 6891 §6.1.3)")
    func badVersion() throws {
        let reply = try zones.ask("nginx.default.svc.testzone. IN A", opt: OPT(version: 1))
        #expect(reply.header.responseCode == .badVersion)
        #expect(reply.opt?.version == 0 && reply.answer.isEmpty && reply.questions.count == 1)
    }

    @Test(
        "An OPT that is not well-formed is FORMERR",
        arguments: [
            // Its root is a pointer to a zero octet; not at the root; two of them; an option longer than the data; data longer than all.
            "C000 0029 04D0 00000000 0000",
            "01 'a' 00 0029 04D0 00000000 0000",
            "00 0029 04D0 00000000 0000 00 0029 04D0 00000000 0000",
            "00 0029 04D0 00000000 0005 000A 0002 01",
            "00 0029 04D0 00000000 0004 000A 00",
        ])
    func badOPT(_ opt: String) throws {
        let count = opt.split(separator: " ").filter { $0 == "0029" }.count
        let query = try octets("0007 0100 0001 0000 0000 000\(count) \(Self.name) 0001 0001 \(opt)")
        #expect(zones.ask(octets: query).map { hex($0) } == "000781010000000000000000")
    }

    @Test("Other records in the additional section, as TSIG, are stepped over")
    func additionalRecords() throws {
        let query = try octets(
            "0007 0100 0001 0000 0000 0002 \(Self.name) 0001 0001 "
                + "C00C 0001 0001 00000000 0004 01020304 00 0029 04D0 00000000 0000")
        let octets = try #require(zones.ask(octets: query))
        let reply = try Message(parsing: octets.span)
        #expect(reply.answer.count == 1 && reply.opt != nil && reply.additional.isEmpty)
    }

    @Test("The idle timeout is told over TCP to who asks for it, never over UDP (RFC 7828)")
    func keepalive() throws {
        let opt = OPT(options: [EDNSOption(code: .init(rawValue: 11), data: [])])
        let question = "nginx.default.svc.testzone. IN A"
        let overTCP = try zones.ask(question, opt: opt, over: .tcp)
        #expect(overTCP.opt?.options == [EDNSOption(code: .init(rawValue: 11), data: [0, 100])])
        #expect(try zones.ask(question, opt: opt).opt?.options == [])
    }

    // MARK: Counters

    @Test("Every query is counted by the code of its reply, and nothing else is")
    func counters() throws {
        for question in [
            "nginx.default.svc.testzone. IN A", "x.testzone. IN A", "example.org. IN A",
        ] {
            _ = try zones.ask(question)
        }
        _ = zones.ask(octets: [1, 2, 3])
        let counters = zones.counters
        #expect(counters.queries == 3)
        #expect(counters.ignored == 1)
        #expect(counters.codes[0] == 1 && counters.codes[3] == 1 && counters.codes[5] == 1)
    }
}
