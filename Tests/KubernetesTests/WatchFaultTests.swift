// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ServiceCatalog

/// Lists that work and watches that do not, and what a server would have us do without end.
@Suite("Faults of watches that come again and again")
struct WatchFaultTests {
    private let objects = WatchedObjects.cluster()

    init() { objects.put(service: "web", "10.0.0.1") }

    private static let web = ["a/web \(IPAddress.v4(0x0A00_0001))"]

    private static func isWatch(_ request: FakeAPIServer.Request) -> Bool {
        request.query["watch"] == "true"
    }

    /// Answers as the objects do, but for requests that `fault` takes.
    private func server(
        _ fault: @escaping @Sendable (FakeAPIServer.Request) -> [FakeAPIServer.Step]?
    ) throws -> FakeAPIServer {
        try FakeAPIServer { [objects] request in fault(request) ?? objects.respond(request) }
    }

    /// How often something can have been done since then with waits of at least `first`
    /// milliseconds, then twice that, and so on.
    private static func most(since start: ContinuousClock.Instant, first: Double) -> Int {
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return 1 + Int(log2(milliseconds / first + 1))
    }

    @Test(
        "Without the right to watch lists keep answers fresh, and are asked for ever less often",
        arguments: [403, 405])
    func listsOnly(_ status: Int) throws {
        let server = try server { request in
            guard Self.isWatch(request), request.path == APIText.slices else { return nil }
            let text = #"{"kind":"Status","code":\#(status),"message":"no watch"}"#
            return [.reply(status: status, body: Array(text.utf8))]
        }
        var timing = WatchTiming()
        timing.slowRetryMilliseconds = 50
        let start = ContinuousClock.now
        let feed = try WatchedFeed(server.kubeconfig, timing: timing)
        #expect(feed.comes(to: Self.web))
        objects.put(service: "db", endpoints: ["10.1.0.1"])
        #expect(feed.comes(to: ["a/db \(IPAddress.v4(0x0A01_0001))"] + Self.web))
        Thread.sleep(forTimeInterval: 2.5)
        let lists = server.requests.count { $0.path == APIText.slices && !Self.isWatch($0) }
        #expect(lists <= Self.most(since: start, first: 6), "\(lists) lists")
        let advice = "endpointslices: no watch; grant it with: kubectl create clusterrole"
        #expect(feed.log.count { $0.contains(advice) } == (status == 403 ? 1 : 0), "\(feed.log)")
    }

    @Test(
        "A watch that ends as soon as it has begun is begun ever less often",
        arguments: [
            ("cut", "", true), ("clean", "", false),
            (
                "clean after a bookmark",
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"900"}}}"#, false
            ),
            ("garbled", "garbage", false),
            ("too old", #"{"type":"ERROR","object":{"kind":"Status","code":410}}"#, false),
        ])
    func shortWatches(_ name: String, _ line: String, isCut: Bool) throws {
        let server = try server { request in
            guard Self.isWatch(request) else { return nil }
            return [.begin(status: 200), .chunk(Array((line + "\n").utf8)), isCut ? .cut : .end]
        }
        let start = ContinuousClock.now
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(feed.comes(to: Self.web))
        Thread.sleep(forTimeInterval: 2.5)
        let watches = server.requests.count { $0.path == APIText.slices && Self.isWatch($0) }
        // Once the wait is cut short, for others are answered.
        #expect(watches <= Self.most(since: start, first: 50) + 1, "\(watches) watches")
    }

    @Test("A list that goes on without objects is given up, one that only pauses is not")
    func emptyPages() throws {
        let isEndless = Mutex(true)
        let service = APIText.service("web", "10.0.0.1", version: "5")
        let server = try server { request in
            guard request.path == APIText.services, !Self.isWatch(request) else { return nil }
            let page = Int(request.query["continue"] ?? "0") ?? 0
            if !isEndless.withLock({ $0 }), page == 99 {
                let list = #"{"metadata":{"resourceVersion":"5"},"items":[\#(service)]}"#
                return [.reply(status: 200, body: Array(list.utf8))]
            }
            let metadata = #"{"resourceVersion":"5","continue":"\#(page + 1)"}"#
            return [.reply(status: 200, body: Array(#"{"metadata":\#(metadata),"items":[]}"#.utf8))]
        }
        let feed = try WatchedFeed(server.kubeconfig)
        #expect(eventually { feed.restarts(.garbled) >= 2 })
        #expect(feed.services.isEmpty)
        let pages = server.requests.compactMap { $0.query["continue"] }
        #expect(!pages.contains("100"))
        isEndless.withLock { $0 = false }
        #expect(feed.comes(to: Self.web))
    }

    @Test("A watch that adds objects without end is given up, one that deletes them too is not")
    func tooManyAdded() throws {
        let names = (0..<30).map { "s\($0)" }
        let isEndless = Mutex(false)
        let server = try server { request in
            guard request.path == APIText.services, Self.isWatch(request) else { return nil }
            let lines = names.flatMap { name in
                let object = APIText.service(name, "10.0.0.9", version: "900")
                let added = #"{"type":"ADDED","object":\#(object)}"# + "\n"
                let deleted = #"{"type":"DELETED","object":\#(object)}"# + "\n"
                return Array((isEndless.withLock { $0 } ? added : added + deleted).utf8)
            }
            return [.begin(status: 200), .chunk(lines), .wait(milliseconds: 300), .end]
        }
        var timing = WatchTiming()
        timing.maximumObjects = 20
        timing.trialMilliseconds = 100
        let feed = try WatchedFeed(server.kubeconfig, timing: timing)
        func watches() -> Int {
            server.requests.count { $0.path == APIText.services && Self.isWatch($0) }
        }
        #expect(eventually { watches() >= 3 })
        #expect(feed.restarts(.garbled) == 0)
        isEndless.withLock { $0 = true }
        #expect(eventually { feed.restarts(.garbled) >= 2 })
    }
    @Test("After very many changes a list tells what there is: nothing that a watch made up stays")
    func tooManyModified() throws {
        let next = Mutex(0)
        let server = try server { request in
            guard request.path == APIText.services, Self.isWatch(request) else { return nil }
            let lines = (0..<30).flatMap { _ in
                let number = next.withLock { next in
                    next += 1
                    return next
                }
                let object = APIText.service("m\(number)", "10.0.0.9", version: "900")
                return Array((#"{"type":"MODIFIED","object":\#(object)}"# + "\n").utf8)
            }
            return [.begin(status: 200), .chunk(lines), .wait(milliseconds: 100), .end]
        }
        var timing = WatchTiming()
        timing.maximumObjects = 20
        timing.trialMilliseconds = 50
        let feed = try WatchedFeed(server.kubeconfig, timing: timing)
        #expect(eventually { feed.restarts(.expired) >= 2 })
        #expect(feed.restarts(.garbled) == 0)
    }
}
