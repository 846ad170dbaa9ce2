// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Synchronization

/// A tiny API of Kubernetes in memory: lists and watches for a ``FakeAPIServer``.
///
///     let objects = WatchedObjects(["/api/v1/services"])
///     let server = try FakeAPIServer(respond: objects.respond)
///
/// It has the resources that it was made with and those that something was put into. Selectors are
/// ignored.
package final class WatchedObjects: Sendable {
    private struct State {
        var version: UInt64 = 1
        var resources: [String: WatchedResource] = [:]
    }

    private static let maximumEventsAtOnce = 500

    private let state = Mutex(State())

    /// Has resources without objects, each named by the path of its lists.
    package init(_ paths: [String] = []) {
        state.withLock { state in
            for path in paths { state.resources[path] = WatchedResource(path) }
        }
    }

    // MARK: Changes

    /// Adds or replaces an object; `json` writes it with the version that it gets.
    ///
    /// `json` is also called when the object is removed, and must not use these objects.
    package func put(
        _ path: String, namespace: String = "", name: String,
        json: @escaping @Sendable (_ resourceVersion: String) -> String
    ) {
        state.withLock { state in
            state.version += 1
            state.resources[path, default: WatchedResource(path)].put(
                "\(namespace)/\(name)", json, version: state.version)
        }
    }

    /// Removes an object, if there is one.
    package func remove(_ path: String, namespace: String = "", name: String) {
        state.withLock { state in
            guard let resource = state.resources[path], resource.has("\(namespace)/\(name)") else {
                return
            }
            state.version += 1
            state.resources[path]?.remove("\(namespace)/\(name)", version: state.version)
        }
    }

    /// Forgets the history: older versions are answered with 410, in watches and in pages.
    ///
    /// A watch that has not yet sent all of it ends so, too.
    package func forget() {
        state.withLock { state in
            for path in state.resources.keys { state.resources[path]?.forget(at: state.version) }
        }
    }

    /// The version of the last change.
    package var resourceVersion: String { state.withLock { String($0.version) } }

    package func objectCount(_ path: String) -> Int {
        state.withLock { $0.resources[path]?.count ?? 0 }
    }

    /// How many watches run.
    package func watchCount(_ path: String) -> Int {
        state.withLock { $0.resources[path]?.bells.count ?? 0 }
    }

    // MARK: Answers

    /// What a ``FakeAPIServer`` does with a request.
    package func respond(_ request: FakeAPIServer.Request) -> [FakeAPIServer.Step] {
        if ["/livez", "/readyz", "/healthz"].contains(request.path) {
            return [.reply(status: 200, contentType: "text/plain", body: Array("ok".utf8))]
        }
        guard state.withLock({ $0.resources[request.path] != nil }) else {
            return [
                .reply(
                    status: 404, contentType: "text/plain; charset=utf-8",
                    body: Array("404 page not found\n".utf8))
            ]
        }
        guard request.method == "GET" else {
            return [Self.failure(405, "MethodNotAllowed", "only GET is known here")]
        }
        return ["true", "1"].contains(request.query["watch"])
            ? watch(request) : list(request.path, request.query)
    }

    private func list(_ path: String, _ query: [String: String]) -> [FakeAPIServer.Step] {
        let limit = query["limit"].flatMap { Int($0) } ?? 0
        let token = query["continue"] ?? ""
        let page = state.withLock { state in
            state.resources[path]?.page(limit: limit, token: token, version: state.version)
        }
        guard let page else {
            return [Self.failure(410, "Expired", "The provided continue parameter is too old")]
        }
        // Written outside of the lock, for it may be long.
        return [.reply(status: 200, body: page.json)]
    }

    private func watch(_ request: FakeAPIServer.Request) -> [FakeAPIServer.Step] {
        [.begin(status: 200), .stream { [self] in run(WatchRun(request), $0) }, .end]
    }

    /// Sends what there is and what comes, until the peer or the time has gone.
    private func run(_ asked: WatchRun, _ writer: FakeAPIServer.Writer) {
        var watch = asked
        guard let bell = try? Bell() else { return }
        let (begun, version) = state.withLock { state in
            (state.resources[watch.path]?.begin(&watch, bell), state.version)
        }
        guard let begun else { return }
        defer { state.withLock { $0.resources[watch.path]?.drop(begun.key) } }
        guard sendInitial(begun.initial, watch, version, writer) else { return }
        while !watch.isOver {
            bell.silence()
            guard sendEvents(&watch, bell, writer) else { return }
        }
    }

    private func sendInitial(
        _ objects: [[UInt8]], _ watch: WatchRun, _ version: UInt64, _ writer: FakeAPIServer.Writer
    ) -> Bool {
        for start in stride(from: 0, to: objects.count, by: Self.maximumEventsAtOnce) {
            let part = objects[start...].prefix(Self.maximumEventsAtOnce)
            guard writer.write(part.flatMap { WatchRun.line("ADDED", $0) }) else { return false }
        }
        return !watch.wantsInitialEnd
            || writer.write(watch.bookmark(version: version, endsInitial: true))
    }

    /// Sends some events, or waits for one; false when that was all.
    private func sendEvents(
        _ watch: inout WatchRun, _ bell: Bell, _ writer: FakeAPIServer.Writer
    ) -> Bool {
        let (events, version) = state.withLock { state in
            (
                state.resources[watch.path]?.events(
                    from: watch.nextEvent, atMost: Self.maximumEventsAtOnce), state.version
            )
        }
        guard let events else {
            let status = Self.status(410, "Expired", "too old resource version")
            _ = writer.write(WatchRun.line("ERROR", Array(status.utf8)))
            return false
        }
        guard events.isEmpty else {
            watch.nextEvent += events.count
            let lines = events.filter { $0.version > watch.since }
                .flatMap { WatchRun.line($0.kind, $0.octets) }
            return writer.write(lines)
        }
        return writer.write(watch.bookmarkIfDue(version: version))
            && writer.wait(milliseconds: watch.millisecondsToWait, for: bell)
    }

    private static func failure(
        _ code: Int, _ reason: String, _ message: String
    ) -> FakeAPIServer.Step {
        .reply(status: code, body: Array(status(code, reason, message).utf8))
    }

    /// A Status object.
    private static func status(_ code: Int, _ reason: String, _ message: String) -> String {
        #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","#
            + #""message":"\#(message)","reason":"\#(reason)","code":\#(code)}"#
    }
}
