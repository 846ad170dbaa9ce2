// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Fuzzing

@testable internal import FabDNS

let zones = required("no worker") { try AskedZones() }

fuzz { octets in
    let udp = octets.count <= DatagramBatch.receiveOctets ? zones.check(octets, over: .udp) : nil
    let tcp = zones.check(octets, over: .tcp)
    if let udp, let tcp {
        require(udp.questions == tcp.questions, "the question over UDP and TCP")
        require(udp.header.responseCode == tcp.header.responseCode, "the code over UDP and TCP")
    }
    return .kept
}

extension AskedZones {
    /// Asks, and returns the reply if there is one and ought to be.
    func check(_ octets: [UInt8], over transport: QueryTransport) -> Message? {
        let reply = ask(octets, over: transport)
        guard octets.count >= Header.octetCount, octets[2] & 0x80 == 0 else {
            require(reply == nil, "a reply to what is no query")
            return nil
        }
        let octetsOfReply = required("no reply over \(transport)") { reply }
        let asked = try? Message(parsing: octets.span)
        let limit = largestReply(to: asked, over: transport)
        require(octetsOfReply.count <= limit, "\(octetsOfReply.count) octets, more than \(limit)")
        let parsed = required("the reply does not parse") {
            try Message(parsing: octetsOfReply.span)
        }
        checkReply(parsed, to: octets, asked, over: transport)
        return parsed
    }
}

/// What the asker can take; the largest where DNSWire cannot tell.
func largestReply(to asked: Message?, over transport: QueryTransport) -> Int {
    guard transport == .udp else { return Message.maximumOctets }
    guard let asked else { return 1232 }
    guard let opt = asked.opt else { return 512 }
    return Int(min(max(opt.payloadSize, 512), 1232))
}

func checkReply(
    _ reply: Message, to octets: [UInt8], _ asked: Message?, over transport: QueryTransport
) {
    let header = reply.header
    require(header.id == UInt16(octets[0]) << 8 | UInt16(octets[1]), "another id")
    require(header.isResponse && !header.recursionAvailable && !header.reservedBit, "\(header)")
    require(header.opcode.rawValue == octets[2] >> 3 & 0xF, "another opcode: \(header)")
    require(header.recursionDesired == (octets[2] & 1 == 1), "another RD: \(header)")
    require(transport == .udp || !header.isTruncated, "TC over TCP")
    require(reply.questions.count <= 1, "more than one question")
    require(reply.answer.isEmpty || header.responseCode == .noError, "an answer with \(header)")
    guard let asked else { return }
    if !reply.questions.isEmpty {
        require(reply.questions == asked.questions, "another question")
        require((reply.opt != nil) == (asked.opt != nil), "OPT in one of query and reply")
    }
    if asked.header.opcode == .query, asked.questions.count == 1, asked.answer.isEmpty,
        asked.authority.isEmpty, !hasPointer(octets)
    {
        require(header.responseCode != .formatError, "FORMERR for what is well formed: \(asked)")
    }
}

/// Whether the question's name leads elsewhere; the server refuses pointers in it.
func hasPointer(_ octets: [UInt8]) -> Bool {
    var offset = Header.octetCount
    while offset < octets.count, octets[offset] != 0 {
        guard octets[offset] < 0x40 else { return true }
        offset += 1 + Int(octets[offset])
    }
    return false
}
