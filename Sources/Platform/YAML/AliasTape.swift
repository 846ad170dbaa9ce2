// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The events that anchors cover, kept to be repeated where aliases stand.
///
/// The tape holds no aliases: what an alias inside an anchor repeats is recorded like the rest, so
/// that repeating is running over a range. A node cannot hold an alias to itself: its name is known
/// when it has ended.
struct AliasTape {
    private var events: [YAMLEvent] = []
    private var ranges: [[UInt8]: Range<Int>] = [:]
    /// The anchors whose nodes have not ended, the innermost last.
    private var openAnchors: [(name: [UInt8], start: Int, depth: Int)] = []
    /// What is still to be repeated.
    private var replaying = 0..<0
    private var replayedCount = 0

    /// Names hold in one document.
    mutating func forgetNames() { ranges = [:] }

    /// The node that comes next, at this depth, has a name.
    mutating func open(_ name: [UInt8], depth: Int) {
        openAnchors.append((name, events.count, depth))
    }

    /// Keeps an event that is part of an anchored node.
    mutating func record(_ event: YAMLEvent, depth: Int) throws(YAMLError) {
        guard !openAnchors.isEmpty else { return }
        guard events.count < YAMLReader.maximumRecordedEvents else {
            throw event.mark.error(
                "expected at most \(YAMLReader.maximumRecordedEvents) values under anchors")
        }
        events.append(event)
    }

    /// Ends the anchored node that the event completes; the depth is the one behind the event.
    mutating func close(_ event: YAMLEvent, depth: Int) {
        guard let last = openAnchors.last, last.depth == depth else { return }
        ranges[last.name] = last.start..<events.count
        openAnchors.removeLast()
    }

    /// The next event to be repeated; nil where no alias is being replaced.
    mutating func replayed() throws(YAMLError) -> YAMLEvent? {
        guard !replaying.isEmpty else { return nil }
        let event = events[replaying.lowerBound]
        replaying = replaying.dropFirst()
        replayedCount += 1
        guard replayedCount <= YAMLReader.maximumReplayedEvents else {
            throw event.mark.error(
                "expected aliases to repeat at most \(YAMLReader.maximumReplayedEvents) values")
        }
        return event
    }

    /// Starts to repeat; the first event.
    mutating func replay(_ name: [UInt8], at mark: YAMLMark) throws(YAMLError) -> YAMLEvent {
        guard let range = ranges[name] else {
            throw mark.error("expected an anchor before its alias")
        }
        replaying = range
        guard let event = try replayed() else { throw mark.error("expected a value") }
        return event
    }
}
