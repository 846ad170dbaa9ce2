// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Log
internal import Synchronization

/// Writes the query log: reads the workers' rings on a queue of its own, so that nobody who answers
/// waits for whoever reads the log.
final class QueryLog: @unchecked Sendable {
    // Premise of @unchecked Sendable: `readers` and `rules` are used on `queue` only.
    private struct Reader {
        let ring: QueryRing
        var next: UInt64 = 0
    }

    private let queue = DispatchQueue(label: "fabdns.log", qos: .utility)
    private let write: @Sendable (String, Int) -> Int
    private var readers: [Reader] = []
    private var rules: [LogRule] = []
    private var isAwake = false
    private let lost = Atomic<UInt64>(0)

    /// How long records may wait for each other.
    private static let pauseMilliseconds = 25

    /// `write` takes whole lines and their number; the number of lines that it lost.
    init(write: @escaping @Sendable (String, Int) -> Int) { self.write = write }

    /// Lines that were not written.
    var lostLines: UInt64 { lost.load(ordering: .relaxed) }

    /// Knows these rules from now on, which only grow.
    func know(_ rules: [LogRule]) { queue.async { [self] in self.rules = rules } }

    /// Reads the worker's ring from now on; to be called on the worker's queue.
    func follow(_ ring: QueryRing) {
        ring.open { [weak self] in self?.wake() }
        queue.async { [self] in
            if !readers.contains(where: { $0.ring === ring }) { readers.append(Reader(ring: ring)) }
        }
    }

    /// Writes what has been recorded until now.
    func flush() { queue.sync { _ = drain() } }

    private func wake() {
        queue.async { [self] in
            guard !isAwake else { return }
            isAwake = true
            work()
        }
    }

    private func work() {
        let isAnythingNew = drain()
        if !isAnythingNew, readers.allSatisfy({ $0.ring.sleep(after: $0.next) }) {
            isAwake = false
            return
        }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.pauseMilliseconds)) { [self] in
            work()
        }
    }

    /// Whether there was anything.
    private func drain() -> Bool {
        var text = ""
        var lines = 0
        var missed: UInt64 = 0
        for index in readers.indices {
            let (records, lost, next) = readers[index].ring.read(from: readers[index].next)
            missed += lost
            readers[index].next = next
            for record in records where Int(record.log) < rules.count {
                if let line = LogLine(record, rules[Int(record.log)]).text {
                    text += "[\(Log.Level.info.rawValue)] \(line)\n"
                    lines += 1
                }
            }
        }
        if lines > 0 { missed += UInt64(write(text, lines)) }
        if missed > 0 { lost.wrappingAdd(missed, ordering: .relaxed) }
        return lines > 0 || missed > 0
    }
}
