// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An EDNS option of a reply; all that the server gives have two octets of data each, but NSID.
struct ReplyOption {
    var code: UInt16
    var value: UInt16

    /// RFC 5001.
    static let nsid: UInt16 = 3
    /// edns-tcp-keepalive (RFC 7828).
    static let keepalive: UInt16 = 11
    /// Extended DNS Error (RFC 8914).
    static let extendedError: UInt16 = 15

    static let octetCount = 6
}

/// INFO-CODEs of RFC 8914 §4 that the server gives.
enum ExtendedErrorCode {
    static let other: UInt16 = 0
    static let staleAnswer: UInt16 = 3
    static let notReady: UInt16 = 14
    static let blocked: UInt16 = 15
    static let filtered: UInt16 = 17
    static let staleNameError: UInt16 = 19
    static let notAuthoritative: UInt16 = 20
    static let notSupported: UInt16 = 21
}

/// A reply that grows in place behind the echoed question: counts and bits, then the header and OPT
/// at the end.
struct ReplyWriter {
    /// Octets written so far.
    var end: Int
    /// What the reply may hold, OPT included.
    let limit: Int
    var answerCount: UInt16 = 0
    var authorityCount: UInt16 = 0
    var additionalCount: UInt16 = 0
    var code: UInt8 = ReplyCode.noError
    var isAuthoritative = true
    var isTruncated = false
    private var extendedCode: UInt8 = 0
    private var options = InlineArray<2, ReplyOption>(repeating: ReplyOption(code: 0, value: 0))
    private var optionCount = 0
    /// Octets of NSID behind the other options; whoever reserves them writes them.
    private(set) var identityLength = 0
    /// Octets of OPT with all its options.
    private var reserved: Int
    private let edns: EDNSQuery

    @inline(__always)
    init(_ query: borrowing Query) {
        end = query.questionEnd
        limit = query.limit
        edns = query.edns
        reserved = query.edns.isPresent ? 11 : 0
    }

    /// Octets left for records.
    @inline(__always)
    var room: Int { limit &- end &- reserved }

    /// Leaves room for NSID behind the other options if it still fits.
    mutating func reserveIdentity(_ count: Int) {
        guard edns.isPresent, room >= count else { return }
        identityLength = count
        reserved &+= count
    }

    /// Adds an option if the query had EDNS and the option still fits.
    mutating func add(_ option: ReplyOption) {
        guard edns.isPresent, optionCount < 2, room >= ReplyOption.octetCount else { return }
        options[optionCount] = option
        optionCount &+= 1
        reserved &+= ReplyOption.octetCount
    }

    /// RFC 6891 §6.1.3: the extended RCODE is 16, its upper bits are in OPT.
    mutating func setBadVersion() {
        extendedCode = 1
        isAuthoritative = false
    }

    /// Says no, and not in the zone's name.
    mutating func refuse(_ code: UInt8 = ReplyCode.refused) {
        isAuthoritative = false
        self.code = code
    }

    /// No answer fits: only the question goes, with TC (RFC 2181 §9).
    @inline(__always)
    mutating func truncate(to questionEnd: Int) {
        end = questionEnd
        answerCount = 0
        authorityCount = 0
        additionalCount = 0
        isTruncated = true
    }

    /// Writes the header and OPT; the length of the reply, without what is reserved behind it.
    @inline(__always)
    mutating func finish(_ message: inout MutableRawSpan) -> Int {
        // RD and CD are echoed (RFC 1035 §4.1.1, RFC 4035 §3.2.2).
        let flags = message.octet(2) & 0x01 | 0x80
        message.put(
            flags | (isAuthoritative ? 0x04 : 0) | (isTruncated ? 0x02 : 0), at: 2)
        message.put(message.octet(3) & 0x10 | code, at: 3)
        message.put(answerCount, at: 6)
        message.put(authorityCount, at: 8)
        guard edns.isPresent else {
            message.put(additionalCount, at: 10)
            return end
        }
        message.put(additionalCount &+ 1, at: 10)
        message.put(UInt8(0), at: end)
        message.put(QuestionType.opt, at: end &+ 1)
        message.put(Self.payloadSize, at: end &+ 3)
        message.put(extendedCode, at: end &+ 5)
        message.put(UInt8(0), at: end &+ 6)
        message.put(UInt16(edns.wantsDNSSEC ? 0x8000 : 0), at: end &+ 7)
        message.put(UInt16(truncatingIfNeeded: reserved &- 11), at: end &+ 9)
        end &+= 11
        for index in 0..<optionCount {
            message.put(options[index].code, at: end)
            message.put(UInt16(2), at: end &+ 2)
            message.put(options[index].value, at: end &+ 4)
            end &+= ReplyOption.octetCount
        }
        return end
    }

    /// Largest UDP reply, and what OPT announces: it passes every path without fragments (DNS flag
    /// day 2020).
    static let payloadSize: UInt16 = 1232
    /// A message over TCP (RFC 1035 §4.2.2).
    static let maximumMessage = 65_535
    /// Octets that a buffer has beyond the limit.
    static let slack = 32
}

/// Turns a query into a reply of its header alone, for what is not readable beyond it.
func writeHeaderOnly(_ message: inout MutableRawSpan, code: UInt8) -> Int {
    message.put(message.octet(2) & 0x79 | 0x80, at: 2)
    message.put(code, at: 3)
    message.put(UInt64(0), at: 4)
    return 12
}
