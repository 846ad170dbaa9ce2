// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport

/// What two codecs must agree on about one message, in a form that neither of them owns.
struct MessageView: Equatable {
    var id: UInt16 = 0
    var opcode: UInt8 = 0
    /// All twelve bits.
    var responseCode: UInt16 = 0
    var flags: Set<String> = []
    var opt: OPTView?
    var questions: [String] = []
    var answer: [RecordView] = []
    var authority: [RecordView] = []
    var additional: [RecordView] = []

    struct OPTView: Equatable {
        var payloadSize: UInt16
        var version: UInt8
        var dnssecOK: Bool
        /// The option list in hex.
        var options: String
    }

    struct RecordView: Equatable {
        var owner: String
        var ttl: String
        var `class`: String
        var type: String
        var data: String
    }
}

extension MessageView {
    /// What we hold about a message, with names as ldns prints them.
    init(_ message: Message) {
        let header = message.header
        id = header.id
        opcode = header.opcode.rawValue
        responseCode = header.responseCode.rawValue
        // ldns has no word for the Z bit.
        let flags = [
            "qr": header.isResponse, "aa": header.isAuthoritative, "tc": header.isTruncated,
            "rd": header.recursionDesired, "ra": header.recursionAvailable,
            "ad": header.authenticData, "cd": header.checkingDisabled,
        ]
        self.flags = Set(flags.filter(\.value).keys)
        opt = message.opt.map { opt in
            OPTView(
                payloadSize: opt.payloadSize, version: opt.version, dnssecOK: opt.dnssecOK,
                options: opt.options.map { option in
                    let words = [option.code.rawValue, UInt16(option.data.count)]
                    return hex(words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
                        + hex(option.data)
                }.joined())
        }
        questions = message.questions.map {
            "\(Self.ldnsName($0.name.description))\t\($0.class)\t\($0.type)"
        }
        answer = message.answer.map(RecordView.init)
        authority = message.authority.map(RecordView.init)
        additional = message.additional.map(RecordView.init)
    }

    /// A name in our text as ldns writes it: without a backslash before quote, at and dollar.
    ///
    /// RFC 1035 §5.1 gives each of them a meaning in some place of a zone file, so we escape them.
    static func ldnsName(_ text: String) -> String {
        var result = ""
        var isEscape = false
        for character in text {
            if isEscape {
                result += "\"@$".contains(character) ? "\(character)" : "\\\(character)"
                isEscape = false
            } else if character == "\\" {
                isEscape = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}

extension MessageView.RecordView {
    init(_ record: ResourceRecord) {
        owner = MessageView.ldnsName(record.owner.description)
        ttl = String(record.ttl)
        self.class = record.class.description
        type = record.type.description
        data =
            switch record.data {
            case .aaaa(let address): Self.ldnsAddress(address)
            case .hinfo, .txt, .a, .unknown: record.data.description
            case .cname, .ns, .ptr, .soa, .srv: MessageView.ldnsName(record.data.description)
            }
    }

    /// An address as ldns writes it: ::192.0.2.1 for what has only its last two groups.
    ///
    /// RFC 4291 §2.5.5.1 deprecates that form, so we write it for ::ffff:192.0.2.1 alone.
    static func ldnsAddress(_ address: AAAA) -> String {
        guard address.high == 0, 0x1_0000...0xFFFF_FFFF ~= address.low else {
            return address.description
        }
        return "::\(A(address: UInt32(address.low)))"
    }
}
