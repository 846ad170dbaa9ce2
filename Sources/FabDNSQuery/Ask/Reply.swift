// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What is asked: texts as they will be shown, numbers as they will be sent.
struct Question: Sendable, Equatable {
    /// In presentation format, with the final dot.
    var name: String
    var type: UInt16
    var typeText: String
    var `class`: UInt16
    var classText: String
}

/// One resource record, its data in presentation format.
struct ReplyRecord: Sendable, Equatable {
    let name: String
    let ttlSeconds: UInt32
    let `class`: String
    let type: String
    let data: String
}

/// A message that came back.
struct Reply: Sendable, Equatable {
    /// What EDNS said (RFC 6891).
    struct EDNS: Sendable, Equatable {
        let version: UInt8
        let udpSize: UInt16
        let isDNSSECOK: Bool
        let options: [Option]
    }

    struct Option: Sendable, Equatable {
        let code: UInt16
        let octets: [UInt8]
    }

    /// An extended DNS error (RFC 8914).
    struct ExtendedError: Sendable, Equatable {
        let code: UInt16
        let text: String
    }

    var id: UInt16 = 0
    var opcode = ""
    /// With the octet that EDNS adds.
    var responseCode: UInt16 = 0
    var status = ""
    /// In the order of the header: qr aa tc rd ra ad cd.
    var flags: [String] = []
    var question: [Question] = []
    var answer: [ReplyRecord] = []
    var authority: [ReplyRecord] = []
    var additional: [ReplyRecord] = []
    var edns: EDNS?
    var octetCount = 0

    var isTruncated: Bool { flags.contains("tc") }

    /// The replica that answered (RFC 5001).
    var nameServerID: [UInt8]? { edns?.options.first { $0.code == 3 }?.octets }

    var extendedErrors: [ExtendedError] {
        (edns?.options ?? []).filter { $0.code == 15 && $0.octets.count >= 2 }.map { option in
            ExtendedError(
                code: UInt16(option.octets[0]) << 8 | UInt16(option.octets[1]),
                text: String(decoding: option.octets.dropFirst(2), as: UTF8.self).printable)
        }
    }

    /// The exit code that it stands for.
    var exitCode: ExitCode {
        switch responseCode {
        case 0: answer.isEmpty ? .nothing : .done
        case 3: .nothing
        default: .refused
        }
    }
}

extension String {
    /// Without what a terminal would act on.
    var printable: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            let isControl = scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value
            text += isControl ? "?" : String(scalar)
        }
    }
}
