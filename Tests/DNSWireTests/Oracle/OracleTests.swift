// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

/// Our codec against ldns, which shares no line with it.
@Suite struct OracleTests {
    static let messageCount = TestRun.isThorough ? 150_000 : 2_000

    @Test func `what we write, ldns reads as the same message`() throws {
        var messages = RandomMessages(seed: TestRun.seed)
        for number in 0..<Self.messageCount {
            let message = messages.next()
            let wire = message.encode()
            let view = try LDNS.parse(wire)
            guard view == MessageView(message) else {
                Issue.record("message \(number): \(hex(wire))\n\(view)\n\(MessageView(message))")
                return
            }
        }
    }

    @Test func `what we write, we read as the same message in the same spelling`() throws {
        var messages = RandomMessages(seed: TestRun.seed)
        for number in 0..<Self.messageCount {
            let message = messages.next()
            let read = try Message(parsing: message.encode().span)
            guard read == message, read.description == message.description else {
                Issue.record("message \(number): \(hex(message.encode()))\n\(message)\n\(read)")
                return
            }
        }
    }

    @Test func `what ldns writes, we read as the same message`() throws {
        var messages = RandomMessages(seed: TestRun.seed, spelling: .plain)
        for number in 0..<Self.messageCount {
            let message = messages.next()
            let sections = [message.answer, message.authority, message.additional]
            let wire = try LDNS.encode(
                MessageView(message),
                questions: message.questions.map(\.description),
                sections: sections.map { $0.map(\.description) })
            let read = try Message(parsing: wire.span)
            guard read == message else {
                Issue.record("message \(number): \(hex(wire))\n\(message)\n\(read)")
                return
            }
        }
    }

    @Test func `a line that ldns prints, we read as the same record`() throws {
        var messages = RandomMessages(seed: TestRun.seed, spelling: .plain)
        for _ in 0..<Self.messageCount / 10 {
            let message = messages.next()
            for record in message.answer {
                let line = try LDNS.printed(record.description)
                let read = try? ResourceRecord(presentation: line)
                guard read == record else {
                    Issue.record("\(line)\n\(record)")
                    return
                }
            }
        }
    }

    @Test func `types and classes have the mnemonics of ldns`() {
        for value in UInt16.min...UInt16.max {
            let type = RecordType(rawValue: value).description
            let recordClass = RecordClass(rawValue: value).description
            // ldns also has mnemonics of types and classes that nobody uses any more.
            guard
                type == LDNS.typeText(value) || type == "TYPE\(value)",
                recordClass == LDNS.classText(value) || recordClass == "CLASS\(value)"
            else {
                Issue.record(
                    "\(value): \(type) \(LDNS.typeText(value)) \(recordClass) \(LDNS.classText(value))"
                )
                continue
            }
        }
    }
}
