// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux

/// A change of one name in a table: `old` is what was there, `new` what comes; nil for nothing.
@safe
struct OwnerUpdate: @unchecked Sendable {
    // Premise of @unchecked Sendable: the records are immutable and outlive the update
    // (AnswerPublisher holds their blocks).
    let hash: UInt64
    let old: UnsafeRawPointer?
    let new: UnsafeRawPointer?
}

/// The names of one catalog: open addressing over (hash, pointer to the owner record), linear
/// probes, no tombstones.
///
/// A value with a pointer in it: whoever allocated the slots gives them back. A worker's table is
/// changed by `apply` only, which neither grows nor frees; a larger one is built on the catalog's
/// queue and swapped in.
@safe
struct OwnerTable: @unchecked Sendable {
    // Premise of @unchecked Sendable: a table belongs to one queue at a time; it crosses queues
    // when it is handed over.
    @unsafe private struct Slot {
        var hash: UInt64
        var owner: UnsafeRawPointer?
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    private(set) var count = 0

    /// A name that is not found within so many probes is not there: `apply` refuses to put one
    /// farther.
    private static let maximumProbes = 192

    var capacity: Int { mask + 1 }

    var octetCount: Int { unsafe capacity * MemoryLayout<Slot>.stride }

    /// An empty table; `capacity` is a power of two.
    static func allocate(capacity: Int) -> OwnerTable {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
        unsafe slots.initialize(repeating: Slot(hash: 0, owner: nil), count: capacity)
        return unsafe OwnerTable(slots: slots, mask: capacity - 1)
    }

    private init(slots: UnsafeMutablePointer<Slot>, mask: Int) {
        unsafe self.slots = slots
        self.mask = mask
    }

    /// Room for that many names with at most five eighths of the slots taken.
    static func capacity(for count: Int) -> Int {
        var capacity = 64
        while capacity * 5 / 8 < count { capacity *= 2 }
        return capacity
    }

    /// What workers and publishers begin with: the same, since both apply the same changes to it.
    static func empty() -> OwnerTable { allocate(capacity: capacity(for: 0)) }

    func deallocate() { unsafe slots.deallocate() }

    /// A table of its own with the same contents in the same slots.
    func copy() -> OwnerTable {
        let other = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
        unsafe other.initialize(from: slots, count: capacity)
        var copy = unsafe OwnerTable(slots: other, mask: mask)
        copy.count = count
        return copy
    }

    /// Calls `body` with each owner record, in the order of the slots.
    func forEach(_ body: (_ hash: UInt64, _ owner: UnsafeRawPointer) -> Void) {
        for index in 0..<capacity {
            if let owner = unsafe slots[index].owner { unsafe body(slots[index].hash, owner) }
        }
    }

    // MARK: The packet path

    @inline(__always)
    func prefetch(_ hash: UInt64) {
        unsafe clinux_prefetch(slots + Int(truncatingIfNeeded: hash) & mask)
    }

    /// Prefetches the record that the hash most likely finds.
    @inline(__always)
    func prefetchOwner(_ hash: UInt64) {
        guard let owner = unsafe slots[Int(truncatingIfNeeded: hash) & mask].owner else { return }
        unsafe clinux_prefetch(owner)
        unsafe clinux_prefetch(owner + 64)
    }

    /// The record of the first `length` octets of a message's question, in any case; nil when it is
    /// not there.
    ///
    /// Premise: the span holds at least 7 octets more.
    @unsafe @inline(__always)
    func find(
        _ hash: UInt64, _ message: borrowing MutableRawSpan, length: Int
    ) -> UnsafeRawPointer? {
        var index = Int(truncatingIfNeeded: hash) & mask
        var probes = 0
        while probes < Self.maximumProbes {
            guard let owner = unsafe slots[index].owner else { return nil }
            if unsafe slots[index].hash == hash, unsafe Self.isNamed(owner, message, length) {
                return unsafe owner
            }
            index = (index &+ 1) & mask
            probes &+= 1
        }
        return nil
    }

    @unsafe @inline(__always)
    private static func isNamed(
        _ owner: UnsafeRawPointer, _ message: borrowing MutableRawSpan, _ length: Int
    ) -> Bool {
        let view = unsafe OwnerView(owner)
        guard unsafe Int(view.header.nameLength) == length else { return false }
        let own = unsafe view.name
        var offset = 0
        while offset < length {
            // Premise: the span holds 7 octets more than the name.
            let word = unsafe message.uncheckedWord(12 &+ offset)
            // Zeros follow the record's name.
            let rest = length &- offset
            let asked = rest >= 8 ? word : word & NameHash.mask(rest)
            let stored = unsafe own.load(fromByteOffset: offset, as: UInt64.self)
            // Most names are asked in lower case.
            guard stored == asked || stored == lowercased(asked) else { return false }
            offset &+= 8
        }
        return true
    }

    // MARK: Changes

    /// Puts, replaces or takes away one name.
    ///
    /// False: the name would lie too far from its slot, or what should be replaced is not there;
    /// nothing has changed then.
    mutating func apply(_ update: OwnerUpdate) -> Bool {
        guard let old = unsafe update.old else { return insert(update) }
        guard let index = unsafe self.index(of: old, update.hash) else { return false }
        if let new = unsafe update.new {
            unsafe slots[index].owner = new
        } else {
            remove(at: index)
        }
        return true
    }

    private func index(of owner: UnsafeRawPointer, _ hash: UInt64) -> Int? {
        var index = Int(truncatingIfNeeded: hash) & mask
        for _ in 0..<Self.maximumProbes {
            guard let found = unsafe slots[index].owner else { return nil }
            if unsafe found == owner { return index }
            index = (index + 1) & mask
        }
        return nil
    }

    private mutating func insert(_ update: OwnerUpdate) -> Bool {
        guard count < mask else { return false }
        var index = Int(truncatingIfNeeded: update.hash) & mask
        for _ in 0..<Self.maximumProbes {
            if unsafe slots[index].owner == nil {
                unsafe slots[index] = Slot(hash: update.hash, owner: update.new)
                count += 1
                return true
            }
            index = (index + 1) & mask
        }
        return false
    }

    /// Closes the gap: what follows and may stand nearer to its own slot moves back.
    private mutating func remove(at removed: Int) {
        var gap = removed
        var index = (gap + 1) & mask
        while unsafe slots[index].owner != nil {
            let home = unsafe Int(truncatingIfNeeded: slots[index].hash) & mask
            if (index - home) & mask >= (index - gap) & mask {
                unsafe slots[gap] = slots[index]
                gap = index
            }
            index = (index + 1) & mask
        }
        unsafe slots[gap] = Slot(hash: 0, owner: nil)
        count -= 1
    }
}
