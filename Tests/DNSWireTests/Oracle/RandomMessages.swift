// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport

/// Messages that use every part of the codec, the same ones for the same seed.
struct RandomMessages {
    var random: SeededRandom
    private var names: [DomainName] = []
    private let spelling: Spelling

    /// Which labels the names have.
    enum Spelling {
        case anyOctets
        /// No escapes: what ldns reads from text. Of other names it reads few, and no text beyond 255 characters.
        case plain
    }

    init(seed: UInt64, spelling: Spelling = .anyOctets) {
        random = SeededRandom(seed: seed)
        self.spelling = spelling
    }

    mutating func next() -> Message {
        names = (0..<Int.random(in: 1...5, using: &random)).map { _ in freshName() }
        let opt = Bool.random(using: &random) ? opt() : nil
        let code = UInt16.random(in: 0...(opt == nil ? 0xF : 0xFFF), using: &random)
        var header = Header(
            id: .random(in: 0...UInt16.max, using: &random),
            opcode: Opcode(rawValue: UInt8.random(in: 0...15, using: &random)) ?? .query,
            responseCode: ResponseCode(rawValue: code) ?? .noError)
        header.isResponse = Bool.random(using: &random)
        header.isAuthoritative = Bool.random(using: &random)
        header.isTruncated = Bool.random(using: &random)
        header.recursionDesired = Bool.random(using: &random)
        header.recursionAvailable = Bool.random(using: &random)
        header.authenticData = Bool.random(using: &random)
        header.checkingDisabled = Bool.random(using: &random)
        return Message(
            header: header,
            questions: (0..<pick([0, 1, 1, 1, 1, 2])).map { _ in question() },
            answer: section(), authority: section(), additional: section(), opt: opt)
    }

    mutating func octets(_ counts: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: counts, using: &random)).map { _ in
            .random(in: 0...255, using: &random)
        }
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func number<Number: FixedWidthInteger>() -> Number {
        pick([0, 1, .max, .max / 2 + 1, .random(in: 0 ... .max, using: &random)])
    }
}

// MARK: - Names

extension RandomMessages {
    /// A name of plain labels, now and then of any octets, often below a name of the message.
    private mutating func freshName() -> DomainName {
        let labels = (0..<pick([0, 1, 2, 2, 3, 9])).compactMap { _ in label() }
        let base = names.isEmpty ? DomainName.root : name()
        return DomainName(labels: labels)?.appending(base) ?? base
    }

    private mutating func label() -> Label? {
        if spelling == .plain { return plainLabel() }
        return switch Int.random(in: 0..<8, using: &random) {
        case 0: Label(octets(1...8))
        case 1: Label(octets(60...63))
        case 2: Label(pick([".", "\\", "\"", "@", "$", "(", ";", " ", "*", "\0"]).utf8)
        default: plainLabel()
        }
    }

    private mutating func plainLabel() -> Label? {
        Label(pick(["a", "A", "www", "Example", "_tcp", "svc", "clusterset"]).utf8)
    }

    private mutating func name() -> DomainName {
        pick(names)
    }
}

// MARK: - Sections

extension RandomMessages {
    private mutating func recordClass() -> RecordClass {
        pick([.internet, .internet, .internet, .chaos, .none, .any, RecordClass(rawValue: 77)])
    }

    private mutating func question() -> Question {
        Question(
            name: name(), type: pick([.a, .aaaa, .srv, .any, .axfr, RecordType(rawValue: 65280)]),
            class: recordClass())
    }

    private mutating func section() -> [ResourceRecord] {
        (0..<pick([0, 0, 1, 2, 4])).map { _ in
            ResourceRecord(owner: name(), class: recordClass(), ttl: number(), data: data())
        }
    }

    private mutating func data() -> RecordData {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: .a(A(address: number()))
        case 1: .aaaa(AAAA(high: number(), low: number()))
        case 2: .cname(name())
        case 3: .ns(name())
        case 4: .ptr(name())
        case 5:
            .soa(
                SOA(
                    primary: name(), mailbox: name(), serial: number(), refreshSeconds: number(),
                    retrySeconds: number(), expireSeconds: number(), minimumSeconds: number()))
        case 6: .srv(SRV(priority: number(), weight: number(), port: number(), target: name()))
        case 7: .hinfo(HINFO(cpu: string(), operatingSystem: string()))
        case 8:
            TXT(strings: (0..<pick([1, 1, 2, 5])).map { _ in string() }).map { .txt($0) }
                ?? .a(A(address: 0))
        default:
            (try? RecordData(
                type: RecordType(rawValue: pick([65280, 65281, 65534])),
                parsing: octets(0...20).span)) ?? .a(A(address: 0))
        }
    }

    private mutating func string() -> CharacterString {
        CharacterString(octets(pick([0...0, 1...9, 255...255])))
            ?? HINFO(cpu: string(), operatingSystem: string()).cpu
    }

    private mutating func opt() -> OPT {
        let options = (0..<pick([0, 0, 1, 3])).map { _ in
            switch Int.random(in: 0..<3, using: &random) {
            case 0: NSID(identifier: octets(0...9)).option
            case 1: ExtendedError(.staleAnswer, extraText: pick(["", "two hours"])).option
            default: EDNSOption(code: OptionCode(rawValue: number()), data: octets(0...20))
            }
        }
        // ldns takes an OPT record of nothing but zeros for none.
        return OPT(
            payloadSize: .random(in: 512...UInt16.max, using: &random),
            version: pick([0, 0, 0, 1, 255]), dnssecOK: Bool.random(using: &random),
            options: options)
    }
}
