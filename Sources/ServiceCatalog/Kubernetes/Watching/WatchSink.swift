// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Who wants to know what a list and its watch say; called on the loop's queue.
protocol WatchSink: AnyObject {
    /// A new list begins: what it does not name is gone at its end.
    func listBegan(_ resource: APIResource)
    func put(_ object: APIObject, of resource: APIResource)
    /// An object cannot be read; what was known of it stays. `name` is nil where not even that can
    /// be told.
    func refused(_ name: ObjectName?, _ reason: String, of resource: APIResource)
    func removed(_ name: ObjectName, of resource: APIResource)
    func listEnded(_ resource: APIResource)
    /// No more comes for the moment: a good time to work on what has come.
    func paused(_ resource: APIResource)
    func changed(_ state: ListWatch.State, of resource: APIResource)
    func restarted(_ resource: APIResource, because reason: ListWatch.RestartReason)
}

/// How patient a watch is; tests have less time, and fewer objects.
struct WatchTiming: Sendable {
    /// Bookmarks come every minute.
    var silenceMilliseconds = 90_000...105_000
    /// Before something is asked for again that somebody has to grant or install.
    var slowRetryMilliseconds = 2_000
    /// A watch that has stood for so long has worked.
    var trialMilliseconds = 5_000
    /// One collection may have so many.
    var maximumObjects = 1_000_000
}
