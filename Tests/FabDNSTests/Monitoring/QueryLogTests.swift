// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import DNSWire
import Synchronization
import TestSupport
import Testing
import Transport

@testable import FabDNS

@Suite("The query log")
struct QueryLogTests {
    private func directive(_ line: String) throws -> LogDirective {
        try Corefile.parse(text: ". {\n\(line)\n}", file: "Corefile", environment: [:])
            .blocks[0].features.log[0]
    }

    /// Zones whose queries are logged, and what is written of them.
    private func logged(
        _ line: String
    ) throws -> (zones: AskedZones, log: QueryLog, text: @Sendable () -> String) {
        var settings = ZoneSet.NodeSettings()
        var book = LogBook()
        settings.access = [AccessTable.Rule(action: .block, types: [13], networks: [])]
        settings.log = book.number(of: LogRule(directive: try directive(line), local: "127.0.0.1"))
        let zones = try AskedZones(
            [service("default/nginx", "10.0.0.1 a/north/x")],
            zones: [.init(name: "testzone.", settings: settings)])
        let written = Written()
        let log = QueryLog { text, _ in
            written.text.withLock { $0 += text }
            return 0
        }
        log.know(book.rules)
        zones.onWorker { log.follow($0.ring) }
        return (zones, log, { written.text.withLock { $0 } })
    }

    private final class Written: Sendable {
        let text = Mutex("")
    }

    @Test("A query is a line in CoreDNS's form")
    func common() throws {
        let (zones, log, text) = try logged("log")
        _ = try zones.ask("Nginx.default.svc.testzone. IN A", opt: .init(payloadSize: 1400))
        zones.asker = PeerAddress(high: 0x2001_0DB8 << 32, low: 7, port: 99)
        _ = try zones.ask("x.testzone. IN TYPE65", over: .tcp)
        _ = try zones.ask("elsewhere. IN A")
        log.flush()
        #expect(
            text() == """
                [INFO] 192.0.2.1:5300 - 7 "A IN Nginx.default.svc.testzone. udp 55 false 1400" \
                NOERROR qr,aa,rd 71 0.001000005s
                [INFO] [2001:db8::7]:99 - 7 "HTTPS IN x.testzone. tcp 28 false 512" NXDOMAIN \
                qr,aa,rd 82 0.001000005s

                """)
    }

    @Test(
        "Classes choose by what the reply says",
        arguments: [
            ("success", "nginx"), ("denial", "nginx x"), ("error", "blocked"),
            ("all", "nginx nginx x blocked"),
        ])
    func classes(_ name: String, _ names: String) throws {
        let (zones, log, text) = try logged("log . \"{name}\" {\nclass \(name)\n}")
        for question in [
            "nginx.default.svc.testzone. IN A", "nginx.default.svc.testzone. IN TXT",
            "x.testzone. IN A",
        ] {
            _ = try zones.ask(question)
        }
        _ = try zones.ask("blocked.testzone. IN HINFO")
        log.flush()
        let logged = text().split(separator: "\n").compactMap {
            $0.dropFirst("[INFO] ".count).split(separator: ".").first
        }
        #expect(logged.joined(separator: " ") == names)
    }

    @Test("A reader that is asleep is woken by the next query")
    func wakes() throws {
        let (zones, log, text) = try logged("log . \"{name} {local} {opcode}{>opcode} {/x}\"")
        for number in 1...3 {
            _ = try zones.ask("x\(number).testzone. IN A")
            #expect(
                eventually {
                    text().hasSuffix("[INFO] x\(number).testzone. 127.0.0.1 {opcode}0 {/x}\n")
                })
        }
        log.flush()
        #expect(text().split(separator: "\n").count == 3)
    }

    @Test("The ring holds the last queries, and counts those a slow reader missed as lost")
    func ring() throws {
        var settings = ZoneSet.NodeSettings()
        settings.log = 0
        let zones = try AskedZones([], zones: [.init(name: "testzone.", settings: settings)])
        _ = try zones.ask("unseen.testzone. IN A")
        let ring = zones.ring
        let woken = Woken()
        zones.onWorker { $0.ring.open { woken.count.withLock { $0 += 1 } } }
        _ = try zones.ask("Seen.testzone. IN AAAA")
        var (records, lost, next) = ring.read(from: 0)
        #expect(records.count == 1 && next == 1 && lost == 0)
        #expect(records[0].type == 28 && records[0].code == 3 && records[0].nameLength == 15)
        for _ in 0..<QueryRing.capacity + 10 { _ = try zones.ask("more.testzone. IN A") }
        (records, lost, next) = ring.read(from: next)
        #expect(records.count <= QueryRing.capacity && !records.isEmpty)
        #expect(next == UInt64(QueryRing.capacity) + 11)
        #expect(UInt64(records.count) + lost == UInt64(QueryRing.capacity) + 10)
        #expect(woken.count.withLock { $0 } == 1)
        #expect(ring.sleep(after: next) && !ring.sleep(after: next - 1))
    }

    private final class Woken: Sendable {
        let count = Mutex(0)
    }

    @Test("Numbers of log rules stay, and have a bound")
    func book() throws {
        var book = LogBook()
        let rule = LogRule(directive: try directive("log"), local: "a")
        #expect(book.number(of: rule) == 0 && book.number(of: rule) == 0)
        for number in 1..<LogBook.maximumCount {
            let other = LogRule(directive: rule.directive, local: "\(number)")
            #expect(book.number(of: other) == UInt16(number))
        }
        #expect(book.number(of: LogRule(directive: rule.directive, local: "b")) == LogBook.none)
    }
}
