// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Synchronization

/// Everything that was read for a configuration, to tell later whether it has changed.
package final class CorefileRecord: Sendable {
    private let read = Mutex<[UInt8]>([])

    package init() {}

    /// Names and contents, one after the other.
    package var octets: [UInt8] { read.withLock { $0 } }

    /// The same files, remembered as they are read.
    package func watching(_ files: CorefileFiles) -> CorefileFiles {
        CorefileFiles(
            read: { [self] path in
                let result = files.read(path)
                switch result {
                case .success(let octets): add(path, octets)
                case .failure(let error): add(path, Array(error.message.utf8))
                }
                return result
            },
            matches: { [self] pattern in
                let paths = files.matches(pattern)
                add(pattern, paths.flatMap { Array($0.utf8) + [0] })
                return paths
            })
    }

    private func add(_ name: String, _ octets: [UInt8]) {
        read.withLock { read in
            read += Array(name.utf8) + [0]
            read += octets + [0]
        }
    }
}
