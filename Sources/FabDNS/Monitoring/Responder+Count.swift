// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

extension Responder {
    /// Counts and logs a query whose reply is in `reply`.
    @unsafe
    func observe(
        _ query: borrowing Query, _ zones: ZoneSet, reply: borrowing MutableRawSpan,
        _ exchange: ObservedExchange
    ) {
        if zones.isMetered { unsafe count(query, zones, reply: reply, exchange) }
        guard zones.isLogged, let node = query.node else { return }
        let log = unsafe zones.entries[node].log
        if log != LogBook.none { ring.record(query, reply: reply, exchange, log: log) }
    }

    /// Counts a query whose reply is in `reply`; what the packet path has not kept is read from
    /// there.
    @unsafe
    private func count(
        _ query: borrowing Query, _ zones: ZoneSet, reply: borrowing MutableRawSpan,
        _ exchange: ObservedExchange
    ) {
        var isRead = true
        var code = reply.octet(3) & 0x0F
        switch query.verdict {
        case .drop: return
        case .lookUp, .reverse, .code, .whoami, .chaos: break
        case .header: isRead = false
        case .badVersion: code = ReplyCode.badVersion
        }
        let node = query.node
        let type = isRead ? query.type : 0
        let hasEDNS = isRead ? query.edns.isPresent : false
        let isAddress = type == QuestionType.a || type == QuestionType.aaaa
        let isAnswered = isAddress ? query.verdict.looksUp : false
        let tier = unsafe isAnswered ? self.tier(query, zones, reply) : nil
        unsafe meters.pointee.count(
            CountedQuery(
                transport: exchange.transport, family: exchange.family, type: type,
                wantsDNSSEC: hasEDNS ? query.edns.wantsDNSSEC : false,
                requestLength: exchange.requestLength, replyLength: exchange.replyLength,
                code: code, tier: tier, nanoseconds: exchange.nanoseconds),
            meter: node.map { unsafe zones.entries[$0].meter } ?? zones.unmatchedMeter)
    }

    /// How near the endpoints of an address answer are; nil when there are none.
    ///
    /// `Meter.namedTier` for a name that says which cluster it wants.
    @unsafe
    private func tier(
        _ query: borrowing Query, _ zones: ZoneSet, _ reply: borrowing MutableRawSpan
    ) -> UInt8? {
        guard let found = unsafe query.owner, reply.integer16(6) > 0 else { return nil }
        let owner = unsafe OwnerView(found)
        guard unsafe owner.flags.contains(.isRanked) else { return Meter.namedTier }
        let groups = unsafe OwnerGroups(
            groups: owner.groups, count: Int(owner.header.groupCount),
            tiers: rows[zones.entries[query.zone].place])
        var recorder = NoRecorder()
        let family = query.type == QuestionType.a ? AddressFamily.v4 : .v6
        return unsafe nearestTier(of: groups, family: family, recorder: &recorder)?.tier
    }
}

/// What is known of a query and its reply beside what they say.
struct ObservedExchange {
    let transport: QueryTransport
    let family: AskerFamily
    let requestLength: Int
    let replyLength: Int
    let nanoseconds: UInt64
}
