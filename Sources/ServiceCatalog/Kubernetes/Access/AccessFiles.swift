// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Glibc

/// Files that are asked for again and again, read when they have changed.
struct AccessFiles {
    /// Files that are remembered: one kubeconfig names four more.
    private static let maximumCount = 16
    /// Nanoseconds for which a file may change once more without a new time.
    private static let settling: Int64 = 2_000_000_000

    /// What the system says of a file that has not changed.
    private struct Stamp: Equatable {
        let device: dev_t
        let inode: ino_t
        let size: off_t
        let modified: Int64
        let changed: Int64

        /// Whether a change after this stamp would be seen in the next one.
        func isSettled(at nanoseconds: Int64) -> Bool {
            max(modified, changed) &+ AccessFiles.settling < nanoseconds
        }
    }

    struct Problem: Error {
        let text: String
    }

    private var known: [String: (stamp: Stamp, octets: [UInt8])] = [:]

    /// The octets of a regular file.
    mutating func read(_ path: String, atMost maximum: Int) throws(Problem) -> [UInt8] {
        let stamp = try Self.stamp(path)
        if let file = known[path], file.stamp == stamp { return file.octets }
        known[path] = nil
        let octets: [UInt8]
        do {
            octets = try FileOctets.read(path: path, atMost: maximum)
        } catch .unreadable(_, let reason) {
            throw Problem(text: reason)
        } catch {
            throw Problem(text: "expected a file of at most \(maximum >> 10) KiB")
        }
        if stamp.isSettled(at: Self.nanoseconds()) {
            if known.count >= Self.maximumCount { known = [:] }
            known[path] = (stamp, octets)
        }
        return octets
    }

    /// Has every file read again.
    mutating func forget() { known = [:] }

    private static func stamp(_ path: String) throws(Problem) -> Stamp {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            guard let reason = unsafe strerror(errno) else { throw Problem(text: "unreadable") }
            throw Problem(text: unsafe String(cString: reason))
        }
        // To open a pipe could take for ever.
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(text: "expected a regular file")
        }
        return Stamp(
            device: status.st_dev, inode: status.st_ino, size: status.st_size,
            modified: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim))
    }

    /// The time of day in seconds since the beginning of 1970.
    static func seconds() -> Double { Double(nanoseconds()) / 1e9 }

    private static func nanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
