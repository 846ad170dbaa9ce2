// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Synchronization

/// One query as logs and live views see it.
struct QueryRecord {
    var type: UInt16 = 0
    var code: UInt8 = 0
    var replyLength: UInt16 = 0
    var nameLength: UInt8 = 0
    /// The name as asked, without compression.
    var name = InlineArray<256, UInt8>(repeating: 0)
}

/// The last queries of a worker, for one reader on another queue; a slow reader loses records and
/// never stalls the worker.
@safe
final class QueryRing: @unchecked Sendable {
    // Premise of @unchecked Sendable: `written` orders the worker's stores before the reader's
    // loads; a record that was overwritten while it was read is told by `written` and thrown away.
    static let capacity = 1024

    private let records: UnsafeMutablePointer<QueryRecord>
    private let written = Atomic<UInt64>(0)
    private let enabled = Atomic<Bool>(false)

    init() {
        unsafe records = .allocate(capacity: Self.capacity)
        unsafe records.initialize(repeating: QueryRecord(), count: Self.capacity)
    }

    deinit { unsafe records.deallocate() }

    /// Whether anybody reads; nothing is recorded otherwise.
    @inline(__always)
    var isEnabled: Bool {
        get { enabled.load(ordering: .relaxed) }
        set { enabled.store(newValue, ordering: .relaxed) }
    }

    /// For the worker.
    func record(_ message: borrowing MutableRawSpan, _ query: borrowing Query, replyLength: Int) {
        let number = written.load(ordering: .relaxed)
        let slot = Int(number % UInt64(Self.capacity))
        unsafe records[slot].type = query.type
        unsafe records[slot].code = message.octet(3) & 0x0F
        unsafe records[slot].replyLength = UInt16(truncatingIfNeeded: replyLength)
        unsafe records[slot].nameLength = UInt8(truncatingIfNeeded: query.nameLength)
        for offset in 0..<query.nameLength {
            unsafe records[slot].name[offset] = message.octet(12 + offset)
        }
        written.store(number &+ 1, ordering: .releasing)
    }

    /// For the reader: the records from `number` on, and the number to ask for next.
    func read(from number: UInt64) -> (records: [QueryRecord], next: UInt64) {
        let end = written.load(ordering: .acquiring)
        let oldest = end > UInt64(Self.capacity) ? end - UInt64(Self.capacity) : 0
        var taken: [QueryRecord] = []
        for position in max(number, oldest)..<max(end, number, oldest) {
            let record = unsafe records[Int(position % UInt64(Self.capacity))]
            guard written.load(ordering: .acquiring) < position + UInt64(Self.capacity) else {
                continue
            }
            taken.append(record)
        }
        return (taken, end)
    }
}
