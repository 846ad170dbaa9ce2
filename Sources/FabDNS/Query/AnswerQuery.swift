// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

// The life of a query in three steps, each of which runs over a whole batch before the next: so
// the memory that one query needs is on its way while the others are worked on.
// docs/query-path.md tells the same story.

extension Responder {
    /// Stages 2 to 5: reads the message and finds its zone.
    ///
    /// Nothing of the message changes.
    @unsafe @inline(__always)
    func prepare(
        _ message: borrowing MutableRawSpan, length: Int, _ query: inout Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) {
        unsafe query.verdict = judge(message, length: length, &query, zones, transport)
        if case .lookUp = query.verdict {
            unsafe tables[zones.entries[query.zone].table].prefetch(query.hash)
        }
    }

    /// Stage 7: finds the owner record and brings its addresses near.
    @unsafe @inline(__always)
    func lookUp(
        _ message: borrowing MutableRawSpan, _ query: inout Query, _ zones: ZoneSet
    ) {
        guard case .lookUp = query.verdict else { return }
        let table = unsafe tables + zones.entries[query.zone].table
        unsafe query.owner = table.pointee.find(
            query.hash, message, length: query.relativeLength)
        if let owner = unsafe query.owner {
            unsafe OwnerView(owner).prefetchAddresses(isV6: query.type == QuestionType.aaaa)
        }
    }

    /// Between the other two: brings the owner record near.
    @inline(__always)
    func prefetch(_ query: borrowing Query, _ zones: ZoneSet) {
        guard case .lookUp = query.verdict else { return }
        unsafe tables[zones.entries[query.zone].table].prefetchOwner(query.hash)
    }

    @unsafe @inline(__always)
    private func judge(
        _ message: borrowing MutableRawSpan, length: Int, _ query: inout Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) -> Verdict {
        query.nameLength = 0
        switch admit(message, length: length) {
        case .drop: return .drop
        case .refuse(let code): return .header(code)
        case .answer: break
        }
        guard unsafe readQuestion(message, length: length, &query, scratch),
            readEDNS(message, length: length, &query)
        else { return .header(ReplyCode.formatError) }
        query.limit = limit(query.edns, transport, zones)
        if query.edns.isPresent, query.edns.version != 0 { return .badVersion }
        guard message.integer16(query.questionEnd &- 2) == 1 else {
            return unsafe judgeOtherClass(message, &query, zones)
        }
        guard query.type != QuestionType.axfr, query.type != QuestionType.ixfr else {
            return .code(ReplyCode.refused, reason: ExtendedErrorCode.notSupported)
        }
        let node = unsafe zones.find(
            scratch.name, length: query.nameLength, labelStarts: scratch.labelStarts,
            labelCount: query.labelCount)
        guard let node, unsafe zones.entries[node].isServed else {
            query.zone = node ?? -1
            return unsafe judgeOtherZone(message, &query, zones)
        }
        query.zone = node
        query.relativeLength =
            unsafe query.nameLength &- Int(zones.entries[node].zoneLength)
        query.hash = unsafe hash.hash(scratch.name, count: query.relativeLength)
        return .lookUp
    }

    /// A name that no forward zone here has.
    @unsafe @inline(never)
    private func judgeOtherZone(
        _ message: borrowing MutableRawSpan, _ query: inout Query, _ zones: ZoneSet
    ) -> Verdict {
        guard query.zone >= 0 else {
            return .code(ReplyCode.refused, reason: ExtendedErrorCode.notAuthoritative)
        }
        let entry = unsafe zones.entries[query.zone]
        if entry.face == .reverse { return unsafe judgeReverse(message, &query, zones) }
        return entry.answersWhoami
            ? .whoami : .code(ReplyCode.refused, reason: ExtendedErrorCode.notAuthoritative)
    }

    @inline(__always)
    private func limit(
        _ edns: EDNSQuery, _ transport: QueryTransport, _ zones: ZoneSet
    ) -> Int {
        guard transport == .udp else { return ReplyWriter.maximumMessage }
        guard edns.isPresent else { return 512 }
        return Int(min(max(edns.payloadSize, 512), zones.payloadOctets))
    }

    /// Stages 8 and 9: turns the message into its reply, in place.
    @unsafe @inline(__always)
    func answer(
        _ message: inout MutableRawSpan, _ query: inout Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) -> Outcome {
        if case .drop = query.verdict {
            unsafe counters.pointee.ignored &+= 1
            return .drop
        }
        let length: Int
        switch query.verdict {
        case .lookUp:
            length = unsafe answerName(&message, query, zones, transport)
        case .header(let code):
            length = writeHeaderOnly(&message, code: code)
        case .code(let code, let reason):
            length = refuse(&message, query, code, reason)
        case .badVersion, .drop:
            var writer = ReplyWriter(query)
            writer.setBadVersion()
            length = writer.finish(&message)
        case .reverse:
            length = answerReverse(&message, query, zones, transport)
        case .whoami, .chaos:
            length = answerItself(&message, query, zones, transport)
        }
        let code = Int(message.octet(3) & 0x0F)
        unsafe counters.pointee.codes[min(code, 7)] &+= 1
        return .answered(length)
    }

    private func refuse(
        _ message: inout MutableRawSpan, _ query: borrowing Query, _ code: UInt8, _ reason: UInt16?
    ) -> Int {
        var writer = ReplyWriter(query)
        writer.refuse(code)
        if let reason { writer.add(ReplyOption(code: ReplyOption.extendedError, value: reason)) }
        return writer.finish(&message)
    }

    @unsafe @inline(__always)
    private func answerName(
        _ message: inout MutableRawSpan, _ query: borrowing Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) -> Int {
        var writer = ReplyWriter(query)
        if query.edns.isPresent, !query.edns.wishes.isEmpty {
            unsafe grantWishes(&writer, query, zones, transport)
        }
        let entry = unsafe zones.entries.baseAddress.unsafelyUnwrapped + query.zone
        if let found = unsafe query.owner, unsafe entry.pointee.face.hasData(OwnerView(found).flags)
        {
            // Nearly always nil: no cluster is stale.
            if let stale = unsafe notices[entry.pointee.table].stale {
                unsafe noteStale(&writer, query, OwnerView(found), entry, stale)
            }
            unsafe answerOwner(&message, &writer, query, OwnerView(found), entry)
        } else {
            let isEmpty = unsafe query.owner.map {
                unsafe entry.pointee.face.exists(OwnerView($0).flags)
            }
            unsafe answerZoneName(
                &message, &writer, query, zones, entry, transport, exists: isEmpty ?? false)
        }
        if writer.isTruncated { unsafe counters.pointee.truncated &+= 1 }
        let length = writer.finish(&message)
        guard writer.identityLength > 0 else { return length }
        return unsafe putIdentity(&message, at: length, query, zones)
    }

    // MARK: Names of services

    @unsafe @inline(__always)
    private func answerOwner(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ owner: OwnerView, _ entry: UnsafePointer<ZoneSet.Entry>
    ) {
        let flags = unsafe owner.flags
        let tiers = unsafe flags.contains(.isRanked) ? rows[entry.pointee.place] : nil
        let groups = unsafe OwnerGroups(
            groups: owner.groups, count: Int(owner.header.groupCount), tiers: tiers)
        switch query.type {
        case QuestionType.a where !flags.contains(.isServiceOnly):
            unsafe answerAddresses(&message, &writer, query, owner, groups, .v4, entry)
        case QuestionType.aaaa where !flags.contains(.isServiceOnly):
            unsafe answerAddresses(&message, &writer, query, owner, groups, .v6, entry)
        case QuestionType.srv:
            unsafe answerService(&message, &writer, query, owner, groups, entry)
        case QuestionType.any:
            answerAny(&message, &writer, query, unsafe entry.pointee.ttl)
        default:
            break
        }
        if writer.answerCount == 0, !writer.isTruncated {
            unsafe putDenial(&message, &writer, query, entry)
        }
    }

    @unsafe @inline(__always)
    private func answerAddresses(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ owner: OwnerView, _ groups: OwnerGroups, _ family: AddressFamily,
        _ entry: UnsafePointer<ZoneSet.Entry>
    ) {
        var recorder = NoRecorder()
        guard
            let choice = unsafe nearestTier(of: groups, family: family, recorder: &recorder)
        else { return }
        let answer = unsafe AddressAnswer(
            owner: owner, groups: groups, family: family, choice: choice,
            ttl: entry.pointee.ttl)
        let isGathered = unsafe owner.flags.contains(.mayRepeat)
        let available = isGathered ? unsafe gather(answer) : choice.count
        guard
            let count = unsafe recordsThatFit(
                available, stride: answer.stride, &writer, query)
        else { return }
        let start = rotation(below: count)
        if isGathered {
            unsafe answer.write(
                &message, at: writer.end, gathered: gatheredAddresses, count: count, start: start)
        } else {
            unsafe answer.write(&message, at: writer.end, count: count, start: start)
        }
        writer.end &+= unsafe count &* answer.stride
        writer.answerCount = UInt16(truncatingIfNeeded: count)
    }

    @unsafe
    private func gather(_ answer: AddressAnswer) -> Int {
        unsafe marks.pointee.begin()
        return unsafe answer.gather(
            into: gatheredAddresses, capacity: LocalityGroup.maximumAddresses, marks.pointee)
    }

    /// All records, or none and TC; over TCP as many as a message holds: the first ones, always the
    /// same.
    @inline(__always)
    private func recordsThatFit(
        _ available: Int, stride: Int, _ writer: inout ReplyWriter, _ query: borrowing Query
    ) -> Int? {
        if available &* stride <= writer.room { return available }
        guard query.limit == ReplyWriter.maximumMessage else {
            writer.truncate(to: query.questionEnd)
            return nil
        }
        noteCut(&writer)
        return writer.room / stride
    }

    private func noteCut(_ writer: inout ReplyWriter) {
        unsafe counters.pointee.cut &+= 1
        writer.add(
            ReplyOption(code: ReplyOption.extendedError, value: ExtendedErrorCode.other))
    }

    @unsafe
    private func answerService(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ owner: OwnerView, _ groups: OwnerGroups, _ entry: UnsafePointer<ZoneSet.Entry>
    ) {
        let header = unsafe owner.header
        guard header.targetCount > 0, header.portCount > 0 else { return }
        var recorder = NoRecorder()
        let v4 = unsafe nearestTier(of: groups, family: .v4, recorder: &recorder)
        let v6 = unsafe nearestTier(of: groups, family: .v6, recorder: &recorder)
        let answer = unsafe ServiceAnswer(
            owner: owner, groups: groups, v4Tier: v4?.tier, v6Tier: v6?.tier,
            ttl: entry.pointee.ttl)
        unsafe marks.pointee.begin()
        let isWhole = unsafe answer.write(
            &message, &writer, zone: 12 + query.relativeLength,
            zoneLength: Int(entry.pointee.zoneLength),
            rotation: rotation(below: Int(header.targetCount)), marks.pointee)
        if isWhole { return }
        if query.limit == ReplyWriter.maximumMessage {
            noteCut(&writer)
        } else {
            writer.truncate(to: query.questionEnd)
        }
    }

    func answerAny(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ ttl: UInt32
    ) {
        if writer.putMinimalAny(&message, ttl: ttl) {
            writer.answerCount = 1
        } else {
            writer.truncate(to: query.questionEnd)
        }
    }

    // MARK: Names of the zone, and names that are not there

    @unsafe
    func answerZoneName(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ zones: ZoneSet, _ entry: UnsafePointer<ZoneSet.Entry>, _ transport: QueryTransport,
        exists: Bool
    ) {
        let name = ZoneName.find(in: message, length: query.relativeLength)
        guard let name else {
            if !exists {
                let notice = unsafe notices[entry.pointee.table]
                if notice.isIncomplete { return failNotReady(&writer) }
                if unsafe notice.stale != nil { noteStaleDenial(&writer) }
                // The name falls through to whoever is next: `whoami`, else nobody.
                if unsafe entry.pointee.fallsThrough {
                    guard unsafe entry.pointee.answersWhoami else { return writer.refuse() }
                    return writer.putAsker(&message, query, transport)
                }
                writer.code = ReplyCode.nameError
            }
            return unsafe putDenial(&message, &writer, query, entry)
        }
        let ttl = unsafe entry.pointee.ttl
        let zone = 12 + query.relativeLength
        var fits = true
        switch (name, query.type) {
        case (.nameserverParent, _):
            break
        case (_, QuestionType.any):
            answerAny(&message, &writer, query, ttl)
        case (.apex, QuestionType.soa):
            let serial = unsafe serials[entry.pointee.table]
            fits = writer.putSOA(&message, zone: zone, ttl: ttl, serial: serial)
            writer.answerCount = 1
        case (.apex, QuestionType.ns):
            fits = writer.putNS(&message, zone: zone, ttl: ttl)
            writer.answerCount = 1
            unsafe putGlue(&message, &writer, zones, entry)
        case (.version, QuestionType.txt):
            fits = unsafe writer.putVersion(&message, entry.pointee.face, ttl: ttl)
            writer.answerCount = 1
        case (.nameserver, QuestionType.a), (.nameserver, QuestionType.aaaa):
            let count = unsafe writer.putNameserverAddresses(
                &message, owner: 12, zones, entry.pointee, query.type)
            fits = count != nil
            writer.answerCount = count ?? 0
        default:
            break
        }
        if !fits {
            writer.truncate(to: query.questionEnd)
        } else if writer.answerCount == 0, !writer.isTruncated {
            unsafe putDenial(&message, &writer, query, entry)
        }
    }

    /// The name server's addresses beside the NS record whose target has just been written, as far
    /// as they fit.
    @unsafe
    private func putGlue(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ zones: ZoneSet,
        _ entry: UnsafePointer<ZoneSet.Entry>
    ) {
        let target = writer.end - 9
        for type in [QuestionType.a, QuestionType.aaaa] {
            let before = writer
            let count = unsafe writer.putNameserverAddresses(
                &message, owner: target, zones, entry.pointee, type)
            guard let count else {
                writer = before
                return
            }
            writer.additionalCount &+= count
        }
    }

    /// The SOA that lets a denial be cached (RFC 2308 §3).
    @unsafe @inline(__always)
    func putDenial(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ entry: UnsafePointer<ZoneSet.Entry>
    ) {
        let serial = unsafe serials[entry.pointee.table]
        let fits = unsafe writer.putSOA(
            &message, zone: 12 &+ query.relativeLength, ttl: entry.pointee.ttl, serial: serial)
        if fits { writer.authorityCount = 1 } else { writer.truncate(to: query.questionEnd) }
    }
}
