// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a worker counts, in memory that it alone writes.
///
/// Every message that comes is a query or ignored; every query has one reply, counted by its code.
struct Counters: Sendable {
    /// Too short, or a response.
    var ignored: UInt64 = 0
    /// Replies that the kernel did not take.
    var unsent: UInt64 = 0
    var truncated: UInt64 = 0
    /// RRsets that would not have fit any message and were cut.
    var cut: UInt64 = 0
    /// Replies by RCODE; the last one stands for all others.
    var codes = InlineArray<8, UInt64>(repeating: 0)

    /// Adds what another worker has counted.
    mutating func add(_ other: Counters) {
        ignored += other.ignored
        unsent += other.unsent
        truncated += other.truncated
        cut += other.cut
        for index in codes.indices { codes[index] += other.codes[index] }
    }

    /// Queries, each of which has had its reply.
    var queries: UInt64 { codes.indices.reduce(0) { $0 &+ codes[$1] } }
}
