// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Synchronization
import TestSupport
import Testing

@testable import ServiceCatalog

/// What an API server does wrong, and what becomes of it: the rows of docs/catalog-path.md.
@Suite("Faults of an API server")
struct FaultTests {
    private typealias Request = FakeAPIServer.Request
    private typealias Step = FakeAPIServer.Step

    private let objects = WatchedObjects.cluster()

    init() { objects.put(service: "web", "10.0.0.1") }

    private static let web = ["a/web \(IPAddress.v4(0x0A00_0001))"]

    /// Answers as the objects do, but for requests that `fault` takes.
    private func server(
        _ fault: @escaping @Sendable (FakeAPIServer.Request) -> [FakeAPIServer.Step]?
    ) throws -> FakeAPIServer {
        try FakeAPIServer { [objects] request in fault(request) ?? objects.respond(request) }
    }

    private static func isWatch(_ request: FakeAPIServer.Request) -> Bool {
        request.query["watch"] == "true"
    }

    /// True the first `count` times.
    private final class Times: Sendable {
        private let left: Mutex<Int>
        init(_ count: Int) { left = Mutex(count) }
        func take() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }

    @Test(
        "What is listed is there, and so is what the watch says afterwards",
        arguments: [false, true])
    func listAndWatch(streams: Bool) throws {
        let server = try server { _ in nil }
        let feed = try WatchedFeed(server.kubeconfig, streams: streams)
        #expect(feed.comes(to: Self.web))
        #expect(eventually { feed.isLive })
        objects.put(service: "db", endpoints: ["10.1.0.1", "10.1.0.2"])
        let db = "a/db \(IPAddress.v4(0x0A01_0001)) \(IPAddress.v4(0x0A01_0002))"
        #expect(feed.comes(to: [db] + Self.web))
        objects.remove(service: "web")
        #expect(feed.comes(to: [db]))
        #expect(server.connectionCount <= 6)
        #expect(feed.restarts(.error) == 0 && feed.restarts(.cut) == 0)
    }

    @Test("A version that is too old lists again, and what is gone is gone")
    func expired() throws {
        let server = try server { _ in nil }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        server.stop()
        objects.put(service: "db", "10.0.0.2")
        objects.remove(service: "web")
        objects.forget()
        try server.start()
        #expect(feed.comes(to: ["a/db \(IPAddress.v4(0x0A00_0002))"]))
        #expect(feed.restarts(.expired) > 0)
    }

    @Test(
        "A refused list is asked for again",
        arguments: [
            (401, "Unauthorized", ListWatch.RestartReason.unauthorized), (429, "slow", .throttled),
            (500, "etcd", .error), (503, "away", .error), (504, "too new", .error),
            (410, "Gone", .expired), (302, "elsewhere", .error),
        ])
    func refusedList(_ status: Int, _ message: String, _ reason: ListWatch.RestartReason) throws {
        let times = Times(1)
        let server = try server { request in
            guard request.path == APIText.services, times.take() else { return nil }
            return [
                .reply(
                    status: status, contentType: "application/json", headers: ["Retry-After: 1"],
                    body: Array(
                        #"{"kind":"Status","code":\#(status),"message":"\#(message)"}"#.utf8))
            ]
        }
        let start = ContinuousClock.now
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(feed.restarts(reason) == 1)
        if status == 429 { #expect(ContinuousClock.now - start >= .seconds(1)) }
    }

    @Test("Without the right to list nothing is known, and what would help is said once")
    func forbidden() throws {
        let isForbidden = Mutex(true)
        let server = try server { request in
            guard request.path == APIText.slices, isForbidden.withLock({ $0 }) else { return nil }
            return [
                .reply(
                    status: 403, contentType: "application/json", headers: [],
                    body: Array(#"{"kind":"Status","code":403,"message":"no right"}"#.utf8))
            ]
        }
        var timing = WatchTiming()
        timing.slowRetryMilliseconds = 50
        let feed = try WatchedFeed(server.kubeconfig, timing: timing)
        #expect(eventually { feed.restarts(.forbidden) >= 3 })
        #expect(!feed.isHeard && feed.services.isEmpty)
        #expect(
            feed.log.filter {
                $0.contains("endpointslices: no right; grant it with: kubectl create clusterrole")
            }.count == 1)
        isForbidden.withLock { $0 = false }
        #expect(feed.comes(to: Self.web))
    }

    @Test("Nodes can be done without")
    func nodesForbidden() throws {
        let server = try server { request in
            guard request.path == APIText.nodes else { return nil }
            return [.reply(status: 403, contentType: "application/json", headers: [], body: [])]
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(eventually { feed.isLive })
    }

    @Test("A kind that the server does not have is empty until it comes")
    func missingKind() throws {
        let isThere = Mutex(false)
        let objects = WatchedObjects([APIText.globalServices])
        let server = try FakeAPIServer { request in
            isThere.withLock { $0 }
                ? objects.respond(request)
                : [
                    .reply(
                        status: 404, contentType: "text/plain", headers: [],
                        body: Array("404 page not found".utf8))
                ]
        }
        var timing = WatchTiming()
        timing.slowRetryMilliseconds = 50
        let feed = try WatchedFeed(
            APIFeedPlan(
                identity: .hub, access: .kubeconfig(path: server.kubeconfig, context: nil),
                streams: true), timing: timing)
        #expect(eventually { feed.isHeard })
        #expect(feed.services.isEmpty)
        #expect(feed.log.contains { $0.contains("deploy/crds/globalservices.yaml") })
        objects.put(APIText.globalServices, namespace: "a", name: "web") { version in
            #"{"apiVersion":"dns.fabedge.io/v1alpha1","kind":"GlobalService","metadata":{"namespace":"a","#
                + #""name":"web","resourceVersion":"\#(version)"},"spec":{"type":"ClusterIP","#
                + #""ports":[{"port":80}],"endpoints":[{"addresses":["10.0.0.1"],"cluster":"c9"}]}}"#
        }
        isThere.withLock { $0 = true }
        #expect(feed.comes(to: Self.web))
    }

    @Test(
        "A list that is none is asked for again",
        arguments: [
            "", "null", "[]", "{", #"{"items":[]}"#,
            #"{"metadata":{"resourceVersion":"1"},"items":[{"#,
            "<html>", #"{"metadata":{"resourceVersion":""},"items":[]}"#,
        ])
    func noList(_ text: String) throws {
        let times = Times(1)
        let server = try server { request in
            guard request.path == APIText.services, times.take() else { return nil }
            return [
                .reply(
                    status: 200, contentType: "application/json", headers: [],
                    body: Array(text.utf8))
            ]
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(feed.restarts(.garbled) == 1)
    }

    @Test("A list that is cut by the connection is asked for again")
    func cutList() throws {
        let times = Times(1)
        let server = try server { request in
            guard request.path == APIText.services, times.take() else { return nil }
            return [
                .begin(status: 200), .chunk(Array(#"{"metadata":{"resourceVersion":"1"},"#.utf8)),
                .cut,
            ]
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
    }

    /// What a watch of Services says before the objects take over.
    private func brokenWatch(_ steps: [FakeAPIServer.Step]) throws -> FakeAPIServer {
        let times = Times(1)
        return try server { request in
            guard request.path == APIText.services, Self.isWatch(request), times.take() else {
                return nil
            }
            return [.begin(status: 200)] + steps
        }
    }

    @Test(
        "A watch that breaks goes on, and nothing is lost on the way",
        arguments: [
            ("cut between lines", "", ListWatch.RestartReason.cut, true),
            ("cut within a line", #"{"type":"ADDED","object":{"#, .cut, true),
            ("an end within a line", #"{"type":"ADDED","object":{"#, .cut, false),
            ("garbage", "garbage\n", .garbled, false),
            ("an unknown type", #"{"type":"MOVED","object":{}}"# + "\n", .garbled, false),
            ("a nameless deletion", #"{"type":"DELETED","object":{}}"# + "\n", .garbled, false),
            (
                "an error",
                #"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}"# + "\n",
                .error, false
            ),
            (
                "too old",
                #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#
                    + "\n",
                .expired, false
            ),
        ])
    func brokenWatch(
        _ name: String, _ text: String, _ reason: ListWatch.RestartReason, isCut: Bool
    ) throws {
        let server = try brokenWatch([
            .chunk(Array(text.utf8)), .wait(milliseconds: 50), isCut ? .cut : .end,
        ])
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(eventually { feed.restarts(reason) > 0 })
        objects.put(service: "web", "10.0.0.7")
        #expect(feed.comes(to: ["a/web \(IPAddress.v4(0x0A00_0007))"]))
    }

    @Test("Lines may be cut anywhere into chunks")
    func chunks() throws {
        let object = APIText.service("web", "10.0.0.7", version: "900")
        let line = #"{"type":"MODIFIED","object":\#(object)}"# + "\n"
        let server = try brokenWatch(line.utf8.map { .chunk([$0]) } + [.freeze])
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: ["a/web \(IPAddress.v4(0x0A00_0007))"]))
    }

    @Test("A watch that is silent for too long lists again")
    func silence() throws {
        let server = try brokenWatch([.freeze])
        var timing = WatchTiming()
        timing.silenceMilliseconds = 300...400
        let feed = try WatchedFeed(server.kubeconfig, timing: timing)
        #expect(feed.comes(to: Self.web))
        objects.put(service: "web", "10.0.0.7")
        #expect(feed.comes(to: ["a/web \(IPAddress.v4(0x0A00_0007))"]))
        #expect(feed.restarts(.silent) > 0)
    }

    @Test("An object that cannot be read is named and hurts no other")
    func badObject() throws {
        objects.put(APIText.services, namespace: "a", name: "bad") { version in
            #"{"metadata":{"namespace":"a","name":"bad","resourceVersion":"\#(version)"},"#
                + #""spec":{"type":"ClusterIP","clusterIP":"here"}}"#
        }
        objects.put(APIText.services, namespace: "a", name: "large") { version in
            #"{"metadata":{"namespace":"a","name":"large","resourceVersion":"\#(version)"},"spec":{"x":""#
                + String(repeating: "x", count: ListSplitter.maximumItem) + #""}}"#
        }
        let server = try server { _ in nil }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(
            feed.log.contains {
                $0.contains("services a/bad: spec.clusterIPs: expected an address")
            })
        #expect(feed.log.contains { $0.contains("services a/large: has more than 4 MiB") })
    }

    @Test("A bad update leaves what was known")
    func badUpdate() throws {
        let server = try server { _ in nil }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        objects.put(APIText.services, namespace: "a", name: "web") { version in
            #"{"metadata":{"namespace":"a","name":"web","resourceVersion":"\#(version)"},"spec":7}"#
        }
        #expect(eventually { feed.log.contains { $0.contains("services a/web: spec: expected") } })
        #expect(feed.services == Self.web)
    }

    @Test("A line without end is refused before it fills the memory")
    func endlessLine() throws {
        let server = try brokenWatch([
            .stream { writer in
                let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
                for _ in 0..<200 where !writer.write(block) { return }
            }
        ])
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(eventually { feed.restarts(.garbled) > 0 })
    }

    @Test("A streaming list that the server does not know becomes pages", arguments: [400, 422])
    func noStreamingList(_ status: Int) throws {
        let server = try server { request in
            guard request.query["sendInitialEvents"] == "true" else { return nil }
            return [.reply(status: status, contentType: "application/json", headers: [], body: [])]
        }
        let feed = try WatchedFeed(server.kubeconfig, streams: true)
        #expect(feed.comes(to: Self.web))
        #expect(eventually { feed.isLive })
    }

    @Test("A server that goes away is stale after a moment, and live again when it is back")
    func away() throws {
        let server = try server { _ in nil }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        #expect(eventually { feed.isLive })
        server.stop()
        #expect(eventually { feed.snapshot.clusters["c1"]?.name == "stale" })
        #expect(feed.services == Self.web)
        try server.start()
        #expect(eventually(within: 40) { feed.isLive })
        #expect(feed.services == Self.web)
    }

    @Test("What a list has lost at once is kept until somebody lets it go")
    func brake() throws {
        for number in 0..<12 { objects.put(service: "s\(number)", "10.0.1.\(number)") }
        let server = try server { _ in nil }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(eventually { feed.services.count == 13 })
        server.stop()
        for number in 0..<12 { objects.remove(service: "s\(number)") }
        objects.forget()
        try server.start()
        #expect(eventually { feed.snapshot.held == [.direct(cluster: "c1"): 12] })
        #expect(feed.services.count == 13)
        feed.releaseBrake()
        #expect(feed.comes(to: Self.web))
    }

    @Test("A server that is not there yet is waited for")
    func late() throws {
        let server = try server { _ in nil }
        server.stop()
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(eventually { feed.log.contains { $0.contains("not heard yet") } })
        #expect(!feed.isHeard)
        try server.start()
        #expect(feed.comes(to: Self.web))
    }
}
