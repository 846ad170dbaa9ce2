// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a worker counts, in memory that it alone writes.
///
/// Every message that comes is a query or ignored; every query has one reply: `queries = replies`,
/// but for replies the kernel did not take, which are `unsent`.
struct Counters: Sendable {
    var queries: UInt64 = 0
    /// Too short, or a response.
    var ignored: UInt64 = 0
    var replies: UInt64 = 0
    var unsent: UInt64 = 0
    var truncated: UInt64 = 0
    /// RRsets that would not have fit any message and were cut.
    var cut: UInt64 = 0
    /// Replies by RCODE; the last one stands for all others.
    var codes = InlineArray<8, UInt64>(repeating: 0)
}
