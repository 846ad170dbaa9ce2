// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// HTTP on one connection of a fake server, used on one thread.
final class FakeConnection {
    private let stream: FakeStream
    /// What came and was not yet taken.
    private var octets: [UInt8] = []
    private var isInChunks = false

    private static let maximumHead = 1 << 16
    private static let maximumContent = 1 << 26

    init(_ stream: FakeStream) { self.stream = stream }

    /// Answers until the peer has gone or a step ends it.
    func serve(_ answer: (FakeAPIServer.Request) -> [FakeAPIServer.Step]) {
        guard stream.begin() else { return }
        while let request = readRequest() {
            for step in answer(request) {
                guard take(step) else { return }
            }
            guard !isInChunks, request.headers["connection"]?.lowercased() != "close" else {
                return
            }
        }
    }

    // MARK: Writing

    /// Does one step; false when nothing may follow.
    private func take(_ step: FakeAPIServer.Step) -> Bool {
        switch step {
        case .reply(let status, let contentType, let headers, let body):
            return stream.write(
                Self.head(
                    status, contentType, headers + ["Content-Length: \(body.count)"]) + body)
        case .begin(let status, let contentType):
            isInChunks = true
            return stream.write(Self.head(status, contentType, ["Transfer-Encoding: chunked"]))
        case .chunk(let octets): return writeChunk(octets)
        case .wait(let milliseconds): return wait(milliseconds: milliseconds)
        case .end:
            isInChunks = false
            return stream.write(Array("0\r\n\r\n".utf8))
        case .cut:
            stream.cut()
            return false
        case .freeze:
            while stream.wait(milliseconds: 60_000) {}
            return false
        case .stream(let body):
            body(FakeAPIServer.Writer(connection: self))
            return stream.wait(milliseconds: 0)
        }
    }

    func writeChunk(_ octets: [UInt8]) -> Bool {
        // An empty one would be the end.
        guard !octets.isEmpty else { return stream.wait(milliseconds: 0) }
        let length = String(octets.count, radix: 16)
        return stream.write(Array("\(length)\r\n".utf8) + octets + Array("\r\n".utf8))
    }

    func wait(milliseconds: Int) -> Bool {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let left = (end - .now) / .milliseconds(1)
            guard stream.wait(milliseconds: Int32(max(0, left.rounded(.up)))) else { return false }
            guard left > 0 else { return true }
        }
    }

    func wait(milliseconds: Int, for bell: Bell) -> Bool {
        stream.wait(milliseconds: Int32(clamping: max(0, milliseconds)), for: bell)
    }

    private static func head(_ status: Int, _ contentType: String, _ headers: [String]) -> [UInt8] {
        let lines =
            ["HTTP/1.1 \(status) \(status < 300 ? "OK" : "Fault")", "Content-Type: \(contentType)"]
            + headers + ["", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    // MARK: Reading

    /// The next request; nil when none comes that can be read.
    private func readRequest() -> FakeAPIServer.Request? {
        guard let head = readHead(), let request = FakeRequestHead(head) else { return nil }
        if request.headers["expect"]?.lowercased() == "100-continue" {
            guard stream.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return nil }
        }
        let length = request.headers["content-length"].map { Int($0) ?? -1 } ?? 0
        guard 0...Self.maximumContent ~= length else { return nil }
        while octets.count < length {
            guard readMore() else { return nil }
        }
        let content = Array(octets.prefix(length))
        octets.removeFirst(length)
        return FakeAPIServer.Request(
            method: request.method, path: request.path, query: request.query,
            headers: request.headers, content: content)
    }

    /// Everything before the empty line.
    private func readHead() -> String? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let range = octets.firstRange(of: end) {
                defer { octets.removeSubrange(..<range.upperBound) }
                return String(decoding: octets[..<range.lowerBound], as: UTF8.self)
            }
            guard octets.count < Self.maximumHead, readMore() else { return nil }
        }
    }

    private func readMore() -> Bool {
        let more = stream.read()
        octets += more
        return !more.isEmpty
    }
}
