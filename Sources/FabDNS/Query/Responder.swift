// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// What became of a message.
enum Outcome {
    /// The message is a reply of so many octets.
    case answered(Int)
    case drop
    /// Another queue finishes it; the worker parks it under the token.
    case deferred(UInt64)
}

/// All that a worker needs to turn queries into replies: the tables of its catalogs, the rows of
/// its places, counters.
///
/// Belongs to one queue. Its parts are plain memory, so that a query retains nothing.
@safe
final class Responder {
    /// How many catalogs and places a configuration may have.
    static let maximumTables = 64
    static let maximumPlaces = 1024
    /// Numbers that a query can mark: half of them bound the addresses of a service, since each may
    /// also be a host.
    static let maximumMarks = 1 << 17

    let hash: NameHash
    let tables: UnsafeMutablePointer<OwnerTable>
    let serials: UnsafeMutablePointer<UInt32>
    /// Rows are owned by the publishers of answers, which keep them until the worker has another.
    let rows: UnsafeMutablePointer<UnsafePointer<UInt8>?>
    /// What is to be said of each table beside its answers.
    let notices: UnsafeMutablePointer<TableNotice>
    let counters: UnsafeMutablePointer<Counters>
    let meters: UnsafeMutablePointer<Meters>
    let ring: QueryRing
    let scratch: QueryScratch
    let marks: UnsafeMutablePointer<QueryMarks>
    private let gathered: UnsafeMutablePointer<UInt32>
    private var random: UInt64

    init(hash: NameHash) {
        self.hash = hash
        unsafe tables = .allocate(capacity: Self.maximumTables)
        for index in 0..<Self.maximumTables {
            unsafe (tables + index).initialize(to: .empty())
        }
        unsafe serials = .allocate(capacity: Self.maximumTables)
        unsafe serials.initialize(repeating: 0, count: Self.maximumTables)
        unsafe rows = .allocate(capacity: Self.maximumPlaces)
        unsafe rows.initialize(repeating: nil, count: Self.maximumPlaces)
        unsafe notices = .allocate(capacity: Self.maximumTables)
        for index in 0..<Self.maximumTables {
            unsafe (notices + index).initialize(to: TableNotice())
        }
        unsafe counters = .allocate(capacity: 1)
        unsafe counters.initialize(to: Counters())
        unsafe meters = .allocate(capacity: 1)
        unsafe meters.initialize(to: Meters())
        unsafe gathered = .allocate(capacity: LocalityGroup.maximumAddresses)
        unsafe gathered.initialize(repeating: 0, count: LocalityGroup.maximumAddresses)
        unsafe marks = .allocate(capacity: 1)
        unsafe marks.initialize(to: QueryMarks())
        unsafe scratch = QueryScratch()
        ring = QueryRing()
        random = UInt64.random(in: 1...UInt64.max)
    }

    deinit {
        for index in 0..<Self.maximumTables { unsafe tables[index].deallocate() }
        unsafe tables.deallocate()
        unsafe serials.deallocate()
        unsafe rows.deallocate()
        unsafe notices.deallocate()
        unsafe counters.deallocate()
        unsafe meters.pointee.deallocate()
        unsafe meters.deallocate()
        unsafe gathered.deallocate()
        unsafe marks.pointee.deallocate()
        unsafe marks.deallocate()
        unsafe scratch.deallocate()
    }

    /// A number below `bound` that is as likely as any other (xorshift64*).
    @inline(__always)
    func rotation(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        random ^= random &>> 12
        random ^= random &<< 25
        random ^= random &>> 27
        let draw = random &* 0x2545_F491_4F6C_DD1D
        return Int(truncatingIfNeeded: draw.multipliedFullWidth(by: UInt64(bound)).high)
    }

    var gatheredAddresses: UnsafeMutablePointer<UInt32> { unsafe gathered }
}
