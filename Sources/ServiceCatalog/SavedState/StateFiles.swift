// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// System calls in one folder, which this process has for itself.
struct StateFiles: Sendable {
    static let maximumSize = 1 << 30

    private let path: String
    private let folder: Int32
    private let lock: Int32

    /// Opens the folder, which is made if it is missing, and locks it.
    init(path: String) throws(SavedStateError) {
        self.path = path
        try Self.makeFolders(path)
        folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure(path, "open") }
        do throws(SavedStateError) {
            lock = try Self.lock(in: folder, path: "\(path)/.lock")
        } catch {
            Glibc.close(folder)
            throw error
        }
    }

    func close() {
        // A child on its way from fork to exec has the descriptor too, and would keep the lock.
        flock(lock, LOCK_UN)
        Glibc.close(lock)
        Glibc.close(folder)
    }

    func path(of name: String) -> String { "\(path)/\(name)" }

    /// By what it is: links and other spellings lead to the same folder.
    func isFolder(at other: String) -> Bool {
        var own = stat()
        var found = stat()
        return unsafe fstat(folder, &own) == 0 && stat(other, &found) == 0
            && own.st_dev == found.st_dev && own.st_ino == found.st_ino
    }

    /// As `mkdir -p`; what is made outlives a power cut.
    private static func makeFolders(_ path: String) throws(SavedStateError) {
        var made = path.hasPrefix("/") ? "/" : "."
        for part in path.split(separator: "/") {
            let parent = made
            made += "/\(part)"
            // What exists may be no folder, or on a disk that cannot be written: opening it tells.
            guard unsafe mkdir(made, 0o750) != 0 else {
                try syncFolder(parent)
                continue
            }
            guard errno == EEXIST || errno == EROFS || errno == EACCES || errno == EPERM else {
                throw failure(path, "make the folder")
            }
        }
    }

    private static func syncFolder(_ path: String) throws(SavedStateError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
    }

    /// The lock goes with the descriptor, however this process ends.
    private static func lock(in folder: Int32, path: String) throws(SavedStateError) -> Int32 {
        var descriptor = unsafe openat(folder, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        if descriptor < 0, errno == EROFS || errno == EACCES {
            // What was saved can be read from a disk that cannot be written any more.
            descriptor = unsafe openat(folder, ".lock", O_RDONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw failure(path, "open") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let error = failure(path, "lock")
            Glibc.close(descriptor)
            throw isTaken
                ? SavedStateError(
                    path: path, reason: "another catalog or process keeps its state in this folder")
                : error
        }
        return descriptor
    }

    // MARK: Files

    /// The names of all files.
    func names() throws(SavedStateError) -> [String] {
        let descriptor = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, "list") }
        guard let stream = unsafe fdopendir(descriptor) else {
            Glibc.close(descriptor)
            throw Self.failure(path, "list")
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(
                unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
                    unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    /// The octets of a file; nil if there is none.
    func read(_ name: String) throws(SavedStateError) -> [UInt8]? {
        // A pipe that somebody put there must not be waited for.
        let descriptor = unsafe openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw failure(name, "open") }
            return nil
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(name, "read") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SavedStateError(path: path(of: name), reason: "expected a regular file")
        }
        let tooLarge = SavedStateError(path: path(of: name), reason: Self.tooLarge)
        guard status.st_size <= Self.maximumSize else { throw tooLarge }
        do throws(CatalogFileError) {
            return try FileOctets.read(descriptor, path: name, atMost: Self.maximumSize)
        } catch .unreadable(_, let reason) {
            throw SavedStateError(path: path(of: name), reason: "read: \(reason)")
        } catch {
            throw tooLarge
        }
    }

    static let tooLarge = "expected at most \(maximumSize >> 30) GiB"

    /// An empty file, open for writing.
    func create(_ name: String) throws(SavedStateError) -> Int32 {
        let descriptor = unsafe openat(
            folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
            0o640)
        guard descriptor >= 0 else { throw failure(name, "create") }
        return descriptor
    }

    func write(_ octets: [UInt8], to descriptor: Int32, _ name: String) throws(SavedStateError) {
        var written = 0
        while written < octets.count {
            let count = unsafe octets.withUnsafeBytes { octets in
                unsafe Glibc.write(
                    descriptor, octets.baseAddress?.advanced(by: written), octets.count - written)
            }
            guard count > 0 || count < 0 && errno == EINTR else { throw failure(name, "write") }
            written += max(count, 0)
        }
    }

    func sync(_ descriptor: Int32, _ name: String) throws(SavedStateError) {
        guard fsync(descriptor) == 0 else { throw failure(name, "sync") }
    }

    /// The descriptor is gone, whatever the outcome.
    func close(_ descriptor: Int32, _ name: String) throws(SavedStateError) {
        guard Glibc.close(descriptor) == 0 || errno == EINTR else { throw failure(name, "close") }
    }

    /// Puts a file in the place of another; false if there is none.
    func rename(_ name: String, to other: String) throws(SavedStateError) -> Bool {
        guard unsafe renameat(folder, name, folder, other) != 0 else { return true }
        guard errno == ENOENT else { throw failure(name, "rename") }
        return false
    }

    /// Removes a file that may be there.
    func remove(_ name: String) {
        unsafe unlinkat(folder, name, 0)
    }

    func syncFolder() throws(SavedStateError) {
        guard fsync(folder) == 0 else { throw Self.failure(path, "sync") }
    }

    private func failure(_ name: String, _ step: String) -> SavedStateError {
        Self.failure(path(of: name), step)
    }

    /// What the last system call said.
    private static func failure(_ path: String, _ step: String) -> SavedStateError {
        let reason = unsafe String(cString: strerror(errno))
        return SavedStateError(path: path, reason: "\(step): \(reason)")
    }
}
