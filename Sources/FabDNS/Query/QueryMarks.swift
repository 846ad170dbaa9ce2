// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a query has answered already, by number: an address that is in several groups, a host that
/// is in several localities.
///
/// Plain memory of a worker, not cleared between queries: each query has a mark of its own.
@unsafe
struct QueryMarks {
    private let marks: UnsafeMutablePointer<UInt32>
    private var current: UInt32 = 0

    init() {
        unsafe marks = .allocate(capacity: Responder.maximumMarks)
        unsafe marks.initialize(repeating: 0, count: Responder.maximumMarks)
    }

    func deallocate() { unsafe marks.deallocate() }

    /// Forgets what is marked.
    mutating func begin() {
        unsafe current &+= 1
        guard unsafe current == 0 else { return }
        // Once in 2^32 queries the marks begin anew.
        unsafe marks.update(repeating: 0, count: Responder.maximumMarks)
        unsafe current = 1
    }

    /// Whether the number was not marked; it is now.
    ///
    /// Premise: `number` is below `Responder.maximumMarks`; `ServiceAnswers.isSound` checks it.
    @inline(__always)
    func insert(_ number: UInt32) -> Bool {
        guard unsafe marks[Int(number)] != current else { return false }
        unsafe marks[Int(number)] = current
        return true
    }
}
