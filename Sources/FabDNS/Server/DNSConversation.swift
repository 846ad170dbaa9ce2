// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Transport

/// What the connections of a listener share.
@safe
final class StreamService {
    var zones: ZoneSet
    /// A connection ends behind so many queries; nil for no end.
    var maximumQueries: Int?
    let responder: Responder
    let family: AskerFamily
    fileprivate var query = Query()

    init(responder: Responder, zones: ZoneSet, family: AskerFamily = .v4) {
        self.family = family
        self.responder = responder
        self.zones = zones
    }
}

/// DNS over a stream: messages behind their length in two octets (RFC 1035 §4.2.2), pipelined (RFC
/// 7766 §6.2.1.1).
@safe
final class DNSConversation: Conversation {
    private let service: StreamService
    private let asker: PeerAddress
    private var queryCount = 0

    /// So many queries of one connection are answered before others have their turn.
    private static let queriesPerTurn = 512
    /// What the largest message needs in the output, its length and the stores past its end
    /// included.
    private static let messageRoom = 2 + ReplyWriter.maximumMessage + ReplyWriter.slack

    init(_ service: StreamService, asker: PeerAddress = PeerAddress()) {
        self.service = service
        self.asker = asker
    }

    func converse(_ input: RawSpan, _ output: inout MutableRawSpan) -> Exchange {
        // Premise: nothing replaces the zones while this runs, so they need not be retained.
        unsafe Unmanaged.passUnretained(service.zones)._withUnsafeGuaranteedRef { zones in
            converse(input, &output, zones, service)
        }
    }

    private func converse(
        _ input: RawSpan, _ output: inout MutableRawSpan, _ zones: ZoneSet,
        _ service: StreamService
    ) -> Exchange {
        var exchange = Exchange(next: .turn)
        defer { if zones.isLogged { service.responder.ring.tellReader() } }
        for _ in 0..<Self.queriesPerTurn {
            let available = input.byteCount - exchange.consumed
            guard available >= 2 else {
                exchange.next = .input
                return exchange
            }
            let length = unsafe Int(
                UInt16(
                    bigEndian: input.unsafeLoadUnaligned(
                        fromByteOffset: exchange.consumed, as: UInt16.self)))
            guard available >= 2 + length else {
                exchange.next = .input
                return exchange
            }
            guard output.byteCount - exchange.produced >= Self.messageRoom else { return exchange }
            let start = exchange.consumed + 2
            answer(input.extracting(start..<start + length), &output, &exchange, zones, service)
            exchange.consumed = start + length
            countQuery(&exchange, service)
            if exchange.next != .turn { return exchange }
        }
        return exchange
    }

    /// The client is told that no more is answered by the end of the stream, behind what it has
    /// asked.
    private func countQuery(_ exchange: inout Exchange, _ service: StreamService) {
        guard let maximum = service.maximumQueries else { return }
        queryCount += 1
        if queryCount >= maximum, exchange.next == .turn { exchange.next = .lingeringEnd }
    }

    private func answer(
        _ message: RawSpan, _ output: inout MutableRawSpan, _ exchange: inout Exchange,
        _ zones: ZoneSet, _ service: StreamService
    ) {
        // A message without a header is no DNS: what else the peer says would not be either.
        guard message.byteCount >= 12 else {
            exchange.next = .end
            return
        }
        let start = exchange.produced + 2
        let began = zones.isObserved ? clinux_nanoseconds() : 0
        let responder = service.responder
        let length = unsafe output.withUnsafeMutableBytes { octets -> Int? in
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: octets[start..<start + Self.messageRoom - 2])
            unsafe message.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
            var reply = unsafe room.mutableBytes
            unsafe responder.prepare(
                reply, length: message.byteCount, &service.query, zones, .tcp)
            if zones.needsAskers {
                service.query.asker = asker
                responder.checkAccess(&service.query, zones)
            }
            unsafe responder.lookUp(reply, &service.query, zones)
            guard
                case .answered(let length) = unsafe responder.answer(
                    &reply, &service.query, zones, .tcp)
            else { return nil }
            if zones.isObserved {
                unsafe responder.observe(
                    service.query, zones, reply: reply,
                    ObservedExchange(
                        transport: .tcp, family: service.family,
                        requestLength: message.byteCount, replyLength: length,
                        nanoseconds: clinux_nanoseconds() &- began))
            }
            return length
        }
        guard let length else { return }
        output.put(UInt16(length), at: exchange.produced)
        exchange.produced += 2 + length
    }
}
