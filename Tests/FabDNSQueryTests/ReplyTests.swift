// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import JSON
import TestSupport
import Testing

@testable import FabDNSQuery

@Suite("What came back")
struct ReplyTests {
    private static let question = Question(
        name: "a.b.", type: 1, typeText: "A", class: 1, classText: "IN")

    @Test("A query reads as it was asked, with and without EDNS")
    func query() throws {
        let with = try LDNS.parse(
            try LDNS.query(Self.question, id: 7, udpSize: 1232, asksForNameServerID: true))
        #expect(with.id == 7 && with.flags == ["rd"] && with.question == [Self.question])
        #expect(with.edns?.udpSize == 1232)
        #expect(with.edns?.options == [Reply.Option(code: 3, octets: [])])
        let without = try LDNS.parse(
            try LDNS.query(Self.question, id: 7, udpSize: 0, asksForNameServerID: true))
        #expect(without.edns == nil)
    }

    /// A response to `a.b. A` with an OPT record of these options.
    private static func reply(_ code: UInt8, options: [UInt8]) -> [UInt8] {
        [0, 7, 0x84, code, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0x61, 1, 0x62, 0, 0, 1, 0, 1]
            + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, UInt8(options.count)] + options
    }

    @Test("NSID and extended errors are read, and nothing that a terminal acts on is printed")
    func options() throws {
        let octets = Self.reply(
            2,
            options: [0, 3, 0, 2, 0x6E, 0x31, 0, 15, 0, 6, 0, 22, 0x1B, 0x5B, 0x33, 0x6D])
        let reply = try LDNS.parse(octets)
        #expect(reply.status == "SERVFAIL" && reply.exitCode == .refused)
        #expect(reply.nameServerID == [0x6E, 0x31])
        #expect(reply.extendedErrors == [Reply.ExtendedError(code: 22, text: "?[3m")])
        let asked = Asked(
            reply: reply, server: "::1", port: 53, transport: .udp, microseconds: 1500)
        #expect(asked.talk(about: Self.question) == "::1 says SERVFAIL; extended error 22 (?[3m)")
        let dig = asked.dig(Self.question)
        #expect(dig.contains("; NSID: 6e 31 (\"n1\")\n; EDE: 22: (?[3m)\n"))
        #expect(dig.contains(";; Query time: 1 msec\n;; SERVER: ::1#53 (UDP)\n"))
        #expect(asked.json(Self.question).contains(#""nsid":"n1","extendedErrors":[{"code":22,"#))
    }

    @Test(
        "The exit code tells an answer, nothing and a refusal apart",
        arguments: [(0, .nothing), (1, .refused), (2, .refused), (3, .nothing), (5, .refused)]
            as [(UInt8, ExitCode)])
    func exitCodes(_ code: UInt8, _ expected: ExitCode) throws {
        #expect(try LDNS.parse(Self.reply(code, options: [])).exitCode == expected)
    }

    @Test("Options that are cut short are passed over")
    func cutOptions() throws {
        for options in [[0, 3, 0], [0, 3, 0, 9, 1], [0, 15, 0, 1, 1]] as [[UInt8]] {
            let reply = try? LDNS.parse(Self.reply(0, options: options))
            #expect(reply?.nameServerID == nil && reply?.extendedErrors.isEmpty != false)
        }
    }

    @Test("Whatever octets come, they are printed or refused")
    func mutations() throws {
        let folder = Programs.repository.appending(path: "Fuzz/Corpus/message")
        let samples = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
            .map { try Array(Data(contentsOf: folder.appending(path: $0))) }
        var random = SeededRandom(seed: TestRun.seed)
        var readable = 0
        for _ in 0..<(TestRun.isThorough ? 1_000_000 : 20_000) {
            var octets = samples.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...4, using: &random) where !octets.isEmpty {
                octets[Int.random(in: octets.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            octets.removeLast(Int.random(in: 0...min(3, octets.count), using: &random))
            guard let reply = try? LDNS.parse(octets) else { continue }
            readable += 1
            let asked = Asked(
                reply: reply, server: "::1", port: 53, transport: .udp, microseconds: 0)
            let texts = [
                asked.table, asked.short, asked.dig(Self.question), asked.json(Self.question),
            ]
            #expect(texts.allSatisfy { !$0.contains("\u{1B}") && !$0.contains("\u{0}") })
        }
        #expect(readable > 1000)
    }
}
