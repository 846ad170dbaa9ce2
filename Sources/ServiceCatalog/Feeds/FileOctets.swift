// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Glibc

/// Reads whole files.
enum FileOctets {
    /// The octets of a file that grows no larger than the bound while it is read.
    static func read(path: String, atMost maximumSize: Int) throws(CatalogFileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        return try read(descriptor, path: path, atMost: maximumSize)
    }

    /// The same of a file that is open; `path` is for the error.
    static func read(
        _ descriptor: Int32, path: String, atMost maximumSize: Int
    ) throws(CatalogFileError) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(path) }
        var octets: [UInt8] = []
        // One octet more than expected sees the end of the file without a further allocation.
        var room = min(max(Int(status.st_size), 0), maximumSize) + 1
        while true {
            let count = try append(to: &octets, from: descriptor, room: room, path: path)
            guard count > 0 else { return octets }
            guard octets.count <= maximumSize else { throw .tooLarge(path: path) }
            room = max(room - count, 1 << 16)
        }
    }

    /// The octets that came, 0 at the end of the file.
    private static func append(
        to octets: inout [UInt8], from descriptor: Int32, room: Int, path: String
    ) throws(CatalogFileError) -> Int {
        let start = octets.count
        octets.append(contentsOf: repeatElement(0, count: room))
        var count: Int
        repeat {
            count = unsafe octets.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe Glibc.read(descriptor, base + start, room)
            }
        } while count < 0 && errno == EINTR
        octets.removeLast(room - max(count, 0))
        guard count >= 0 else { throw unreadable(path) }
        return count
    }

    private static func unreadable(_ path: String) -> CatalogFileError {
        .unreadable(path: path, reason: unsafe String(cString: strerror(errno)))
    }
}
