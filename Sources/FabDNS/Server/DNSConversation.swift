// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Transport

/// DNS over a stream: messages behind their length in two octets (RFC 1035 §4.2.2), pipelined (RFC
/// 7766 §6.2.1.1).
///
/// Keeps nothing between calls, so that all connections of a listener share one.
@safe
final class DNSConversation: Conversation {
    var zones: ZoneSet
    private let responder: Responder
    private let family: AskerFamily
    private var query = Query()

    /// So many queries of one connection are answered before others have their turn.
    private static let queriesPerTurn = 512
    /// What the largest message needs in the output, its length and the stores past its end
    /// included.
    private static let messageRoom = 2 + ReplyWriter.maximumMessage + ReplyWriter.slack
    /// The idle timeout that keepalive announces, in units of 100 milliseconds (RFC 7828 §3.1).
    static let idleTenths: UInt16 = 100

    init(responder: Responder, zones: ZoneSet, family: AskerFamily = .v4) {
        self.family = family
        self.responder = responder
        self.zones = zones
    }

    func converse(_ input: RawSpan, _ output: inout MutableRawSpan) -> Exchange {
        // Premise: nothing replaces the zones while this runs, so they need not be retained.
        unsafe Unmanaged.passUnretained(zones)._withUnsafeGuaranteedRef { zones in
            converse(input, &output, zones, responder)
        }
    }

    private func converse(
        _ input: RawSpan, _ output: inout MutableRawSpan, _ zones: ZoneSet,
        _ responder: Responder
    ) -> Exchange {
        var exchange = Exchange(next: .turn)
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
            answer(
                input.extracting(start..<start + length), &output, &exchange, zones, responder)
            exchange.consumed = start + length
            if exchange.next == .end { return exchange }
        }
        return exchange
    }

    private func answer(
        _ message: RawSpan, _ output: inout MutableRawSpan, _ exchange: inout Exchange,
        _ zones: ZoneSet, _ responder: Responder
    ) {
        // A message without a header is no DNS: what else the peer says would not be either.
        guard message.byteCount >= 12 else {
            exchange.next = .end
            return
        }
        let start = exchange.produced + 2
        let began = zones.isMetered ? clinux_nanoseconds() : 0
        let length = unsafe output.withUnsafeMutableBytes { octets -> Int? in
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: octets[start..<start + Self.messageRoom - 2])
            unsafe message.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
            var reply = unsafe room.mutableBytes
            unsafe responder.prepare(reply, length: message.byteCount, &query, zones, .tcp)
            unsafe responder.lookUp(reply, &query, zones)
            guard
                case .answered(let length) = unsafe responder.answer(
                    &reply, &query, zones, .tcp)
            else { return nil }
            if zones.isMetered {
                unsafe responder.count(
                    query, zones, reply: reply, requestLength: message.byteCount,
                    replyLength: length, .tcp, family,
                    nanoseconds: clinux_nanoseconds() &- began)
            }
            return length
        }
        guard let length else { return }
        output.put(UInt16(length), at: exchange.produced)
        exchange.produced += 2 + length
    }
}
