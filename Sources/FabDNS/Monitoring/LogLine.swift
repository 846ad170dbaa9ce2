// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import DNSWire
internal import ServiceCatalog
internal import Transport

/// One query as a line of the log.
struct LogLine {
    let record: QueryRecord
    let rule: LogRule

    init(_ record: QueryRecord, _ rule: LogRule) {
        self.record = record
        self.rule = rule
    }

    /// Nil for a reply whose class is not wanted.
    var text: String? {
        guard rule.directive.classes.contains(replyClass) else { return nil }
        return rule.directive.format.parts.reduce(into: "") { line, part in
            switch part {
            case .literal(let text): line += text
            case .field(let field): line += value(field)
            }
        }
    }

    private var replyClass: LogDirective.Class {
        switch (record.code, record.answerCount, record.authorityCount) {
        case (ReplyCode.nameError, _, _), (ReplyCode.noError, 0, 1...): .denial
        case (ReplyCode.noError, _, _): .success
        default: .error
        }
    }

    private func value(_ field: LogFormat.Field) -> String {
        switch field {
        case .type: RecordType(rawValue: record.type).description
        case .name: name
        case .class: "IN"
        case .transport: record.transport.label
        case .remoteAddress: address
        case .localAddress: rule.local
        case .requestOctets: "\(record.requestLength)"
        case .remotePort: "\(record.asker.port)"
        case .duration: duration
        case .code: ResponseCode(rawValue: UInt16(record.code))?.description ?? "\(record.code)"
        case .replyOctets: "\(record.replyLength)"
        case .replyFlags: flags
        case .payloadSize: "\(record.payloadSize)"
        case .dnssecOK: "\(record.wantsDNSSEC)"
        case .identifier: "\(record.identifier)"
        case .opcode: "0"
        }
    }

    private var name: String {
        let octets = (0..<Int(record.nameLength)).map { record.name[$0] }
        return (try? DomainName(parsing: octets.span))?.description ?? "?"
    }

    /// An IPv6 address is in brackets.
    private var address: String {
        record.asker.v4.map { "\(IPAddress.v4($0))" }
            ?? "[\(IPAddress.v6(record.asker.high, record.asker.low))]"
    }

    /// In seconds, to the nanosecond.
    private var duration: String {
        let digits = String(record.nanoseconds % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - digits.count)
        return "\(record.nanoseconds / 1_000_000_000).\(zeros)\(digits)s"
    }

    private static let flagNames: [(bit: UInt16, name: String)] = [
        (0x8000, "qr"), (0x0400, "aa"), (0x0200, "tc"), (0x0100, "rd"), (0x0080, "ra"),
        (0x0020, "ad"), (0x0010, "cd"),
    ]

    private var flags: String {
        let set = Self.flagNames.filter { record.flags & $0.bit != 0 }.map(\.name)
        return set.isEmpty ? "-" : set.joined(separator: ",")
    }
}
