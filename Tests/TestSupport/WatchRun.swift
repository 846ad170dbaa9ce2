// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One watch: what it asked for and how far it has come.
struct WatchRun {
    let path: String
    let type: ResourceType
    /// The version after which its events come; 0 when it asks for what there is, too.
    let since: UInt64
    let wantsInitialEnd: Bool
    private let wantsBookmarks: Bool
    private let end: ContinuousClock.Instant?
    private var nextBookmark = ContinuousClock.now + Self.bookmarkInterval
    /// The number of its next event in the history.
    var nextEvent = 0

    private static let bookmarkInterval = Duration.seconds(1)
    private static let maximumWait = 10_000.0

    init(_ request: FakeAPIServer.Request) {
        path = request.path
        type = ResourceType(path: path)
        let query = request.query
        wantsInitialEnd = query["sendInitialEvents"] == "true"
        since = wantsInitialEnd ? 0 : query["resourceVersion"].flatMap { UInt64($0) } ?? 0
        wantsBookmarks = query["allowWatchBookmarks"] == "true"
        end = query["timeoutSeconds"].flatMap { Int($0) }.map { .now + .seconds($0) }
    }

    var isOver: Bool { end.map { $0 <= .now } ?? false }

    /// Until the next thing has to be done that no event tells of.
    var millisecondsToWait: Int {
        let times = [end, wantsBookmarks ? nextBookmark : nil].compactMap { $0 }
        let left = times.map { ($0 - .now) / .milliseconds(1) }.min() ?? Self.maximumWait
        return Int(min(max(left, 0), Self.maximumWait).rounded(.up))
    }

    /// A bookmark when its time has come, else nothing.
    ///
    /// A version that is still to come gets none, as from a real API server.
    mutating func bookmarkIfDue(version: UInt64) -> [UInt8] {
        guard wantsBookmarks, nextBookmark <= .now, version >= since else { return [] }
        nextBookmark = .now + Self.bookmarkInterval
        return bookmark(version: version)
    }

    func bookmark(version: UInt64, endsInitial: Bool = false) -> [UInt8] {
        let object = type.bookmark(version: version, endsInitial: endsInitial)
        return Self.line("BOOKMARK", Array(object.utf8))
    }

    /// One line of the stream.
    static func line(_ kind: String, _ object: [UInt8]) -> [UInt8] {
        var line = Array(#"{"type":"\#(kind)","object":"#.utf8)
        line += object
        line += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
        return line
    }
}
