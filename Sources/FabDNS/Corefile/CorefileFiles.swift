// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Glibc

/// Where Corefiles and what they import come from: the disk, or nothing at all in tests.
package struct CorefileFiles: Sendable {
    /// The octets of a file; a failure says why there are none, in words that follow its name.
    package var read: @Sendable (_ path: String) -> Result<[UInt8], FileError>
    /// The sorted paths that a pattern with one `*` stands for.
    package var matches: @Sendable (_ pattern: String) -> [String]

    package init(
        read: @escaping @Sendable (_ path: String) -> Result<[UInt8], FileError>,
        matches: @escaping @Sendable (_ pattern: String) -> [String]
    ) {
        self.read = read
        self.matches = matches
    }

    /// The host's files.
    package static let disk = CorefileFiles(
        read: { path in readFromDisk(path) }, matches: { pattern in globOnDisk(pattern) })

    /// No file exists.
    package static let none = CorefileFiles(
        read: { _ in .failure(FileError("No such file or directory")) }, matches: { _ in [] })

    /// A Corefile is written by hand; whatever is longer is something else.
    package static let maximumOctetsPerFile = 1 << 20
}

/// Why a file could not be read.
package struct FileError: Error, Sendable, Equatable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    fileprivate static func lastSystemError() -> FileError {
        FileError(unsafe String(cString: strerror(errno)))
    }
}

/// Reads a file, a pipe or a terminal up to the bound; a pipe without a writer is empty, a silent
/// one an error.
private func readFromDisk(_ path: String) -> Result<[UInt8], FileError> {
    // The path is a zero-terminated copy for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(.lastSystemError()) }
    defer { close(descriptor) }
    let limit = CorefileFiles.maximumOctetsPerFile
    var octets: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while octets.count <= limit {
        let capacity = buffer.count
        // The kernel writes at most the buffer's own count.
        let count = unsafe Glibc.read(descriptor, &buffer, capacity)
        if count == 0 { return .success(octets) }
        if count > 0 {
            octets += buffer[..<count]
        } else if errno == EAGAIN {
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&state, 1, silenceMilliseconds)
            guard ready != 0 else { return .failure(FileError("nothing arrives from it")) }
        } else if errno != EINTR {
            return .failure(.lastSystemError())
        }
    }
    return .failure(FileError("larger than \(limit) octets"))
}

/// How long a pipe may keep us waiting.
private let silenceMilliseconds: Int32 = 5000

private func globOnDisk(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    // glob allocates what globfree releases, also after a failure.
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
        unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
}
