// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import HTTP

/// What a reader of HTTP/1.1 takes and refuses (RFC 9112); lines end in `\r\n` as in the messages.
@Suite("HTTP messages")
struct HTTPParserTests {
    /// `METHOD PATH?QUERY CONTENT`, a status, or `more`.
    static func summary(_ text: String) -> String {
        do throws(HTTPError) {
            let octets = Array(text.utf8)
            guard let (parsed, count) = try HeadParser.parse(octets[...]) else { return "more" }
            var parser = try ContentParser(parsed.framing, limit: 1000)
            let used = try parser.consume(octets[count...])
            guard parser.isComplete else { return "more" }
            let rest = octets.count - count - used
            let query = parsed.head.query.map { "?\($0)" } ?? ""
            let content = String(decoding: parser.content, as: UTF8.self)
            let tail = (parsed.keepsAlive ? "" : " close") + (rest > 0 ? " +\(rest)" : "")
            return "\(parsed.head.method) \(parsed.head.path)\(query) \(content)\(tail)"
        } catch {
            return "\(error.status)"
        }
    }

    private static let host = "Host: a\r\n"
    private static let chunked = "Transfer-Encoding: chunked\r\n"

    @Test(
        "The request line has a method, a target and a version",
        arguments: [
            ("GET / HTTP/1.1", "GET / "),
            ("GET / HTTP/1.0", "GET /  close"),
            ("GET / HTTP/2.0", "505"),
            ("GET / HTTP/1.2", "505"),
            ("GET / HTTP/11", "400"),
            ("GET / http/1.1", "400"),
            ("GET /", "400"),
            ("GET  / HTTP/1.1", "400"),
            ("GET / HTTP/1.1 ", "400"),
            (" GET / HTTP/1.1", "400"),
            ("G@T / HTTP/1.1", "400"),
            ("get / HTTP/1.1", "get / "),
            ("GET /a b HTTP/1.1", "400"),
            ("GET /a\u{7f} HTTP/1.1", "400"),
            ("GET /é HTTP/1.1", "400"),
            ("GET /a%20b HTTP/1.1", "GET /a b "),
            ("GET /a%C3%A9 HTTP/1.1", "GET /aé "),
            ("GET /a%C3 HTTP/1.1", "400"),
            ("GET /a%00 HTTP/1.1", "400"),
            ("GET /a%zz HTTP/1.1", "400"),
            ("GET /a%2 HTTP/1.1", "400"),
            ("GET /a?b=%zz HTTP/1.1", "GET /a?b=%zz "),
            ("GET /a#b HTTP/1.1", "400"),
            ("GET a HTTP/1.1", "400"),
            ("GET http://x/a HTTP/1.1", "GET /a "),
            ("GET HTTPS://x:1/a?b HTTP/1.1", "GET /a?b "),
            ("GET http:///a HTTP/1.1", "400"),
            ("GET http://x HTTP/1.1", "400"),
            ("GET http://u@x/ HTTP/1.1", "400"),
            ("GET ftp://x/a HTTP/1.1", "400"),
            ("OPTIONS * HTTP/1.1", "OPTIONS * "),
            ("GET * HTTP/1.1", "400"),
            ("CONNECT a:1 HTTP/1.1", "501"),
        ])
    func requestLine(_ line: String, _ expected: String) {
        #expect(Self.summary("\(line)\r\n\(Self.host)\r\n") == expected)
    }

    @Test(
        "Fields have names without blanks and values without control octets",
        arguments: [
            ("X: a", "GET / "),
            ("X:a", "GET / "),
            ("X:", "GET / "),
            ("X: \t a \t", "GET / "),
            ("X: é", "GET / "),
            ("X : a", "400"),
            (": a", "400"),
            ("X", "400"),
            ("X: a\r\n b", "400"),
            ("X: a\u{0}b", "400"),
            ("X: a\rb", "400"),
            ("X: a\nY: b", "400"),
            ("Host: b", "400"),
            ("Connection: close", "GET /  close"),
            ("Connection: x, Close", "GET /  close"),
            ("Connection: closed", "GET / "),
            ("Expect: 100-continue", "GET / "),
            ("Expect: 200-ok", "417"),
        ])
    func fields(_ line: String, _ expected: String) {
        #expect(Self.summary("GET / HTTP/1.1\r\n\(Self.host)\(line)\r\n\r\n") == expected)
    }

    @Test("HTTP/1.1 has exactly one Host, HTTP/1.0 may have none")
    func hosts() {
        #expect(Self.summary("GET / HTTP/1.1\r\n\r\n") == "400")
        #expect(Self.summary("GET / HTTP/1.0\r\n\r\n") == "GET /  close")
        #expect(Self.summary("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == "400")
    }

    @Test(
        "The content has one length, or chunks",
        arguments: [
            ("Content-Length: 5\r\n", "hello", "POST / hello"),
            ("Content-Length: 5\r\n", "hell", "more"),
            ("Content-Length: 5\r\n", "hello!", "POST / hello +1"),
            ("Content-Length: 0\r\n", "", "POST / "),
            ("Content-Length: 05\r\n", "hello", "POST / hello"),
            ("Content-Length: 1000\r\n", "", "more"),
            ("Content-Length: 1001\r\n", "", "413"),
            ("Content-Length: +5\r\n", "hello", "400"),
            ("Content-Length: -1\r\n", "", "400"),
            ("Content-Length: 5x\r\n", "hello", "400"),
            ("Content-Length: 5, 5\r\n", "hello", "400"),
            ("Content-Length:\r\n", "", "400"),
            ("Content-Length: 18446744073709551621\r\n", "hello", "400"),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", "hello", "400"),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", "400"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n", "400"),
            ("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n", "POST / "),
            ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n", "501"),
            ("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n", "501"),
            ("\(chunked)\(chunked)", "0\r\n\r\n", "400"),
            (chunked, "5\r\nhello\r\n0\r\n\r\n", "POST / hello"),
            (chunked, "5\r\nhello\r\n0\r\n\r\nG", "POST / hello +1"),
            (chunked, "1\r\na\r\n0A\r\n0123456789\r\n0\r\n\r\n", "POST / a0123456789"),
            (chunked, "5;a=b\r\nhello\r\n0\r\n\r\n", "POST / hello"),
            (chunked, "5;a;b=\"c d\"\r\nhello\r\n0\r\n\r\n", "POST / hello"),
            (chunked, "5 ;a\r\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "5;\r\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "5;a b\r\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "5;a=\"b\r\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "0\r\nX: a\r\n\r\n", "POST / "),
            (chunked, "0\r\nX a\r\n\r\n", "400"),
            (chunked, "0\r\nContent-Length: 0\r\n\r\n", "400"),
            (chunked, "0\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
            (chunked, "5\r\nhello", "more"),
            (chunked, "5\r\nhello\r", "more"),
            (chunked, "5\r\nhelloX", "400"),
            (chunked, "5\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "\r\n", "400"),
            (chunked, "-1\r\n", "400"),
            (chunked, "0x5\r\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "10000000000000005\r\n", "400"),
            (chunked, "5 x\r\nhello\r\n0\r\n\r\n", "400"),
            (chunked, "3e9\r\n", "413"),
            (chunked, "5;\(String(repeating: "a", count: 300))", "400"),
        ])
    func content(_ fields: String, _ content: String, _ expected: String) {
        let message = "POST / HTTP/1.1\r\n\(Self.host)\(fields)\r\n\(content)"
        #expect(Self.summary(message) == expected)
    }

    @Test("Chunks are of HTTP/1.1 only")
    func chunksOfOldVersion() {
        #expect(Self.summary("POST / HTTP/1.0\r\n\(Self.chunked)\r\n0\r\n\r\n") == "400")
    }

    @Test("Heads have a bound, and what is no HTTP is told at the first octet")
    func bounds() {
        let long = String(repeating: "a", count: 17_000)
        #expect(Self.summary("GET /\(long)") == "414")
        #expect(Self.summary("GET /\(long.prefix(8190)) HTTP/1.1\r\nHost: a\r\n\r\n").count > 8000)
        #expect(Self.summary("GET /\(long.prefix(8192)) HTTP/1.1\r\nHost: a\r\n\r\n") == "414")
        #expect(Self.summary("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)") == "431")
        #expect(Self.summary("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n") == "431")
        let many = String(repeating: "X: a\r\n", count: 101)
        #expect(Self.summary("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n") == "431")
        #expect(Self.summary("\u{16}\u{3}") == "400")
        #expect(Self.summary("\n") == "400")
        #expect(Self.summary("\r") == "more")
        #expect(Self.summary("\r\n\r\nGET / HTTP/1.0\r\n\r\n") == "GET /  close")
        #expect(Self.summary("\rG") == "400")
    }

    @Test("Every beginning of a message asks for more, and the whole is read in any two parts")
    func parts() throws {
        let message =
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;x\r\nhello\r\n1\r\n!\r\n0\r\nY: b\r\n\r\n"
        let octets = Array(message.utf8)
        for count in octets.indices {
            let front = String(decoding: octets[..<count], as: UTF8.self)
            #expect(Self.summary(front) == "more", "\(count)")
        }
        let (_, start) = try #require(try HeadParser.parse(octets[...]))
        for middle in start...octets.count {
            var parser = try ContentParser(.chunked, limit: 100)
            let used = try parser.consume(octets[start..<middle])
            _ = try parser.consume(octets[(start + used)...])
            #expect(parser.isComplete)
            #expect(parser.content == Array("hello!".utf8))
        }
    }

    @Test(
        "Dates are of RFC 9110 §5.6.7",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
        ])
    func dates(_ seconds: Int, _ expected: String) {
        #expect(HTTPDate.text(seconds) == expected)
    }
}
