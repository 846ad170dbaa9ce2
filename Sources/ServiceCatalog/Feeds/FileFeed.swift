// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import Dispatch
internal import FileWatch
internal import Glibc
package import Log

/// The feed of a catalog file: loads it, watches it, keeps the last good one.
package final class FileFeed: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only, which `start` and
    // `stop` check.

    /// One load, for metrics.
    package struct Load: Sendable, Equatable {
        package let seconds: Double
        package let end: ContinuousClock.Instant
        package let serviceCount: Int
    }

    private let path: String
    private let queue: DispatchQueue
    private let deliver: @Sendable ([FeedEvent]) -> Void
    private let log: Log
    private var watch: FileWatch?
    private var pending: DispatchWorkItem?
    /// When the first change came that has not been read yet.
    private var firstChange: DispatchTime?
    private var lastError: String?

    /// How often a load failed since the start.
    package private(set) var loadFailures: UInt64 = 0
    package private(set) var lastLoad: Load?

    /// Writers take several steps: the file is read when nothing has happened for so long.
    private static let quiet = DispatchTimeInterval.milliseconds(50)
    /// A file that is never quiet is read so long after its first change.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    package init(
        path: String, queue: DispatchQueue, deliver: @escaping @Sendable ([FeedEvent]) -> Void,
        log: Log
    ) {
        self.path = path
        self.queue = queue
        self.deliver = deliver
        self.log = log
    }

    /// Loads the file and begins to watch it.
    ///
    /// Without a catalog there is nothing to serve, so the first load throws.
    package func start() throws(CatalogFileError) {
        dispatchPrecondition(condition: .onQueue(queue))
        // The watch comes first: a change between the load and the watch would go unseen.
        watch = FileWatch(path: path, queue: queue) { [weak self] in self?.changed() }
        do throws(CatalogFileError) {
            try load()
        } catch {
            stop()
            throw error
        }
    }

    package func stop() {
        dispatchPrecondition(condition: .onQueue(queue))
        watch?.stop()
        watch = nil
        pending?.cancel()
    }

    private func changed() {
        pending?.cancel()
        let item = DispatchWorkItem { [weak self] in self?.reload() }
        pending = item
        let now = DispatchTime.now()
        let first = firstChange ?? now
        firstChange = first
        queue.asyncAfter(deadline: min(now + Self.quiet, first + Self.patience), execute: item)
    }

    private func reload() {
        firstChange = nil
        guard watch != nil else { return }
        do throws(CatalogFileError) {
            try load()
            lastError = nil
        } catch {
            loadFailures += 1
            guard "\(error)" != lastError else { return }
            lastError = "\(error)"
            log.error("\(error); the last good catalog stays")
        }
    }

    private func load() throws(CatalogFileError) {
        let start = ContinuousClock.now
        let loaded = try CatalogFile.load(path: path)
        for field in loaded.unknownFields { log.warning("\(path): unknown field \(field)") }
        deliver([.replaced(loaded.services), .synced])
        let end = ContinuousClock.now
        lastLoad = Load(
            seconds: (end - start) / .seconds(1), end: end, serviceCount: loaded.services.count)
    }
}
