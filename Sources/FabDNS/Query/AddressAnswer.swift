// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// The A or AAAA records of the chosen tier, written behind the question.
///
/// Records are put together here: a constant head with the pointer to the question, the TTL, then
/// the packed address.
@unsafe
struct AddressAnswer {
    let owner: OwnerView
    let groups: OwnerGroups
    let family: AddressFamily
    let choice: TierChoice
    let ttl: UInt32

    @inline(__always)
    var tier: UInt8 { unsafe choice.tier }

    /// Octets of an A record and of an AAAA record whose owner is a pointer.
    @inline(__always)
    var stride: Int { unsafe family == .v4 ? 16 : 28 }

    /// Writes `count` records, beginning with the one at `start` and going round.
    ///
    /// Premise: `count` records fit between `offset` and the end of the span; `start < count <=`
    /// the addresses of the tier.
    @inline(__always)
    func write(_ message: inout MutableRawSpan, at offset: Int, count: Int, start: Int) {
        unsafe message.withUnsafeMutableBytes { octets in
            guard let base = octets.baseAddress else { return }
            var cursor = unsafe base + offset
            if let group = unsafe choice.onlyGroup {
                let first = unsafe self.start(of: group)
                unsafe writeRun(to: &cursor, first &+ start..<first &+ count)
                unsafe writeRun(to: &cursor, first..<first &+ start)
            } else {
                unsafe write(to: &cursor, from: start, until: count)
                unsafe write(to: &cursor, from: 0, until: start)
            }
        }
    }

    /// Writes the addresses numbered `from..<until` among those of the tier.
    @inline(__always)
    private func write(to cursor: inout UnsafeMutableRawPointer, from: Int, until: Int) {
        guard from < until else { return }
        var passed = 0
        var group = 0
        while passed < until, unsafe group < groups.count {
            if unsafe groups.tier(of: group) == tier {
                let count = unsafe groups.readyCount(of: group, family: family)
                let first = max(0, from &- passed)
                let last = min(count, until &- passed)
                if first < last {
                    let origin = unsafe self.start(of: group)
                    unsafe writeRun(to: &cursor, origin &+ first..<origin &+ last)
                }
                passed &+= count
            }
            group &+= 1
        }
    }

    @inline(__always)
    func start(of group: Int) -> Int {
        switch unsafe family {
        case .v4: unsafe Int(groups.groups[group].v4Start)
        case .v6: unsafe Int(groups.groups[group].v6Start)
        }
    }

    @inline(__always)
    func writeRun(to cursor: inout UnsafeMutableRawPointer, _ addresses: Range<Int>) {
        switch unsafe family {
        case .v4:
            let v4 = unsafe owner.v4
            for index in addresses {
                unsafe cursor.storeBytes(of: head(1), as: UInt64.self)
                unsafe cursor.storeBytes(of: tail(4), toByteOffset: 8, as: UInt32.self)
                unsafe cursor.storeBytes(of: v4[index], toByteOffset: 12, as: UInt32.self)
                unsafe cursor += 16
            }
        case .v6:
            let v6 = unsafe owner.v6
            for index in addresses {
                let address = unsafe v6 + index &* 16
                unsafe cursor.storeBytes(of: head(28), as: UInt64.self)
                unsafe cursor.storeBytes(of: tail(16), toByteOffset: 8, as: UInt32.self)
                unsafe cursor.storeBytes(
                    of: address.loadUnaligned(as: UInt64.self), toByteOffset: 12, as: UInt64.self)
                unsafe cursor.storeBytes(
                    of: address.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                    toByteOffset: 20, as: UInt64.self)
                unsafe cursor += 28
            }
        }
    }

    /// Owner pointer, type, class IN and the upper half of the TTL.
    @inline(__always)
    private func head(_ type: UInt64) -> UInt64 {
        (0xC00C_0000_0001_0000 | type &<< 32 | UInt64(unsafe ttl &>> 16)).bigEndian
    }

    /// The lower half of the TTL and the length of the data.
    @inline(__always)
    private func tail(_ length: UInt32) -> UInt32 {
        (unsafe ttl &<< 16 | length).bigEndian
    }
}

// MARK: Addresses that are in several groups

extension AddressAnswer {
    /// The addresses of the tier, each once, as indices into the block; at most `capacity` of them.
    func gather(
        into selected: UnsafeMutablePointer<UInt32>, capacity: Int, _ marks: borrowing QueryMarks
    ) -> Int {
        let block = unsafe owner.block.load(as: BlockHeader.self)
        var firsts = unsafe (owner.block + Int(block.firstsOffset))
            .assumingMemoryBound(to: UInt32.self)
        if unsafe family == .v6 { unsafe firsts += Int(block.v4FirstCount) }
        var count = 0
        for group in unsafe 0..<groups.count where unsafe groups.tier(of: group) == tier {
            let start = unsafe self.start(of: group)
            for index in unsafe start..<start + groups.readyCount(of: group, family: family)
            where unsafe marks.insert(firsts[index]) {
                guard count < capacity else { return count }
                unsafe selected[count] = UInt32(index)
                count += 1
            }
        }
        return count
    }

    /// Writes the gathered addresses, beginning with the one at `start` and going round.
    func write(
        _ message: inout MutableRawSpan, at offset: Int, gathered: UnsafePointer<UInt32>,
        count: Int, start: Int
    ) {
        unsafe message.withUnsafeMutableBytes { octets in
            guard let base = octets.baseAddress else { return }
            var cursor = unsafe base + offset
            for number in 0..<count {
                let wrapped = start + number
                let index = unsafe Int(gathered[wrapped < count ? wrapped : wrapped - count])
                unsafe writeRun(to: &cursor, index..<index + 1)
            }
        }
    }
}
