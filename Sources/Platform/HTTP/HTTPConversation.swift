// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc
internal import Transport

/// HTTP/1.1 on one connection (RFC 9112): takes one request at a time and answers in order.
final class HTTPConversation: Conversation {
    private enum Phase {
        /// Before the first octet of a head.
        case idle
        case head
        case content(ParsedHead, ContentParser, began: ContinuousClock.Instant)
        /// The application answers later.
        case waiting(ParsedHead, HTTPExchange)
        case streaming(HTTPExchange, isChunked: Bool)
        /// Nothing more is said; without trust in the rest of the input, what comes is read past.
        case over(lingers: Bool)
    }

    private enum Milliseconds {
        static let head: UInt64 = 15_000
        static let idle: UInt64 = 60_000
        /// For the content, before it has earned more by coming.
        static let content: UInt64 = 10_000
        static let wholeContent: UInt64 = 30_000
        /// A reply under way still goes out to a client that sends no more.
        static let afterHalfClose: UInt64 = 1_000
    }

    /// Content that comes at least so fast is waited for.
    private static let octetsPerMillisecond = 8

    private let application: any HTTPApplication
    private let handle: StreamHandle
    private var phase = Phase.idle
    /// What the output had no room for.
    private var outgoing: [UInt8] = []
    private var outgoingStart = 0

    init(_ application: any HTTPApplication, _ handle: StreamHandle) {
        self.application = application
        self.handle = handle
    }

    // MARK: Conversation

    func converse(_ input: RawSpan, _ output: inout MutableRawSpan) -> Exchange {
        var exchange = Exchange(next: .turn)
        var octets = unsafe input.withUnsafeBytes { unsafe Array($0) }[...]
        repeat {
            write(&output, &exchange)
            guard outgoing.isEmpty else { break }
        } while advance(&octets, &exchange)
        exchange.consumed = input.byteCount - octets.count
        return exchange
    }

    func peerEnded() -> Exchange {
        guard isHeld else { return Exchange(next: .end) }
        var exchange = Exchange(next: .wake)
        exchange.patience = .milliseconds(Milliseconds.afterHalfClose)
        return exchange
    }

    func expired(_ output: inout MutableRawSpan) -> Exchange {
        switch phase {
        case .head, .content: break
        case .idle, .waiting, .streaming, .over: return Exchange(next: .end)
        }
        var exchange = Exchange(next: .lingeringEnd)
        fail(HTTPReply(error: 408))
        write(&output, &exchange)
        return exchange
    }

    func closed() {
        switch phase {
        case .waiting(_, let exchange), .streaming(let exchange, _): application.aborted(exchange)
        case .idle, .head, .content, .over: break
        }
        phase = .over(lingers: false)
    }

    private var isHeld: Bool {
        switch phase {
        case .waiting, .streaming: true
        case .idle, .head, .content, .over: false
        }
    }

    // MARK: Requests

    /// Goes one step; false when the exchange says what is waited for.
    private func advance(_ octets: inout ArraySlice<UInt8>, _ exchange: inout Exchange) -> Bool {
        do throws(HTTPError) {
            switch phase {
            case .idle, .head: return try takeHead(&octets, &exchange)
            case .content(let parsed, let parser, let began):
                return try takeContent(&octets, parsed, parser, began, &exchange)
            case .waiting(let parsed, let later): return takeReply(parsed, later, &exchange)
            case .streaming(let later, let isChunked):
                return takeEvents(later, isChunked: isChunked, &exchange)
            case .over(let lingers):
                exchange.next = lingers ? .lingeringEnd : .end
                return false
            }
        } catch {
            fail(HTTPReply(error: error.status))
            return true
        }
    }

    private func takeHead(
        _ octets: inout ArraySlice<UInt8>, _ exchange: inout Exchange
    ) throws(HTTPError) -> Bool {
        guard let (parsed, count) = try HeadParser.parse(octets) else {
            exchange.next = .input
            if case .head = phase {
                exchange.patience = .unchanged
            } else {
                phase = octets.isEmpty ? .idle : .head
                exchange.patience = .milliseconds(
                    octets.isEmpty ? Milliseconds.idle : Milliseconds.head)
            }
            return false
        }
        octets = octets.dropFirst(count)
        switch application.admit(parsed.head) {
        case .accept(let maximum):
            let parser = try ContentParser(parsed.framing, limit: maximum)
            if parsed.expectsContinue, !parser.isComplete, octets.isEmpty {
                outgoing += "HTTP/1.1 100 Continue\r\n\r\n".utf8
            }
            phase = .content(parsed, parser, began: .now)
        case .refuse(let reply) where parsed.framing == .length(0): finish(parsed, reply)
        case .refuse(let reply): fail(reply, omitsContent: parsed.head.method == "HEAD")
        }
        return true
    }

    private func takeContent(
        _ octets: inout ArraySlice<UInt8>, _ parsed: ParsedHead,
        _ current: consuming ContentParser, _ began: ContinuousClock.Instant,
        _ exchange: inout Exchange
    ) throws(HTTPError) -> Bool {
        // Lets go of the parser in the phase, whose content would be copied otherwise.
        phase = .head
        var parser = current
        octets = octets.dropFirst(try parser.consume(octets))
        guard !parser.isComplete else {
            ask(parsed, parser.content)
            return true
        }
        let earned = UInt64(parser.content.count / Self.octetsPerMillisecond)
        let due = min(Milliseconds.content + earned, Milliseconds.wholeContent)
        let elapsed = UInt64((ContinuousClock.now - began) / .milliseconds(1))
        exchange.next = .input
        exchange.patience = .milliseconds(due > elapsed ? due - elapsed : 1)
        phase = .content(parsed, parser, began: began)
        return false
    }

    private func ask(_ parsed: ParsedHead, _ content: [UInt8]) {
        let later = HTTPExchange(handle)
        let request = HTTPRequest(head: parsed.head, content: content)
        if let reply = application.answer(request, later) {
            finish(parsed, reply)
        } else {
            phase = .waiting(parsed, later)
        }
    }

    // MARK: Replies from elsewhere

    private func takeReply(
        _ parsed: ParsedHead, _ later: HTTPExchange, _ exchange: inout Exchange
    ) -> Bool {
        let said = later.take()
        if let reply = said.reply {
            finish(parsed, reply)
            return true
        }
        guard let type = said.streamType else {
            wait(&exchange)
            return false
        }
        var head = "HTTP/1.1 200 OK\r\nDate: \(HTTPDate.text(time(nil)))\r\n"
        head += "Content-Type: \(type)\r\nCache-Control: no-store\r\nConnection: close\r\n"
        if parsed.isVersion11 { head += "Transfer-Encoding: chunked\r\n" }
        outgoing += "\(head)\r\n".utf8
        phase = .streaming(later, isChunked: parsed.isVersion11)
        put(said, isChunked: parsed.isVersion11)
        return true
    }

    private func takeEvents(
        _ later: HTTPExchange, isChunked: Bool, _ exchange: inout Exchange
    ) -> Bool {
        let said = later.take()
        guard !said.octets.isEmpty || said.hasEnded else {
            wait(&exchange)
            return false
        }
        put(said, isChunked: isChunked)
        return true
    }

    private func put(_ said: HTTPExchange.Said, isChunked: Bool) {
        if !said.octets.isEmpty {
            if isChunked { outgoing += "\(String(said.octets.count, radix: 16))\r\n".utf8 }
            outgoing += said.octets
            if isChunked { outgoing += "\r\n".utf8 }
        }
        guard said.hasEnded else { return }
        if isChunked { outgoing += "0\r\n\r\n".utf8 }
        phase = .over(lingers: false)
    }

    private func wait(_ exchange: inout Exchange) {
        exchange.next = .wake
        exchange.patience = .endless
    }

    // MARK: Output

    private func finish(_ parsed: ParsedHead, _ reply: HTTPReply) {
        put(reply, closes: !parsed.keepsAlive, omitsContent: parsed.head.method == "HEAD")
        phase = parsed.keepsAlive ? .idle : .over(lingers: false)
    }

    /// Refuses a request whose rest is not wanted, or cannot be told from the next one.
    private func fail(_ reply: HTTPReply, omitsContent: Bool = false) {
        put(reply, closes: true, omitsContent: omitsContent)
        phase = .over(lingers: true)
    }

    private func put(_ reply: HTTPReply, closes: Bool, omitsContent: Bool) {
        var head = "HTTP/1.1 \(reply.status) \(HTTPStatus.reason(reply.status))\r\n"
        head += "Date: \(HTTPDate.text(time(nil)))\r\nContent-Type: \(reply.contentType)\r\n"
        for field in reply.fields { head += "\(field.name): \(field.value)\r\n" }
        if closes { head += "Connection: close\r\n" }
        head += "Content-Length: \(reply.content.count)\r\n\r\n"
        outgoing += head.utf8
        if !omitsContent { outgoing += reply.content }
    }

    /// Moves what is outgoing to the output, as much as fits.
    private func write(_ output: inout MutableRawSpan, _ exchange: inout Exchange) {
        let room = output.byteCount - exchange.produced
        let count = min(outgoing.count - outgoingStart, room)
        guard count > 0 else { return }
        unsafe output.withUnsafeMutableBytes { octets in
            let target = unsafe UnsafeMutableRawBufferPointer(
                rebasing: octets[exchange.produced..<(exchange.produced + count)])
            unsafe target.copyBytes(from: outgoing[outgoingStart..<(outgoingStart + count)])
        }
        exchange.produced += count
        outgoingStart += count
        if outgoingStart == outgoing.count {
            outgoing = []
            outgoingStart = 0
        }
    }
}
