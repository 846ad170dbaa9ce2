// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Glibc
import TestSupport

/// A small disk in memory, which is there as long as the value is.
final class MemoryDisk: Sendable {
    private let folder: Folder
    let path: String

    /// Nil where this process may not mount anything.
    init?(octetCount: Int) throws {
        folder = try Folder()
        path = folder.path("disk")
        guard unsafe mkdir(path, 0o755) == 0,
            unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(octetCount)") == 0
        else { return nil }
    }

    deinit { unsafe umount2(path, 2) }  // MNT_DETACH

    /// Refuses every change from now on.
    func makeReadOnly() -> Bool {
        unsafe mount("tmpfs", path, "tmpfs", 32 | 1, nil) == 0  // MS_REMOUNT, MS_RDONLY
    }

    static let isPossible = (try? MemoryDisk(octetCount: 1 << 16)) != nil
}
