// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import HTTP

/// llhttp, the parser of Node.js, reads what we read as we do.
///
/// We may refuse what it takes: it is the other way round that two readers on one connection see
/// two different requests.
@Suite("Beside llhttp")
struct LLHTTPTests {
    private static let script = Programs.repository.appending(path: "Tests/Oracles/llhttp.py")

    /// Python with PyPI's httptools, which `scripts/install test` puts into the build folder.
    private static let python: URL? = {
        guard let python = Programs.installed("python3"),
            let ended = try? Programs.run(
                URL(filePath: "/usr/bin/env"),
                ["PYTHONPATH=.build/python", python.path(), script.path(), "version"]),
            ended.status == 0
        else { return nil }
        return python
    }()

    private static let seeds = [
        "GET /a/b?c=d HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;x=y\r\nhello\r\na\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
        "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "PUT http://h/a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Y: \t z \r\n\r\n",
    ]
    /// llhttp knows methods by name, we leave them to the application.
    private static let methods = ["GET", "POST", "PUT", "OPTIONS"]
    /// What tends to tell readers apart.
    private static let pieces = [
        "\r\n", "\n", "\r", " ", "\t", ":", "\0", "0", "-", "+", ",", ";", "5", "a", "\u{7f}",
        "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "0\r\n\r\n",
        "HTTP/1.1", "chunked", "\r\n ", "é",
    ].map { Array($0.utf8) }

    @Test(
        "What we take for a request llhttp takes for the same one",
        .enabled(
            if: python != nil,
            "skipped: Python's httptools, which brings llhttp, is not installed"))
    func same() throws {
        let python = try #require(Self.python)
        var random = SeededRandom(seed: TestRun.seed)
        var lines = ""
        var count = 0
        for _ in 0..<(TestRun.isThorough ? 1_000_000 : 20_000) {
            let message = Self.mutated(&random)
            guard let taken = Self.taken(message) else { continue }
            count += 1
            lines += "\(Self.hexadecimal(message)) \(Self.hexadecimal(taken))\n"
        }
        let folder = try Folder(["lines": lines])
        let ended = try Programs.run(
            URL(filePath: "/bin/sh"),
            [
                "-c", "PYTHONPATH=.build/python exec \"$0\" \"$1\" < \"$2\"", python.path(),
                Self.script.path(), folder.path("lines"),
            ])
        #expect(ended.status == 0 && ended.output.isEmpty, "\(ended.error)\(ended.output)")
        // Most mutations of one or two places leave a request that can be read.
        #expect(count > 3_000)
    }

    private static func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var message = Array((seeds.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let index = Int.random(in: 0..<message.count, using: &random)
            let piece = pieces.randomElement(using: &random) ?? []
            switch Int.random(in: 0..<4, using: &random) {
            case 0: message.insert(contentsOf: piece, at: index)
            case 1:
                message.replaceSubrange(
                    index..<min(index + piece.count, message.count), with: piece)
            case 2: message.remove(at: index)
            default: message[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return message
    }

    /// The first request of the octets as our reader has it; nil when it is refused or not whole.
    private static func taken(_ message: [UInt8]) -> [UInt8]? {
        guard let (parsed, count) = try? HeadParser.parse(message[...]),
            var parser = try? ContentParser(parsed.framing, limit: 1 << 20),
            (try? parser.consume(message[count...])) != nil, parser.isComplete,
            methods.contains(parsed.head.method),
            // A blank that RFC 9110 §5.5 allows there, and llhttp does not.
            message.firstRange(of: Array("hunked\t".utf8)) == nil
        else { return nil }
        let requestLine = message.drop { $0 == 0x0D || $0 == 0x0A }.split(separator: 0x20)
        var parts = [Array(parsed.head.method.utf8), Array(requestLine[1])]
        for field in parsed.head.fields {
            // Our value is text; octets that are no UTF-8 cannot be compared.
            guard !field.value.unicodeScalars.contains("\u{FFFD}") else { return nil }
            parts += [Array(field.name.utf8), Array(field.value.utf8)]
        }
        parts.append(parser.content)
        return Array(parts.joined(separator: [0])) + [0]
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
