// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

/// Our codec against ldns, which shares no line with it.
@Suite struct OracleTests {
    static let messageCount = TestRun.isThorough ? 150_000 : 2_000

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

    @Test func `types and classes have the mnemonics of ldns`() {
        for value in UInt16.min...UInt16.max {
            let type = RecordType(rawValue: value).description
            let recordClass = RecordClass(rawValue: value).description
            // ldns knows mnemonics of types that nobody uses any more.
            guard
                type == LDNS.typeText(value) || type == "TYPE\(value)",
                recordClass == LDNS.classText(value)
            else {
                Issue.record(
                    "\(value): \(type) \(LDNS.typeText(value)) \(recordClass) \(LDNS.classText(value))"
                )
                continue
            }
        }
    }
}
