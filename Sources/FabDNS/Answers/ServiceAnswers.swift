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
        let repeats = Int(block.v4RepeatCount) + Int(block.v6RepeatCount)
        guard block.octetCount == octetCount,
            fits(block.repeatsOffset, repeats, MemoryLayout<RepeatedAddress>.stride),
            fits(block.targetsOffset, Int(block.targetCount), MemoryLayout<ServiceTarget>.stride),
            fits(block.portsOffset, Int(block.portCount), MemoryLayout<UInt16>.stride),
            block.v4Offset <= block.v6Offset, block.v6Offset <= block.repeatsOffset,
            block.repeatsOffset <= block.targetsOffset
        else { return false }
        var offset = MemoryLayout<BlockHeader>.size
        for number in 0..<block.ownerCount {
            guard let length = soundLength(ofOwnerAt: offset, block) else { return false }
            offset = number == 0 ? Int(block.othersOffset) : offset + length
        }
        return true
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
        let v6Count = (Int(block.repeatsOffset) - Int(block.v6Offset)) / 16
        for index in 0..<Int(header.groupCount) {
            let group = unsafe owner.groups[index]
            guard Int(group.v4Start) + Int(group.v4Count) <= v4Count,
                Int(group.v6Start) + Int(group.v6Count) <= v6Count
            else { return nil }
        }
        return Int(header.octetCount)
    }

    private func fits(_ offset: UInt32, _ count: Int, _ stride: Int) -> Bool {
        Int(offset) + count * stride <= octetCount
    }
}
