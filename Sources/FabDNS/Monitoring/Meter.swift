// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a worker counts of the queries for one zone of a listener, in memory that it alone writes.
///
/// The sums agree: every query has one reply, one code, one duration and two sizes.
struct Meter: Sendable {
    /// Metrics tell apart so many QTYPEs; the first one stands for all others.
    static let types = [
        "other", "A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NSEC", "NSEC3", "NS", "PTR", "RRSIG",
        "SOA", "SRV", "TXT", "HTTPS", "SVCB", "IXFR", "AXFR", "ANY",
    ]
    static let codes = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "BADVERS", "other",
    ]
    /// How near an answer's endpoints are; `named` is a name that says which cluster it wants.
    static let tiers = ["cluster", "zone", "region", "global", "named"]
    static let namedTier: UInt8 = 4
    /// Upper bounds of durations in nanoseconds: a quarter of a millisecond, doubled 15 times.
    static let durationBounds = (0..<16).map { UInt64(250_000) << UInt64($0) }
    static let sizeBounds = [
        0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000,
    ]
    private static let sizeStride = 16

    /// By way and type.
    private var requests = InlineArray<80, UInt64>(repeating: 0)
    /// With the DO bit.
    private(set) var dnssecRequests: UInt64 = 0
    private var durations = InlineArray<17, UInt64>(repeating: 0)
    private(set) var durationNanoseconds: UInt64 = 0
    /// By transport and bucket.
    private var requestSizes = InlineArray<32, UInt64>(repeating: 0)
    private var requestOctets = InlineArray<2, UInt64>(repeating: 0)
    private var replySizes = InlineArray<32, UInt64>(repeating: 0)
    private var replyOctets = InlineArray<2, UInt64>(repeating: 0)
    private var replies = InlineArray<8, UInt64>(repeating: 0)
    /// By tier and family.
    private var answers = InlineArray<10, UInt64>(repeating: 0)
    /// Queries that `acl` has judged, by action.
    private var judged = InlineArray<4, UInt64>(repeating: 0)

    // MARK: Counting

    /// Counts a query with its reply.
    mutating func count(_ exchange: CountedQuery) {
        let transport = exchange.transport.index
        let way = transport &* 2 &+ exchange.family.index
        requests[way &* Self.types.count &+ Self.typeIndex(exchange.type)] &+= 1
        if exchange.wantsDNSSEC { dnssecRequests &+= 1 }
        durations[Self.durationBucket(exchange.nanoseconds)] &+= 1
        durationNanoseconds &+= exchange.nanoseconds
        let sizes = transport &* Self.sizeStride
        requestSizes[sizes &+ Self.sizeBucket(exchange.requestLength)] &+= 1
        requestOctets[transport] &+= UInt64(exchange.requestLength)
        replySizes[sizes &+ Self.sizeBucket(exchange.replyLength)] &+= 1
        replyOctets[transport] &+= UInt64(exchange.replyLength)
        replies[Self.codeIndex(exchange.code)] &+= 1
        if let tier = exchange.tier {
            answers[Int(tier) &* 2 &+ (exchange.type == QuestionType.aaaa ? 1 : 0)] &+= 1
        }
    }

    mutating func count(_ action: AccessAction) { judged[action.rawValue] &+= 1 }

    private static func durationBucket(_ nanoseconds: UInt64) -> Int {
        guard nanoseconds > 250_000 else { return 0 }
        let doublings = 64 - ((nanoseconds - 1) / 250_000).leadingZeroBitCount
        return min(doublings, 16)
    }

    private static func sizeBucket(_ octets: Int) -> Int {
        switch octets {
        case ...0: 0
        case ...400: (octets &+ 99) / 100
        case ...511: 5
        case ...1023: 6
        case ...2047: 7
        case ...4095: 8
        case ...8291: 9
        case ...16_000: 10
        case ...32_000: 11
        case ...48_000: 12
        case ...64_000: 13
        default: 14
        }
    }

    private static func codeIndex(_ code: UInt8) -> Int {
        code < 6 ? Int(code) : code == ReplyCode.badVersion ? 6 : 7
    }

    private static func typeIndex(_ type: UInt16) -> Int {
        switch type {
        case 1: 1
        case 28: 2
        case 5: 3
        case 48: 4
        case 43: 5
        case 15: 6
        case 47: 7
        case 50: 8
        case 2: 9
        case 12: 10
        case 46: 11
        case 6: 12
        case 33: 13
        case 16: 14
        case 65: 15
        case 64: 16
        case 251: 17
        case 252: 18
        case 255: 19
        default: 0
        }
    }

    // MARK: Reading

    func requests(_ transport: QueryTransport, _ family: AskerFamily, type: Int) -> UInt64 {
        requests[(transport.index * 2 + family.index) * Self.types.count + type]
    }

    func durations(bucket: Int) -> UInt64 { durations[bucket] }

    func requestSizes(_ transport: QueryTransport, bucket: Int) -> UInt64 {
        requestSizes[transport.index * Self.sizeStride + bucket]
    }

    func requestOctets(_ transport: QueryTransport) -> UInt64 { requestOctets[transport.index] }

    func replySizes(_ transport: QueryTransport, bucket: Int) -> UInt64 {
        replySizes[transport.index * Self.sizeStride + bucket]
    }

    func replyOctets(_ transport: QueryTransport) -> UInt64 { replyOctets[transport.index] }

    func replies(code: Int) -> UInt64 { replies[code] }

    func answers(tier: Int, _ family: AskerFamily) -> UInt64 { answers[tier * 2 + family.index] }

    func judged(_ action: AccessAction) -> UInt64 { judged[action.rawValue] }

    // MARK: Adding up

    /// Adds what another worker has counted.
    mutating func add(_ other: Meter) {
        for index in requests.indices { requests[index] += other.requests[index] }
        dnssecRequests += other.dnssecRequests
        for index in durations.indices { durations[index] += other.durations[index] }
        durationNanoseconds += other.durationNanoseconds
        for index in requestSizes.indices { requestSizes[index] += other.requestSizes[index] }
        for index in replySizes.indices { replySizes[index] += other.replySizes[index] }
        for index in requestOctets.indices { requestOctets[index] += other.requestOctets[index] }
        for index in replyOctets.indices { replyOctets[index] += other.replyOctets[index] }
        for index in replies.indices { replies[index] += other.replies[index] }
        for index in answers.indices { answers[index] += other.answers[index] }
        for index in judged.indices { judged[index] += other.judged[index] }
    }
}

/// What a meter counts of a query and its reply.
struct CountedQuery {
    let transport: QueryTransport
    let family: AskerFamily
    /// 0 where the question was not read.
    let type: UInt16
    let wantsDNSSEC: Bool
    let requestLength: Int
    let replyLength: Int
    /// With the bits that are in OPT.
    let code: UInt8
    /// Of an address answer.
    let tier: UInt8?
    let nanoseconds: UInt64
}

/// The family of the address that was asked, by its number in IANA's address family registry.
enum AskerFamily: Int, Sendable, CaseIterable {
    case v4 = 1
    case v6 = 2

    var index: Int { rawValue - 1 }
}

extension QueryTransport {
    var index: Int { self == .udp ? 0 : 1 }
}
