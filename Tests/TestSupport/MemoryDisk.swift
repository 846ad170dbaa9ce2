// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// A small disk in memory, which is there as long as the value is.
package final class MemoryDisk: Sendable {
    private let folder: Folder
    package let path: String

    /// Nil where this process may not mount anything.
    package init?(octetCount: Int) throws {
        folder = try Folder()
        path = folder.path("disk")
        guard unsafe mkdir(path, 0o755) == 0,
            unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(octetCount)") == 0
        else { return nil }
    }

    deinit { unsafe umount2(path, 2) }  // MNT_DETACH

    /// Leaves no room at all on it, until `makeRoom`.
    package func fill() throws {
        let file = unsafe open("\(path)/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Failure("no file on the disk") }
        defer { close(file) }
        // A disk in memory gives whole pages.
        let page = [UInt8](repeating: 1, count: 4096)
        while unsafe write(file, page, page.count) > 0 {}
        guard errno == ENOSPC else { throw Failure("the disk does not fill: \(errno)") }
    }

    package func makeRoom() { unsafe unlink("\(path)/filler") }

    /// Refuses every change from now on.
    package func makeReadOnly() -> Bool {
        unsafe mount("tmpfs", path, "tmpfs", 32 | 1, nil) == 0  // MS_REMOUNT, MS_RDONLY
    }

    package static let isPossible = (try? MemoryDisk(octetCount: 1 << 16)) != nil
}
