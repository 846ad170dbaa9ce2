// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

/// How many records an answer has, and in which order.
@Suite("Size and order of answers")
struct SizeAndOrderTests {
    /// A headless service of `count` endpoints in one cluster.
    private static func many(_ count: Int, isV6: Bool = false) throws -> [ExportedService] {
        [
            try service(
                "default/many headless", ports: [ServicePort(name: "http", number: 80)],
                endpoints: (0..<count).map { number in
                    isV6
                        ? "fd00::\(String(number + 1, radix: 16)) a//"
                        : "10.\(number >> 16).\(number >> 8 & 255).\(number & 255) a//"
                })
        ]
    }

    @Test("An address that is in every locality is answered once, however many there are")
    func repeated() throws {
        let endpoints = (0..<2000).map { number in
            "10.0.0.1,10.0.0.2,10.0.1.\(number % 20),fd00::1 a/r/z\(number)"
        }
        let zones = try AskedZones([service("default/many", endpoints: endpoints)])
        for name in ["many", "a.many"] {
            let v4 = try zones.ask("\(name).default.svc.testzone. IN A")
            #expect(v4.answer.count == 22)
            #expect(Set(v4.answer.map { "\($0.data)" }).count == 22)
            #expect(try zones.answers(to: "\(name).default.svc.testzone. IN AAAA") == "fd00::1")
        }
        let near = try AskedZones(
            [service("default/many", endpoints: endpoints)], from: place("//z7"))
        #expect(
            try near.answers(to: "many.default.svc.testzone. IN A") == "10.0.0.1 10.0.0.2 10.0.1.7")
    }

    private static let name = "many.default.svc.testzone."

    struct Limit: Sendable, CustomStringConvertible {
        let payloadSize: UInt16?
        let type: String
        /// As many records as fit; one more is truncated.
        let records: Int
        var description: String { "\(type) within \(payloadSize.map(String.init) ?? "no EDNS")" }
    }

    @Test(
        "All records, or none and TC: 512 octets without EDNS, at most 1232 with it",
        arguments: [
            // 12 of the header and 30 of the question; 16 an A record, 28 an AAAA record, 11 OPT.
            Limit(payloadSize: nil, type: "A", records: 29),
            Limit(payloadSize: nil, type: "AAAA", records: 16),
            Limit(payloadSize: 0, type: "A", records: 28),
            Limit(payloadSize: 512, type: "A", records: 28),
            Limit(payloadSize: 800, type: "A", records: 46),
            Limit(payloadSize: 1232, type: "A", records: 73),
            Limit(payloadSize: 4096, type: "A", records: 73),
            Limit(payloadSize: 65535, type: "AAAA", records: 42),
        ])
    func truncation(_ limit: Limit) throws {
        let opt = limit.payloadSize.map { OPT(payloadSize: $0) }
        for count in [limit.records, limit.records + 1] {
            let zones = try AskedZones(Self.many(count, isV6: limit.type == "AAAA"))
            let question = "\(Self.name) IN \(limit.type)"
            let reply = try zones.ask(question, opt: opt)
            #expect(reply.header.isTruncated == (count > limit.records))
            #expect(reply.answer.count == (count > limit.records ? 0 : count))
            #expect(reply.header.responseCode == .noError && reply.header.isAuthoritative)
            #expect((reply.opt == nil) == (opt == nil))
            let whole = try zones.ask(question, opt: opt, over: .tcp)
            #expect(!whole.header.isTruncated && whole.answer.count == count)
        }
    }

    @Test("SRV is truncated as a whole too, and whole over TCP")
    func truncatedServices() throws {
        let zones = try AskedZones(Self.many(100))
        let reply = try zones.ask("\(Self.name) IN SRV")
        #expect(reply.header.isTruncated && reply.answer.isEmpty)
        #expect(try zones.ask("\(Self.name) IN SRV", over: .tcp).answer.count == 100)
    }

    @Test("More than a message holds is cut to the same records every time, and says so")
    func cut() throws {
        let zones = try AskedZones(Self.many(5000))
        let first = try zones.ask("\(Self.name) IN A", opt: OPT(), over: .tcp)
        let second = try zones.ask("\(Self.name) IN A", opt: OPT(), over: .tcp)
        #expect(first.answer.count > 4000 && !first.header.isTruncated)
        #expect(Set(first.answer) == Set(second.answer))
        #expect(first.opt?.extendedErrors.map(\.code) == [.other])
        #expect(zones.counters.cut == 2)
    }

    @Test("Each of fifteen endpoints is first equally often, in A and in AAAA (chi-square)")
    func rotation() throws {
        let clusters = ["a", "b", "c"]
        let endpoints = (1...15).map { "10.0.0.\($0),fd00::\($0) \(clusters[$0 % 3])//" }
        let nginx = try service("default/nginx", endpoints: endpoints)
        for type in ["A", "AAAA"] {
            let zones = try AskedZones([nginx])
            let query = Message(
                query: "nginx.default.svc.testzone.", type: type == "A" ? .a : .aaaa)
            var counts: [String: Int] = [:]
            for _ in 0..<15_000 {
                let reply = try #require(try zones.ask(query))
                #expect(reply.answer.count == 15)
                counts["\(reply.answer[0].data)", default: 0] += 1
            }
            #expect(counts.count == 15)
            let statistic = counts.values.reduce(0) { sum, count in
                sum + Double((count - 1000) * (count - 1000)) / 1000
            }
            // 14 degrees of freedom: one run in a million is above.
            #expect(statistic < 54)
        }
    }

    @Test("An answer is the same set in every rotation, each record once")
    func rotationIsWhole() throws {
        let zones = try AskedZones(Self.many(7))
        let all = Set((0..<7).map { "10.0.0.\($0)" })
        var orders = Set<[String]>()
        for _ in 0..<200 {
            let data = try zones.ask("\(Self.name) IN A").answer.map { "\($0.data)" }
            #expect(Set(data) == all && data.count == 7)
            orders.insert(data)
        }
        #expect(orders.count == 7)
    }
}
