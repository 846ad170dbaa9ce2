// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// The SRV records of an owner (RFC 2782): the targets whose addresses A and AAAA would answer,
/// each with every port asked for.
@unsafe
struct ServiceAnswer {
    let owner: OwnerView
    let groups: OwnerGroups
    /// The tiers that A and AAAA answer from; nil for a family without an address.
    let v4Tier: UInt8?
    let v6Tier: UInt8?
    let ttl: UInt32

    /// Writes all records, beginning with the target at a random position, as many as fit.
    ///
    /// The second is whether all did.
    func write(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, zone: Int, zoneLength: Int,
        rotation: Int, _ marks: borrowing QueryMarks
    ) -> Bool {
        let header = unsafe owner.header
        let count = Int(header.targetCount)
        for number in 0..<count {
            let wrapped = (rotation + number) % count
            let target = unsafe targets[Int(header.targetStart) + wrapped]
            guard unsafe isChosen(target, header), unsafe marks.insert(target.number) else {
                continue
            }
            for port in header.portStart..<header.portStart + header.portCount {
                guard
                    unsafe write(
                        &message, &writer, target, port: ports[Int(port)], zone: zone,
                        zoneLength: zoneLength)
                else { return false }
            }
        }
        return true
    }

    /// Whether A or AAAA would name the target.
    private func isChosen(_ target: ServiceTarget, _ header: OwnerHeader) -> Bool {
        guard target.group != ServiceTarget.always else { return true }
        let group = Int(target.group) - Int(header.firstGroup)
        guard unsafe 0..<groups.count ~= group else { return false }
        let tier = unsafe groups.tier(of: group)
        return unsafe target.families & 1 != 0 && tier == v4Tier
            || target.families & 2 != 0 && tier == v6Tier
    }

    private func write(
        _ message: inout MutableRawSpan, _ writer: inout ReplyWriter, _ target: ServiceTarget,
        port: UInt16, zone: Int, zoneLength: Int
    ) -> Bool {
        let name = unsafe OwnerView(owner.block + Int(target.ownerOffset))
        let nameLength = unsafe Int(name.header.nameLength)
        let dataLength = 6 + nameLength + zoneLength
        // A target that would be no name in this zone cannot be asked for either.
        guard nameLength + zoneLength <= 255 else { return true }
        guard 12 + dataLength <= writer.room else { return false }
        var end = writer.end
        message.put(UInt64(0xC00C_0021_0001_0000) | UInt64(unsafe ttl &>> 16), at: end)
        message.put(unsafe ttl &<< 16 | UInt32(dataLength), at: end + 8)
        // Priority 0 and equal weights: the tier has been chosen already.
        message.put(UInt32(100), at: end + 12)
        message.put(port, at: end + 16)
        end += 18
        for offset in 0..<nameLength {
            message.put(
                unsafe name.name.load(fromByteOffset: offset, as: UInt8.self), at: end + offset)
        }
        end += nameLength
        // The target's zone is the question's; it is not compressed (RFC 2782) and in the asker's
        // spelling.
        for offset in 0..<zoneLength { message.put(message.octet(zone + offset), at: end + offset) }
        writer.end = end + zoneLength
        writer.answerCount &+= 1
        return true
    }

    private var blockHeader: BlockHeader { unsafe owner.block.load(as: BlockHeader.self) }

    private var targets: UnsafePointer<ServiceTarget> {
        unsafe (owner.block + Int(blockHeader.targetsOffset))
            .assumingMemoryBound(to: ServiceTarget.self)
    }

    private var ports: UnsafePointer<UInt16> {
        unsafe (owner.block + Int(blockHeader.portsOffset)).assumingMemoryBound(to: UInt16.self)
    }
}
