// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
internal import Log
import ServiceCatalog

/// Saves what the APIs of a catalog have said, on a queue of its own, so that a start without them
/// has something to answer.
final class StateKeeper: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only.
    private let queue = DispatchQueue(label: "fabdns.state", qos: .utility)
    private let folder: StateFolder
    private let content: @Sendable (FeedIdentity) -> SavedFeed?
    private let log: Log
    private var schedules: [FeedIdentity: SaveSchedule]
    private var nextLook = Double.infinity
    private var isStopped = false
    /// Why feeds could not be saved the last time.
    private var errors: [FeedIdentity: String] = [:]

    /// What is saved says when it was current, which has to stay true enough for the policies.
    private static let longestRefresh = 3600.0
    private static let shortestRefresh = 60.0
    private let refreshSeconds: Double
    private let intervalSeconds: Double

    /// `content` is asked on the keeper's queue.
    init(
        _ folder: StateFolder, feeds: [CatalogFeed], intervalSeconds: Double, log: Log,
        content: @escaping @Sendable (FeedIdentity) -> SavedFeed?
    ) {
        self.folder = folder
        self.log = log
        self.content = content
        self.intervalSeconds = intervalSeconds
        schedules = Dictionary(
            uniqueKeysWithValues: feeds.filter { $0.identity.stateName != nil }.map {
                ($0.identity, SaveSchedule(interval: intervalSeconds))
            })
        refreshSeconds = feeds.filter { $0.stale.action != .hold }.map(\.stale.afterSeconds).reduce(
            Self.longestRefresh
        ) { min($0, max(Self.shortestRefresh, $1 / 2)) }
        queue.async { [self] in planRefresh() }
    }

    /// What is saved of a feed; what had to be refused is logged.
    func load(_ feed: FeedIdentity) -> SavedFeed? {
        guard let name = feed.stateName else { return nil }
        return queue.sync {
            let (saved, refused) = folder.load(name)
            for error in refused { log.warning("\(error); not used") }
            return saved
        }
    }

    /// The clusters that have something saved.
    var clusters: [String] {
        let prefix = "cluster-"
        return queue.sync { folder.feeds }.filter { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }
    }

    /// A feed is gone for good.
    func forget(_ feed: FeedIdentity) {
        queue.async { [self] in
            schedules[feed] = nil
            errors[feed] = nil
            if let name = feed.stateName, !isStopped { folder.remove(name) }
        }
    }

    /// A feed comes that was not there at the start.
    func add(_ feed: FeedIdentity) {
        queue.async { [self] in
            schedules[feed] = schedules[feed] ?? SaveSchedule(interval: intervalSeconds)
        }
    }

    /// From any queue: what a feed says has changed.
    func noteChange(_ feed: FeedIdentity) {
        queue.async { [self] in
            schedules[feed]?.noteChange(at: Self.now)
            plan()
        }
    }

    /// Saves everything at once, before the process ends: it is current now.
    func finish() {
        queue.sync {
            for feed in schedules.keys { schedules[feed]?.noteChange(at: Self.now) }
            save { _ in true }
            isStopped = true
        }
    }

    /// Somebody else saves from now on.
    func stop() { queue.sync { isStopped = true } }

    // MARK: On the queue

    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    private func plan() {
        let deadline = schedules.values.compactMap(\.deadline).min() ?? .infinity
        guard !isStopped, deadline < nextLook else { return }
        nextLook = deadline
        queue.asyncAfter(deadline: .now() + max(0, deadline - Self.now)) { [weak self] in
            guard let self, !isStopped else { return }
            nextLook = .infinity
            save { $0 <= Self.now }
            plan()
        }
    }

    private func planRefresh() {
        queue.asyncAfter(deadline: .now() + refreshSeconds) { [weak self] in
            guard let self, !isStopped else { return }
            for feed in schedules.keys { schedules[feed]?.noteChange(at: Self.now) }
            plan()
            planRefresh()
        }
    }

    private func save(_ isDue: (Double) -> Bool) {
        guard !isStopped else { return }
        for (feed, schedule) in schedules {
            guard let deadline = schedule.deadline, isDue(deadline) else { continue }
            let moment = Self.now
            guard let saved = content(feed) else {
                schedules[feed]?.noteSaved(at: moment)
                continue
            }
            do throws(SavedStateError) {
                try folder.save(saved)
                schedules[feed]?.noteSaved(at: moment)
                if errors.removeValue(forKey: feed) != nil, errors.isEmpty {
                    log.info("\(folder.path): state is saved again")
                }
            } catch {
                schedules[feed]?.noteFailed(at: moment)
                guard errors.updateValue("\(error)", forKey: feed) != "\(error)" else { continue }
                log.warning("\(error); serving goes on from memory")
            }
        }
    }
}
