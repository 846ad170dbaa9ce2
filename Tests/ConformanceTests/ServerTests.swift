// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import Testing

/// The built server, asked over real sockets.
@Suite("The server as a program")
struct ServerTests {
    @Test(
        "One stream gets an answer to each of its queries, though it ends while they are answered")
    func pipelined() throws {
        let server = try RunningServer()
        defer { server.stop() }
        let query = try Message(
            query: DomainName(presentation: "nginx.default.svc.global."), type: .a
        ).encode()
        let count = 2000
        let framed = [UInt8(query.count >> 8), UInt8(query.count & 0xFF)] + query
        let input = Array(repeating: framed, count: count).flatMap { $0 }
        let output = try server.converse(input)
        var answers = 0
        var rest = output[...]
        while rest.count >= 2 {
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            let message = try Message(parsing: Array(rest.dropFirst(2).prefix(length)).span)
            #expect(message.header.responseCode == .noError && message.answer.count == 1)
            answers += 1
            rest = rest.dropFirst(2 + length)
        }
        #expect(answers == count && rest.isEmpty)
    }
}
