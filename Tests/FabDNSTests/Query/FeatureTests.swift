// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import DNSWire
import ServiceCatalog
import TestSupport
import Testing
import Transport

@testable import FabDNS

@Suite("What directives make of a query")
struct FeatureTests {
    private func zones(
        _ settings: ZoneSet.NodeSettings, isServed: Bool = true, fallsThrough: Bool = false,
        shared: ZoneSet.Shared = ZoneSet.Shared()
    ) throws -> AskedZones {
        let many = (0..<40).map { "10.0.1.\($0) a/north/x" }
        return try AskedZones(
            [
                service("default/nginx", "10.0.0.1 a/north/x"),
                service("default/many", endpoints: many),
            ],
            zones: [
                .init(
                    name: "testzone.", isServed: isServed, fallsThrough: fallsThrough,
                    settings: settings)
            ], shared: shared)
    }

    // MARK: acl

    private func rule(
        _ action: AccessAction, types: [UInt16] = [], _ networks: String...
    ) throws -> AccessTable.Rule {
        let line = networks.isEmpty ? "" : "net " + networks.joined(separator: " ")
        let configuration = try Corefile.parse(
            text: ". {\nacl {\nallow \(line)\n}\n}", file: "Corefile", environment: [:])
        return AccessTable.Rule(
            action: action, types: types,
            networks: configuration.blocks[0].features.access[0].rules[0].networks
                .map(AccessTable.NetworkRow.init))
    }

    @Test(
        "The first rule that matches type and asker decides, without one everybody may ask",
        arguments: [
            ("192.0.2.1", "A", AccessAction.block), ("192.0.2.1", "AAAA", .filter),
            ("192.0.3.1", "A", .filter), ("198.51.100.1", "A", .allow),
            ("2001:db8::1", "A", .drop), ("2001:db9::1", "A", .allow),
            ("2001:db8:0:1::", "A", .drop), ("10.0.0.1", "TXT", .block),
        ])
    func access(_ asker: String, _ type: String, _ action: AccessAction) throws {
        var settings = ZoneSet.NodeSettings()
        settings.access = [
            try rule(.block, types: [1], "192.0.2.0/24"), try rule(.filter, "192.0.2.0/23"),
            try rule(.drop, "2001:db8::/32"), try rule(.block, types: [16, 33]),
        ]
        let zones = try zones(settings)
        switch try #require(IPAddress(asker)) {
        case .v4(let address): zones.asker = PeerAddress(v4: address, port: 1)
        case .v6(let high, let low): zones.asker = PeerAddress(high: high, low: low, port: 1)
        }
        let question = try Question(presentation: "nginx.default.svc.testzone. IN \(type)")
        let reply = try zones.ask(Message(query: question.name, type: question.type, opt: OPT()))
        switch action {
        case .allow: #expect(reply?.answer.count == 1)
        case .block:
            #expect(reply?.header.responseCode == .refused && reply?.answer.isEmpty == true)
            #expect(reply?.opt?.extendedErrors.map(\.code) == [.blocked])
        case .filter:
            #expect(reply?.header.responseCode == .noError && reply?.answer.isEmpty == true)
            #expect(reply?.opt?.extendedErrors.map(\.code) == [.filtered])
        case .drop: #expect(reply == nil)
        }
    }

    @Test("Networks match mapped and plain addresses by their prefix, whatever its length")
    func networks() throws {
        for length in 0...32 {
            let table = AccessTable([try rule(.block, "170.170.170.170/\(length)")])
            for bit in 0..<32 {
                let address = UInt32(0xAAAA_AAAA) ^ (1 << UInt32(31 - bit))
                let action = table.action(0..<1, type: 1, asker: PeerAddress(v4: address, port: 0))
                #expect((action == .block) == (bit >= length), "/\(length), bit \(bit)")
            }
        }
        for length in [0, 1, 63, 64, 65, 127, 128] {
            let table = AccessTable([try rule(.block, "2001:db8::5/\(length)")])
            for bit in 0..<128 {
                let high = 0x2001_0DB8_0000_0000 ^ (bit < 64 ? UInt64(1) << UInt64(63 - bit) : 0)
                let low = 5 ^ (bit >= 64 ? UInt64(1) << UInt64(127 - bit) : 0)
                let asker = PeerAddress(high: high, low: low, port: 0)
                #expect(
                    (table.action(0..<1, type: 1, asker: asker) == .block) == (bit >= length),
                    "/\(length), bit \(bit)")
            }
        }
    }

    // MARK: Who asks, who answers

    @Test("whoami tells the asker's address and port where nothing else answers")
    func whoami() throws {
        var settings = ZoneSet.NodeSettings()
        settings.answersWhoami = true
        for (isServed, name) in [(false, "x.testzone."), (true, "absent.testzone.")] {
            let zones = try zones(settings, isServed: isServed, fallsThrough: true)
            for (asker, text) in [
                (PeerAddress(v4: 0xC000_0201, port: 5300), "\(name) 0 IN A 192.0.2.1"),
                (
                    PeerAddress(high: 0x2001_0DB8 << 32, low: 7, port: 5300),
                    "\(name) 0 IN AAAA 2001:db8::7"
                ),
            ] {
                zones.asker = asker
                for (transport, label) in [(QueryTransport.udp, "_udp"), (.tcp, "_tcp")] {
                    let reply = try zones.ask("\(name) IN A", opt: OPT(), over: transport)
                    #expect(reply.header.responseCode == .noError && reply.header.isAuthoritative)
                    #expect(reply.answer.isEmpty && reply.authority.isEmpty && reply.opt != nil)
                    #expect(
                        reply.additional.map(\.description) == [
                            text, "\(label).\(name) 0 IN SRV 0 0 5300 .",
                        ])
                }
            }
        }
    }

    @Test("A zone without whoami refuses what falls through")
    func nobody() throws {
        let zones = try zones(ZoneSet.NodeSettings(), fallsThrough: true)
        #expect(try zones.answers(to: "absent.testzone. IN A") == "REFUSED")
    }

    @Test(
        "chaos answers five names in class CH with TXT, and nothing else in it",
        arguments: [
            ("version.bind. CH TXT", "\"1.0\""), ("VERSION.Server. CH TXT", "\"1.0\""),
            ("hostname.bind. CH TXT", "\"edge\""), ("id.server. CH TXT", "\"edge\""),
            ("authors.bind. CH TXT", "\"a b\" \"c\""), ("version.bind. CH A", "REFUSED"),
            ("version.bind.x. CH TXT", "REFUSED"), ("bind. CH TXT", "REFUSED"),
            ("version.bind. IN TXT", "REFUSED"), ("version.bind. HS TXT", "REFUSED"),
            ("nginx.default.svc.testzone. CH TXT", "REFUSED"),
        ])
    func chaos(_ question: String, _ answers: String) throws {
        let shared = ZoneSet.Shared(
            chaos: ChaosAnswers(version: "1.0", authors: ["a b", "c"], host: "edge"))
        let zones = try zones(ZoneSet.NodeSettings(), shared: shared)
        #expect(try zones.answers(to: question) == answers)
        #expect(try zones.answers(to: question, over: .tcp) == answers)
        let reply = try zones.ask(question, opt: OPT())
        #expect(reply.answer.allSatisfy { $0.ttl == 0 && $0.class == .chaos })
        #expect(reply.opt != nil)
    }

    @Test("Answers of chaos that do not fit are truncated")
    func chaosTruncated() throws {
        let authors = (0..<64).map { "\($0)" + String(repeating: "x", count: 200) }
        let shared = ZoneSet.Shared(
            chaos: ChaosAnswers(version: "1", authors: authors, host: "edge"))
        let zones = try zones(ZoneSet.NodeSettings(), shared: shared)
        let reply = try zones.ask("authors.bind. CH TXT")
        #expect(reply.header.isTruncated && reply.answer.isEmpty)
        #expect(try zones.ask("authors.bind. CH TXT", over: .tcp).answer.count == 64)
    }

    @Test("NSID comes to who asks for it, in answers and denials, beside other options")
    func identity() throws {
        var settings = ZoneSet.NodeSettings()
        settings.identity = Array("edge-1".utf8)
        let zones = try zones(settings)
        let wish = OPT(options: [EDNSOption(code: .nsid, data: [])])
        for name in ["nginx.default.svc", "absent", "many.default.svc"] {
            let reply = try zones.ask("\(name).testzone. IN A", opt: wish)
            #expect(reply.opt?.nsid?.identifier == Array("edge-1".utf8))
            #expect(
                try zones.ask("\(name).testzone. IN A", opt: OPT()).opt?.options.isEmpty == true)
            #expect(try zones.ask("\(name).testzone. IN A").opt == nil)
        }
        let both = OPT(options: [
            EDNSOption(code: .nsid, data: []), EDNSOption(code: .tcpKeepalive, data: []),
        ])
        let reply = try zones.ask("nginx.default.svc.testzone. IN A", opt: both, over: .tcp)
        #expect(reply.opt?.options.map(\.code) == [.tcpKeepalive, .nsid])
    }

    @Test("A zone without NSID gives none")
    func noIdentity() throws {
        let zones = try zones(ZoneSet.NodeSettings())
        let wish = OPT(options: [EDNSOption(code: .nsid, data: [])])
        let reply = try zones.ask("nginx.default.svc.testzone. IN A", opt: wish)
        #expect(reply.opt?.options.isEmpty == true && reply.answer.count == 1)
    }

    @Test("keepalive announces the idle timeout of the listener")
    func keepalive() throws {
        let zones = try zones(ZoneSet.NodeSettings(), shared: ZoneSet.Shared(idleTenths: 300))
        let wish = OPT(options: [EDNSOption(code: .tcpKeepalive, data: [])])
        let reply = try zones.ask("nginx.default.svc.testzone. IN A", opt: wish, over: .tcp)
        #expect(reply.opt?.options.map(\.data) == [[1, 44]])
        #expect(
            try zones.ask("nginx.default.svc.testzone. IN A", opt: wish).opt?.options.isEmpty
                == true)
    }

    @Test("bufsize bounds replies over UDP only, and never below 512")
    func bufsize() throws {
        let zones = try zones(
            ZoneSet.NodeSettings(), shared: ZoneSet.Shared(payloadOctets: 600))
        let question = "many.default.svc.testzone. IN A"
        #expect(try zones.ask(question, opt: OPT(payloadSize: 1232)).header.isTruncated)
        #expect(try zones.ask(question, opt: OPT(), over: .tcp).answer.count == 40)
        let wide = try self.zones(ZoneSet.NodeSettings())
        #expect(try wide.ask(question, opt: OPT(payloadSize: 1232)).answer.count == 40)
    }
}
