// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The answers of one service, or of names that services share: a block of owner records that is
/// never changed.
///
/// Made and given back on the catalog's queue; workers hold pointers into it while it is published.
@safe
final class ServiceAnswers: @unchecked Sendable {
    // Premise of @unchecked Sendable: the memory is written before `init` returns and only read
    // afterwards.
    let memory: UnsafeRawBufferPointer

    /// Takes over a copy of what `BlockWriter` wrote.
    init(copying octets: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(
            byteCount: octets.count, alignment: BlockHeader.alignment)
        unsafe copy.copyBytes(from: octets)
        unsafe memory = UnsafeRawBufferPointer(copy)
    }

    deinit { unsafe memory.deallocate() }

    var octetCount: Int { unsafe memory.count }

    private var start: UnsafeRawPointer? { unsafe memory.baseAddress }

    /// The record at the front, if there is any.
    var firstOwner: UnsafeRawPointer? {
        unsafe start.map { unsafe $0 + MemoryLayout<BlockHeader>.size }
    }

    /// Calls `body` with each owner record.
    func forEachOwner(_ body: (UnsafeRawPointer) -> Void) {
        guard let start = unsafe start else { return }
        let block = unsafe start.load(as: BlockHeader.self)
        var offset = MemoryLayout<BlockHeader>.size
        for number in 0..<block.ownerCount {
            unsafe body(start + offset)
            let length = unsafe Int(OwnerView(start + offset).header.octetCount)
            offset = number == 0 ? Int(block.othersOffset) : offset + length
        }
    }

    /// Whether every offset and count of the block stays inside it: asked once, before it is
    /// published.
    var isSound: Bool {
        guard let start = unsafe start, octetCount >= MemoryLayout<BlockHeader>.size else {
            return false
        }
        let block = unsafe start.load(as: BlockHeader.self)
        guard block.octetCount == octetCount,
            hasSoundFirsts(block), hasSoundTargets(block),
            fits(block.portsOffset, Int(block.portCount), MemoryLayout<UInt16>.stride),
            block.v4Offset <= block.v6Offset, block.v6Offset <= block.firstsOffset,
            block.firstsOffset <= block.targetsOffset
        else { return false }
        var offset = MemoryLayout<BlockHeader>.size
        for number in 0..<block.ownerCount {
            guard let length = soundLength(ofOwnerAt: offset, block) else { return false }
            offset = number == 0 ? Int(block.othersOffset) : offset + length
        }
        return true
    }

    /// Firsts are marks of a query, and none is behind its address.
    private func hasSoundFirsts(_ block: BlockHeader) -> Bool {
        let counts = [Int(block.v4FirstCount), Int(block.v6FirstCount)]
        guard let start = unsafe start,
            fits(block.firstsOffset, counts[0] + counts[1], MemoryLayout<UInt32>.stride)
        else { return false }
        var firsts = unsafe (start + Int(block.firstsOffset)).assumingMemoryBound(to: UInt32.self)
        for count in counts {
            guard count <= Responder.maximumMarks else { return false }
            for index in 0..<count where unsafe Int(firsts[index]) > index { return false }
            unsafe firsts += count
        }
        return true
    }

    /// Targets name owner records that lie in the block, and their numbers are marks of a query.
    private func hasSoundTargets(_ block: BlockHeader) -> Bool {
        let count = Int(block.targetCount)
        guard let start = unsafe start, count <= Responder.maximumMarks,
            fits(block.targetsOffset, count, MemoryLayout<ServiceTarget>.stride)
        else { return false }
        let targets = unsafe (start + Int(block.targetsOffset))
            .assumingMemoryBound(to: ServiceTarget.self)
        return (0..<count).allSatisfy { index in
            let target = unsafe targets[index]
            return Int(target.number) <= index
                && fits(target.ownerOffset, 1, MemoryLayout<OwnerHeader>.size)
        }
    }

    /// The octets of a sound owner record; nil when something of it points outside.
    private func soundLength(ofOwnerAt offset: Int, _ block: BlockHeader) -> Int? {
        guard let start = unsafe start, fits(UInt32(offset), 1, MemoryLayout<OwnerHeader>.size)
        else { return nil }
        let owner = unsafe OwnerView(start + offset)
        let header = unsafe owner.header
        let size =
            MemoryLayout<OwnerHeader>.size + (Int(header.nameLength) + 7) & ~7
            + Int(header.groupCount) * MemoryLayout<LocalityGroup>.stride
        guard Int(header.blockOffset) == offset, header.octetCount >= size,
            fits(UInt32(offset), 1, Int(header.octetCount)), header.v4Offset == block.v4Offset,
            header.v6Offset == block.v6Offset,
            Int(header.targetStart) + Int(header.targetCount) <= Int(block.targetCount),
            Int(header.portStart) + Int(header.portCount) <= Int(block.portCount)
        else { return nil }
        let v4Count = (Int(block.v6Offset) - Int(block.v4Offset)) / 4
        let v6Count = (Int(block.firstsOffset) - Int(block.v6Offset)) / 16
        let mayRepeat = header.flags.contains(.mayRepeat)
        for index in 0..<Int(header.groupCount) {
            let group = unsafe owner.groups[index]
            guard Int(group.v4Start) + Int(group.v4Count) <= v4Count,
                Int(group.v6Start) + Int(group.v6Count) <= v6Count,
                !mayRepeat || Int(group.v4Start) + Int(group.v4Count) <= Int(block.v4FirstCount),
                !mayRepeat || Int(group.v6Start) + Int(group.v6Count) <= Int(block.v6FirstCount)
            else { return nil }
        }
        return Int(header.octetCount)
    }

    private func fits(_ offset: UInt32, _ count: Int, _ stride: Int) -> Bool {
        Int(offset) + count * stride <= octetCount
    }
}
