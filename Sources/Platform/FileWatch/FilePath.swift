// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// What a path means on this machine.
enum FilePath {
    /// The kernel's bound on links in one path.
    private static let maximumLinks = 40
    private static let maximumOctets = 4096

    /// The folders whose entries decide which file a path names: that of each symbolic link on the
    /// way, and that of the file.
    static func foldersThatDecide(_ path: String) -> Set<String> {
        var folders: Set<String> = []
        var links = 0
        var folder = path.hasPrefix("/") ? "/" : "."
        var rest = Array(path.split(separator: "/").reversed())
        while let name = rest.popLast() {
            let entry = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            if let target = target(ofLink: entry) {
                folders.insert(folder)
                links += 1
                guard links <= maximumLinks else { break }
                if target.hasPrefix("/") { folder = "/" }
                rest += target.split(separator: "/").reversed()
            } else {
                if rest.isEmpty { folders.insert(folder) }
                folder = entry
            }
        }
        return folders
    }

    private static func target(ofLink path: String) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: maximumOctets) { target in
            guard let start = target.baseAddress else { return nil }
            let count = unsafe readlink(path, start, target.count)
            guard count > 0 else { return nil }
            return unsafe String(
                decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
