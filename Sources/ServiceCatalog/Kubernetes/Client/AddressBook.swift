// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import HTTPClient

/// The addresses of an API server's name: those that a lookup finds soon, else those that the last
/// good one found.
///
/// A resolver that is silent costs a call a moment, not the minute that the system gives it. Lives
/// on the loop's queue.
final class AddressBook {
    private struct Entry {
        /// What the last lookup found that found something.
        var known: [String] = []
        /// When the lookup began that runs.
        var began: UInt64?
        var waiting: [([String]) -> Void] = []
    }

    private let lookup: NameLookup
    private let loop: EventLoop
    private let timer: LoopTimer
    private var entries: [String: Entry] = [:]

    /// So long a lookup is waited for where addresses are known.
    private static let patienceMilliseconds = 1_000

    init(lookup: NameLookup, loop: EventLoop) throws(SystemError) {
        self.lookup = lookup
        self.loop = loop
        var fire: () -> Void = {}
        timer = try LoopTimer { fire() }
        try loop.watch(timer, for: .read)
        fire = { [weak self] in self?.stopWaiting() }
    }

    func stop() {
        entries = [:]
        loop.forget(timer)
    }

    /// Delivers once, maybe at once; nothing where no lookup has found anything.
    func addresses(of host: String, deliver: @escaping ([String]) -> Void) {
        let now = loop.nowMilliseconds
        if let entry = entries[host], let began = entry.began {
            let isLate = now >= began + UInt64(Self.patienceMilliseconds)
            if isLate, !entry.known.isEmpty { return deliver(entry.known) }
            entries[host]?.waiting.append(deliver)
            return
        }
        // A server has one name at a time.
        entries = entries.filter { $0.key == host || $0.value.began != nil }
        entries[host, default: Entry()].began = now
        entries[host]?.waiting.append(deliver)
        timer.set(milliseconds: Self.patienceMilliseconds)
        let loop = loop
        let book = LoopBound(self)
        lookup.addresses(of: host) { found in
            loop.enqueue { book.value.end(host, found) }
        }
    }

    private func end(_ host: String, _ found: [String]) {
        guard var entry = entries[host] else { return }
        let waiting = entry.waiting
        if !found.isEmpty { entry.known = found }
        entry.began = nil
        entry.waiting = []
        entries[host] = entry
        for deliver in waiting { deliver(entry.known) }
    }

    private func stopWaiting() {
        for (host, entry) in entries where !entry.known.isEmpty {
            entries[host]?.waiting = []
            for deliver in entry.waiting { deliver(entry.known) }
        }
    }
}
