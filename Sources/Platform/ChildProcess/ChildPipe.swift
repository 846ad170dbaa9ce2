// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import Glibc

/// Our end of a pipe that a program writes to: collects what comes, up to a bound.
final class ChildPipe: Watcher {
    /// Octets that one call takes; the loop has others to serve.
    private static let chunk = 64 << 10
    /// What a pipe can hold at most: all that an ended program has left in it.
    private static let capacity = 1 << 20

    private(set) var octets: [UInt8] = []
    /// Whether more came than is kept.
    private(set) var isOverfull = false
    /// Whether the last writer has closed its end, or nothing can be read any more.
    private(set) var isEnded = false
    private let maximum: Int
    private let changed: () -> Void

    /// Takes the descriptor over; `changed` is called when the pipe has ended or become overfull.
    init(descriptor: Int32, atMost maximum: Int, changed: @escaping () -> Void) {
        self.maximum = maximum
        self.changed = changed
        super.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    override func ready(_ readiness: Readiness) {
        let wasOverfull = isOverfull
        _ = take()
        if isEnded || isOverfull != wasOverfull { changed() }
    }

    /// Takes what is in the pipe now, without waiting for its end: the program's own children may
    /// hold it open, and write for ever.
    func drain() {
        var taken = 0
        while taken <= Self.capacity, !isEnded {
            let count = take()
            guard count > 0 else { return }
            taken += count
        }
    }

    /// Reads once; how many octets came.
    private func take() -> Int {
        guard !isEnded else { return 0 }
        return unsafe withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 1) { buffer in
            var count: Int
            repeat {
                count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            guard count > 0 else {
                isEnded = count == 0 || errno != EAGAIN
                return 0
            }
            let room = maximum - octets.count
            unsafe octets.append(contentsOf: buffer.prefix(min(count, room)))
            if count > room { isOverfull = true }
            return count
        }
    }
}
