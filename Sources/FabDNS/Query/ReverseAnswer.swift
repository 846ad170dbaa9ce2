// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// Queries for reverse zones: few, so they go their own way through the stages, and forward zones
// need not ask which they are.

extension Responder {
    /// Octets of `arpa` with the root: all reverse zones look names up without it.
    private static let suffixLength = 6

    /// Stages 5 to 7 for a name in a reverse zone, which is in the scratch memory.
    @unsafe @inline(never)
    func judgeReverse(
        _ message: borrowing MutableRawSpan, _ query: inout Query, _ zones: ZoneSet
    ) -> Verdict {
        let entry = unsafe zones.entries[query.zone]
        let length = query.nameLength &- Self.suffixLength
        query.relativeLength = query.nameLength &- Int(entry.zoneLength)
        unsafe query.owner = tables[entry.table].find(
            hash.hash(scratch.name, count: length), message, length: length)
        return .reverse
    }

    @inline(never)
    func answerReverse(
        _ message: inout MutableRawSpan, _ query: borrowing Query, _ zones: ZoneSet,
        _ transport: QueryTransport
    ) -> Int {
        var writer = ReplyWriter(query)
        let entry = unsafe zones.entries.baseAddress.unsafelyUnwrapped + query.zone
        if let found = unsafe query.owner,
            unsafe OwnerView(found).flags.contains(.reverseData),
            unsafe OwnerView(found).header.targetCount > 0, query.relativeLength > 0
        {
            unsafe answerAddress(&message, &writer, query, OwnerView(found), entry, zones)
        } else {
            unsafe answerZoneName(
                &message, &writer, query, zones, entry, transport,
                exists: query.owner.map { unsafe OwnerView($0).flags.contains(.reverseData) }
                    ?? false)
        }
        if writer.isTruncated { unsafe counters.pointee.truncated &+= 1 }
        return writer.finish(&message)
    }

    /// PTR: the names of an address in the block's forward zone.
    @unsafe
    private func answerAddress(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ query: borrowing Query,
        _ owner: OwnerView, _ entry: UnsafePointer<ZoneSet.Entry>, _ zones: ZoneSet
    ) {
        switch query.type {
        case QuestionType.ptr:
            let header = unsafe owner.header
            let block = unsafe owner.block.load(as: BlockHeader.self)
            let targets = unsafe (owner.block + Int(block.targetsOffset))
                .assumingMemoryBound(to: ServiceTarget.self)
            let forward = unsafe UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(zones.extras)[
                    Int(entry.pointee.forwardStart)...
                ].prefix(Int(entry.pointee.forwardCount)))
            for index in Int(header.targetStart)..<Int(header.targetStart + header.targetCount) {
                let target = unsafe OwnerView(owner.block + Int(targets[index].ownerOffset))
                // A target that would be no name in this zone is left out.
                guard unsafe target.nameOctets.count + forward.count <= 255 else { continue }
                guard
                    unsafe writer.putPTR(
                        &message, target.nameOctets, forward, ttl: entry.pointee.ttl)
                else {
                    writer.truncate(to: query.questionEnd)
                    return
                }
                writer.answerCount &+= 1
            }
        case QuestionType.any:
            unsafe answerAny(&message, &writer, query, entry.pointee.ttl)
        default: break
        }
        if writer.answerCount == 0, !writer.isTruncated {
            unsafe putDenial(&message, &writer, query, entry)
        }
    }
}

extension ReplyWriter {
    /// A PTR record of the question's name; false when it does not fit.
    @unsafe
    fileprivate mutating func putPTR(
        _ message: inout MutableRawSpan, _ target: UnsafeRawBufferPointer,
        _ zone: UnsafeRawBufferPointer, ttl: UInt32
    ) -> Bool {
        let length = target.count &+ zone.count
        guard 12 &+ length <= room else { return false }
        message.put(UInt16(0xC00C), at: end)
        message.put(QuestionType.ptr, at: end &+ 2)
        message.put(UInt16(1), at: end &+ 4)
        message.put(ttl, at: end &+ 6)
        message.put(UInt16(truncatingIfNeeded: length), at: end &+ 10)
        end &+= 12
        unsafe put(&message, target)
        unsafe put(&message, zone)
        return true
    }

    @unsafe
    private mutating func put(
        _ message: inout MutableRawSpan, _ octets: UnsafeRawBufferPointer
    ) {
        for index in 0..<octets.count {
            message.put(unsafe octets[index], at: end)
            end &+= 1
        }
    }
}
