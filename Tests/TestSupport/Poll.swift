// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// Waiting for descriptors.
enum Poll {
    /// What the peer's end looks like: Glibc has POLLRDHUP for GNU sources alone.
    static let peerEnded: Int32 = 0x2000

    /// Waits for one of them, with a time limit unless it is negative; what is ready of each.
    static func wait(_ wanted: [(descriptor: Int32, events: Int32)], milliseconds: Int32 = -1)
        -> [Int32]
    {
        var polled = wanted.map {
            pollfd(fd: $0.descriptor, events: Int16(truncatingIfNeeded: $0.events), revents: 0)
        }
        let count = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
        // After a signal nothing is ready, and the caller asks again.
        return polled.map { count > 0 ? Int32($0.revents) : 0 }
    }
}
