// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Transport

// Answers about the asker and about this server: `whoami`, `chaos` and NSID.

/// What `chaos` answers: TXT records in class CH by name, ready to be copied.
final class ChaosAnswers: Sendable {
    private struct Answer {
        /// Lower-case labels in wire form.
        let name: [UInt8]
        let records: [UInt8]
        let count: UInt16
    }

    private let answers: [Answer]

    /// Texts of at most 255 octets each.
    init(version: String, authors: [String], host: String) {
        func answer(_ labels: String, _ texts: [String]) -> Answer {
            let name = labels.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
            let records = texts.flatMap { text -> [UInt8] in
                let octets = Array(text.utf8.prefix(255))
                let length = UInt16(octets.count + 1)
                // Pointer to the question, TXT, CH, a TTL of 0, the length, one character string.
                return [
                    0xC0, 0x0C, 0, 16, 0, 3, 0, 0, 0, 0, UInt8(length >> 8), UInt8(length & 0xFF),
                ]
                    + [UInt8(octets.count)] + octets
            }
            return Answer(name: name + [0], records: records, count: UInt16(texts.count))
        }
        answers = [
            answer("version.bind", [version]), answer("version.server", [version]),
            answer("hostname.bind", [host]), answer("id.server", [host]),
            answer("authors.bind", authors),
        ]
    }

    /// The number of the answer to a name in lower case, if there is one.
    @unsafe
    func find(_ name: UnsafeRawPointer, length: Int) -> Int? {
        answers.firstIndex { answer in
            answer.count > 0 && answer.name.count == length
                && answer.name.indices.allSatisfy { index in
                    unsafe name.load(fromByteOffset: index, as: UInt8.self) == answer.name[index]
                }
        }
    }

    /// Writes the records, if they fit.
    func write(_ number: Int, _ message: inout MutableRawSpan, _ writer: inout ReplyWriter) -> Bool
    {
        let answer = answers[number]
        guard answer.records.count <= writer.room else { return false }
        for octet in answer.records {
            message.put(octet, at: writer.end)
            writer.end &+= 1
        }
        writer.answerCount = answer.count
        return true
    }
}

extension ReplyWriter {
    /// `whoami`: the asker's address, and its port in a SRV record of `_udp.NAME` or `_tcp.NAME`,
    /// if that is a name still.
    mutating func putAsker(
        _ message: inout MutableRawSpan, _ query: borrowing Query, _ transport: QueryTransport
    ) {
        // At most 28 and 24 octets: they fit behind any question.
        if let v4 = query.asker.v4 {
            putHead(&message, QuestionType.a, length: 4)
            message.put(v4, at: end)
            end &+= 4
        } else {
            putHead(&message, QuestionType.aaaa, length: 16)
            message.put(query.asker.high, at: end)
            message.put(query.asker.low, at: end &+ 8)
            end &+= 16
        }
        additionalCount &+= 1
        guard query.nameLength &+ 5 <= DomainName.maximumOctets else { return }
        let label: UInt32 = transport == .udp ? 0x5F75_6470 : 0x5F74_6370
        message.put(UInt8(4), at: end)
        message.put(label, at: end &+ 1)
        end &+= 5
        putHead(&message, QuestionType.srv, length: 7)
        message.put(UInt32(0), at: end)
        message.put(query.asker.port, at: end &+ 4)
        message.put(UInt8(0), at: end &+ 6)
        end &+= 7
        additionalCount &+= 1
    }

    /// Pointer to the question, type, class IN, a TTL of 0.
    private mutating func putHead(_ message: inout MutableRawSpan, _ type: UInt16, length: UInt16) {
        message.put(UInt16(0xC00C), at: end)
        message.put(type, at: end &+ 2)
        message.put(UInt16(1), at: end &+ 4)
        message.put(UInt32(0), at: end &+ 6)
        message.put(length, at: end &+ 10)
        end &+= 12
    }
}

extension Responder {
    /// Class CH is for `chaos` (RFC 4892 §2); nothing else is here.
    @unsafe @inline(never)
    func judgeOtherClass(
        _ message: borrowing MutableRawSpan, _ query: inout Query, _ zones: ZoneSet
    ) -> Verdict {
        if let chaos = zones.chaos, message.integer16(query.questionEnd &- 2) == 3,
            query.type == QuestionType.txt,
            let number = unsafe chaos.find(scratch.name, length: query.nameLength)
        {
            query.hash = UInt64(number)
            return .chaos
        }
        return .code(ReplyCode.refused, reason: ExtendedErrorCode.notSupported)
    }

    @inline(never)
    func answerItself(
        _ message: inout MutableRawSpan, _ query: borrowing Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) -> Int {
        var writer = ReplyWriter(query)
        if case .chaos = query.verdict {
            if zones.chaos?.write(Int(query.hash), &message, &writer) != true {
                writer.truncate(to: query.questionEnd)
            }
        } else {
            writer.putAsker(&message, query, transport)
        }
        return writer.finish(&message)
    }

    /// Options that the query wants.
    @unsafe @inline(never)
    func grantWishes(
        _ writer: inout ReplyWriter, _ query: borrowing Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) {
        if query.edns.wishes.contains(.keepalive), transport == .tcp {
            writer.add(ReplyOption(code: ReplyOption.keepalive, value: zones.idleTenths))
        }
        if query.edns.wishes.contains(.nsid) {
            unsafe writer.reserveIdentity(Int(zones.entries[query.zone].identityCount))
        }
    }

    @unsafe @inline(never)
    func putIdentity(
        _ message: inout MutableRawSpan, at end: Int, _ query: borrowing Query, _ zones: ZoneSet
    ) -> Int {
        let entry = unsafe zones.entries[query.zone]
        for index in 0..<Int(entry.identityCount) {
            message.put(unsafe zones.extras[Int(entry.identityStart) + index], at: end + index)
        }
        return end + Int(entry.identityCount)
    }
}
