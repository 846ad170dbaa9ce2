// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The objects of one resource, their history, and who watches them.
struct WatchedResource: Sendable {
    struct Object: Sendable {
        let json: @Sendable (String) -> String
        let octets: [UInt8]
    }

    struct Event: Sendable {
        let version: UInt64
        let kind: String
        let octets: [UInt8]
    }

    private static let maximumEvents = 400_000
    private static let maximumSnapshots = 16

    private let type: ResourceType
    private var objects: [String: Object] = [:]
    /// Sorted, until another comes or one goes.
    private var keys: [String]?
    private var history: [Event] = []
    /// The number of the first event of the history, of all that ever were.
    private var firstEvent = 0
    /// Versions before this one are forgotten.
    private var oldest: UInt64 = 0
    /// What pages show that go on a list, by its version; the oldest first.
    private var snapshots: [(version: UInt64, objects: [[UInt8]])] = []
    private(set) var bells: [Int: Bell] = [:]
    private var lastKey = 0

    init(_ path: String) { type = ResourceType(path: path) }

    var count: Int { objects.count }
    func has(_ key: String) -> Bool { objects[key] != nil }

    // MARK: Changes

    mutating func put(
        _ key: String, _ json: @escaping @Sendable (String) -> String, version: UInt64
    ) {
        let object = Object(json: json, octets: Array(json(String(version)).utf8))
        let isNew = objects.updateValue(object, forKey: key) == nil
        if isNew { keys = nil }
        tell(Event(version: version, kind: isNew ? "ADDED" : "MODIFIED", octets: object.octets))
    }

    mutating func remove(_ key: String, version: UInt64) {
        guard let object = objects.removeValue(forKey: key) else { return }
        keys = nil
        let octets = Array(object.json(String(version)).utf8)
        tell(Event(version: version, kind: "DELETED", octets: octets))
    }

    private mutating func tell(_ event: Event) {
        if history.count >= Self.maximumEvents {
            let count = Self.maximumEvents / 2
            oldest = history[count - 1].version
            firstEvent += count
            history.removeFirst(count)
        }
        history.append(event)
        for bell in bells.values { bell.ring() }
    }

    mutating func forget(at version: UInt64) {
        firstEvent += history.count
        history = []
        snapshots = []
        oldest = version
        for bell in bells.values { bell.ring() }
    }

    // MARK: Lists

    /// A page of a list; nil when its token is of no list that is still known.
    mutating func page(limit: Int, token: String, version: UInt64) -> ListPage? {
        guard !token.isEmpty else {
            let all = snapshot()
            let page = ListPage(type: type, all: all, version: version, start: 0, limit: limit)
            if page.next != nil, snapshots.last?.version != version {
                snapshots.append((version, all))
                if snapshots.count > Self.maximumSnapshots { snapshots.removeFirst() }
            }
            return page
        }
        let parts = token.split(separator: ".").map { UInt64($0) }
        guard parts.count == 2, let version = parts[0],
            let start = parts[1].flatMap({ Int(exactly: $0) }),
            let all = snapshots.first(where: { $0.version == version })?.objects,
            start <= all.count
        else { return nil }
        return ListPage(type: type, all: all, version: version, start: start, limit: limit)
    }

    /// All objects in the order of their names.
    private mutating func snapshot() -> [[UInt8]] {
        let sorted = keys ?? objects.keys.sorted()
        keys = sorted
        return sorted.compactMap { objects[$0]?.octets }
    }

    // MARK: Watches

    /// Rings the bell for each event from now on, until the key that this returns is dropped; the
    /// objects that the watch begins with.
    mutating func begin(_ watch: inout WatchRun, _ bell: Bell) -> (key: Int, initial: [[UInt8]]) {
        lastKey += 1
        bells[lastKey] = bell
        if watch.since == 0 {
            watch.nextEvent = firstEvent + history.count
            return (lastKey, snapshot())
        }
        // A number that was never in the history is forgotten.
        watch.nextEvent =
            watch.since < oldest ? -1 : firstEvent + firstIndex(after: watch.since)
        return (lastKey, [])
    }

    mutating func drop(_ key: Int) { bells[key] = nil }

    /// Where in the history the events after a version begin.
    private func firstIndex(after version: UInt64) -> Int {
        var low = 0
        var high = history.count
        while low < high {
            let middle = (low + high) / 2
            if history[middle].version > version {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    /// The events that a watch has not yet sent; nil when they are forgotten.
    func events(from number: Int, atMost limit: Int) -> ArraySlice<Event>? {
        guard number >= firstEvent else { return nil }
        let rest = history[min(number - firstEvent, history.count)...]
        return rest.prefix(limit)
    }
}
