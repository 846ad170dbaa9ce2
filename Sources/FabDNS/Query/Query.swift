// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Transport

/// Which way a query came.
enum QueryTransport: Sendable, CaseIterable {
    case udp
    case tcp

    /// As metrics and logs name it.
    var label: String { self == .udp ? "udp" : "tcp" }
}

/// What a query is to be answered with, as far as the stages know.
enum Verdict {
    /// Look the name up.
    case lookUp
    /// Say nothing.
    case drop
    /// A header with this code, without the question, which may be unreadable.
    case header(UInt8)
    /// Header and question with this code; `reason` is an extended error (RFC 8914).
    case code(UInt8, reason: UInt16?)
    /// EDNS of a version that is not 0 (RFC 6891 §6.1.3).
    case badVersion
    /// A name in a reverse zone.
    case reverse
    /// Who the asker is.
    case whoami
    /// The answer of `chaos` whose number is in `hash`.
    case chaos

    var looksUp: Bool { if case .lookUp = self { true } else { false } }
}

/// One query between its stages: offsets into the message and what was found, no memory of its own.
///
/// Reused for every query.
@safe
struct Query {
    var verdict = Verdict.drop
    /// Octets of the name with the root's.
    var nameLength = 0
    var labelCount = 0
    var type: UInt16 = 0
    /// Offset of the first octet after the question.
    var questionEnd = 0
    var edns = EDNSQuery()
    /// What the reply may hold in octets.
    var limit = 512
    /// The node of the listener's `ZoneSet`, negative for none; set by verdicts on a zone only: see
    /// `node`.
    var zone = -1
    /// Set where the listener's zones need it.
    var asker = PeerAddress()
    /// Octets of the name before the zone.
    var relativeLength = 0
    var hash: UInt64 = 0
    /// The record of the name in the worker's table; nil when the zone has no service of that name.
    ///
    /// Premise: used in the same call that found it, so no change of the table comes between.
    var owner: UnsafeRawPointer?

    /// The node of the listener's `ZoneSet`, if the query got as far as that.
    var node: Int? {
        switch verdict {
        case .lookUp, .reverse, .whoami: break
        case .code(_, let reason)
        where reason != nil && reason != ExtendedErrorCode.notSupported: break
        case .code, .drop, .header, .badVersion, .chaos: return nil
        }
        return zone < 0 ? nil : zone
    }
}

/// What a query's OPT record says (RFC 6891 §6.1.2); its options stay in the message.
struct EDNSQuery {
    var isPresent = false
    var version: UInt8 = 0
    var wantsDNSSEC = false
    /// The requestor's UDP payload size.
    var payloadSize: UInt16 = 0
    var optionsOffset: UInt16 = 0
    var optionsLength: UInt16 = 0
    /// What the options ask for.
    var wishes: EDNSWishes = []
}

/// Options that are answered with one of their own.
struct EDNSWishes: OptionSet {
    let rawValue: UInt8

    /// edns-tcp-keepalive (RFC 7828).
    static let keepalive = EDNSWishes(rawValue: 1)
    /// Which server this is (RFC 5001).
    static let nsid = EDNSWishes(rawValue: 2)
}
