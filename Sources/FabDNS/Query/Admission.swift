// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What the twelve octets of a header say about a message, before anything else of it is read.
enum Admission: Equatable {
    case answer
    /// Answered with this response code and no question.
    case refuse(UInt8)
    /// Not answered at all: too short, or itself a response, which is never answered.
    case drop
}

/// RCODEs that the stages give; RFC 1035 §4.1.1.
enum ReplyCode {
    static let noError: UInt8 = 0
    static let formatError: UInt8 = 1
    static let serverFailure: UInt8 = 2
    static let nameError: UInt8 = 3
    static let notImplemented: UInt8 = 4
    static let refused: UInt8 = 5
    /// RFC 6891 §9: its upper bits are in OPT.
    static let badVersion: UInt8 = 16
}

/// Judges a header.
///
/// An OPCODE other than QUERY is judged before the counts, which mean something else there (RFC
/// 2136, RFC 1996).
@inline(__always)
func admit(_ message: borrowing MutableRawSpan, length: Int) -> Admission {
    guard length >= 12 else { return .drop }
    let flags = message.octet(2)
    guard flags & 0x80 == 0 else { return .drop }
    guard flags & 0x78 == 0 else { return .refuse(ReplyCode.notImplemented) }
    // QDCOUNT 1, ANCOUNT 0; NSCOUNT is for IXFR only, which the question tells.
    guard message.integer32(4) == 0x0001_0000 else { return .refuse(ReplyCode.formatError) }
    return .answer
}
