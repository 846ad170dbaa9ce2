// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Reads what follows the question: nothing, or records among which one OPT may be (RFC 6891
/// §6.1.1).
///
/// False: not well-formed.
///
/// Authority records come with IXFR only (RFC 1995 §3). What else is in the additional section is
/// stepped over.
@inline(__always)
func readEDNS(_ message: borrowing MutableRawSpan, length: Int, _ query: inout Query) -> Bool {
    query.edns.isPresent = false
    let counts = message.integer32(8)
    if counts == 0 { return length == query.questionEnd }
    return readRecords(message, length: length, &query, counts: counts)
}

private func readRecords(
    _ message: borrowing MutableRawSpan, length: Int, _ query: inout Query, counts: UInt32
) -> Bool {
    let authorityCount = Int(counts >> 16)
    let count = authorityCount &+ Int(counts & 0xFFFF)
    guard authorityCount == 0 || query.type == QuestionType.ixfr else { return false }
    var offset = query.questionEnd
    for index in 0..<count {
        let owner = offset
        guard let nameEnd = skipName(message, from: offset, length: length) else { return false }
        guard nameEnd &+ 10 <= length else { return false }
        let dataLength = Int(message.integer16(nameEnd &+ 8))
        offset = nameEnd &+ 10 &+ dataLength
        guard offset <= length else { return false }
        guard message.integer16(nameEnd) == QuestionType.opt else { continue }
        guard index >= authorityCount, nameEnd == owner &+ 1, !query.edns.isPresent,
            readOPT(message, at: nameEnd, dataLength, &query.edns)
        else { return false }
    }
    return offset == length
}

/// The fields of an OPT record whose type is at `offset`; false when its options do not fill its
/// data exactly.
private func readOPT(
    _ message: borrowing MutableRawSpan, at offset: Int, _ dataLength: Int,
    _ edns: inout EDNSQuery
) -> Bool {
    edns.isPresent = true
    edns.payloadSize = message.integer16(offset &+ 2)
    edns.version = message.octet(offset &+ 5)
    edns.wantsDNSSEC = message.octet(offset &+ 6) & 0x80 != 0
    edns.optionsOffset = UInt16(truncatingIfNeeded: offset &+ 10)
    edns.optionsLength = UInt16(truncatingIfNeeded: dataLength)
    edns.wishes = []
    var option = offset &+ 10
    let end = option &+ dataLength
    while option < end {
        guard option &+ 4 <= end else { return false }
        switch message.integer16(option) {
        case ReplyOption.keepalive: edns.wishes.insert(.keepalive)
        case ReplyOption.nsid: edns.wishes.insert(.nsid)
        default: break
        }
        option &+= 4 &+ Int(message.integer16(option &+ 2))
    }
    return option == end
}

/// The offset after a name that may end in a compression pointer; what the pointer means does not
/// matter here.
private func skipName(
    _ message: borrowing MutableRawSpan, from start: Int, length: Int
) -> Int? {
    var offset = start
    while offset < length {
        let octet = message.octet(offset)
        if octet == 0 { return offset &+ 1 }
        if octet & 0xC0 == 0xC0 { return offset &+ 2 <= length ? offset &+ 2 : nil }
        guard octet < 64 else { return nil }
        offset &+= Int(octet) &+ 1
        guard offset &- start <= 254 else { return nil }
    }
    return nil
}

/// TYPEs that the stages tell apart (RFC 1035 §3.2.2, RFC 3596, RFC 2782, RFC 6891).
enum QuestionType {
    static let a: UInt16 = 1
    static let ns: UInt16 = 2
    static let soa: UInt16 = 6
    static let ptr: UInt16 = 12
    static let hinfo: UInt16 = 13
    static let txt: UInt16 = 16
    static let aaaa: UInt16 = 28
    static let srv: UInt16 = 33
    static let opt: UInt16 = 41
    static let ixfr: UInt16 = 251
    static let axfr: UInt16 = 252
    static let any: UInt16 = 255
}
