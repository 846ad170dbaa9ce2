// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Memory beside the message while it is read, owned by a responder and used again for every query,
/// so that it stays in the nearest cache.
///
/// Premise of every access: the responder's queue is the only one to use it.
@unsafe
struct QueryScratch {
    /// The name in lower case from its first label on, aligned to 8; at least 8 octets follow the
    /// longest name.
    let name: UnsafeMutableRawPointer
    /// The offset of each label in the name.
    let labelStarts: UnsafeMutablePointer<UInt8>

    init() {
        let base = UnsafeMutableRawPointer.allocate(byteCount: 448, alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: 448)
        unsafe name = base
        unsafe labelStarts = (base + 272).assumingMemoryBound(to: UInt8.self)
    }

    func deallocate() { unsafe name.deallocate() }
}

/// Reads the one question (RFC 1035 §4.1.2): bounds, labels, type; leaves the name in lower case
/// in the scratch memory.
///
/// A compression pointer cannot occur in the first name of a message. The span holds at least 8
/// octets more than any question needs.
@inline(__always)
func readQuestion(
    _ message: borrowing MutableRawSpan, length: Int, _ query: inout Query,
    _ scratch: borrowing QueryScratch
) -> Bool {
    var offset = 12
    var labels = 0
    // Names of 255 octets, so of 127 labels at most.
    let end = min(length, 12 &+ 255)
    while true {
        guard offset < end else { return false }
        // Premise: `end` is within the span.
        let labelLength = unsafe Int(message.uncheckedOctet(offset))
        if labelLength == 0 { break }
        guard labelLength <= 63 else { return false }
        unsafe scratch.labelStarts[labels] = UInt8(truncatingIfNeeded: offset &- 12)
        labels &+= 1
        offset &+= labelLength &+ 1
    }
    query.questionEnd = offset &+ 5
    guard query.questionEnd <= length else { return false }
    query.nameLength = offset &- 11
    query.labelCount = labels
    query.type = message.integer16(offset &+ 1)
    var folded = 0
    while folded < query.nameLength {
        // Premise: the span holds 8 octets more than the name.
        let word = unsafe message.uncheckedWord(12 &+ folded)
        unsafe scratch.name.storeBytes(
            of: lowercased(word), toByteOffset: folded, as: UInt64.self)
        folded &+= 8
    }
    return true
}
