// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
package import Dispatch
internal import Glibc

/// Tells when a file may have changed, however it is replaced: written in place, renamed over, or
/// behind a symbolic link that moves, as a mounted ConfigMap's `..data` does.
///
/// Watches the folder of the file and of each link on the way to it; looks at the file itself now
/// and then, for file systems that tell nothing.
package final class FileWatch {
    /// What tells two states of a file apart.
    private struct Identity: Equatable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var octets: Int64 = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0
    }

    private let path: String
    private let inotify: Int32
    private let source: (any DispatchSourceRead)?
    private let timer: any DispatchSourceTimer
    private let changed: () -> Void
    private var watches: [Int32] = []
    private var identity: Identity

    private static let lookSeconds = 30

    package init(path: String, queue: DispatchQueue, changed: @escaping () -> Void) {
        self.path = path
        self.changed = changed
        identity = Self.identity(of: path)
        inotify = clinux_inotify()
        let descriptor = inotify
        source =
            inotify < 0
            ? nil : DispatchSource.makeReadSource(fileDescriptor: inotify, queue: queue)
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(
            deadline: .now() + .seconds(Self.lookSeconds), repeating: .seconds(Self.lookSeconds),
            leeway: .seconds(5))
        timer.setEventHandler { [unowned self] in look() }
        source?.setEventHandler { [unowned self] in
            clinux_inotify_drain(descriptor)
            look()
        }
        source?.setCancelHandler { _ = close(descriptor) }
        watchFolders()
        source?.activate()
        timer.activate()
    }

    package func stop() {
        source?.cancel()
        timer.cancel()
    }

    private func look() {
        let now = Self.identity(of: path)
        guard now != identity else { return }
        identity = now
        watchFolders()
        changed()
    }

    /// The folders move with the links, so the watches are set anew.
    private func watchFolders() {
        for watch in watches { clinux_inotify_forget(inotify, watch) }
        watches = []
        for folder in FilePath.foldersThatDecide(path) {
            let watch = unsafe clinux_inotify_watch(inotify, folder)
            if watch >= 0 { watches.append(watch) }
        }
    }

    private static func identity(of path: String) -> Identity {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return Identity() }
        return Identity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            octets: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }
}
