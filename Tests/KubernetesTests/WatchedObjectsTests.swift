// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// What other tests expect of lists and watches out of memory.
@Suite("Watched objects")
struct WatchedObjectsTests {
    private static let path = "/api/v1/services"

    private let objects = WatchedObjects([Self.path])

    private func put(_ name: String, _ extra: String = "") {
        objects.put(Self.path, namespace: "a", name: name) { version in
            #"{"metadata":{"namespace":"a","name":"\#(name)","resourceVersion":"\#(version)"}\#(extra)}"#
        }
    }

    private static func get(
        _ server: FakeAPIServer, _ target: String, seconds: Double = 20
    ) throws -> String {
        let ended = try Programs.run(
            Programs.required("curl"),
            [
                "--silent", "--noproxy", "*", "--no-buffer", "--max-time", "\(seconds)",
                "http://127.0.0.1:\(server.port)\(target)",
            ])
        return ended.output
    }

    /// What a watch brings that runs until the test ends it.
    private static func watch(_ server: FakeAPIServer, _ query: String) throws -> RunningProgram {
        try RunningProgram(
            Programs.required("curl"),
            [
                "--silent", "--noproxy", "*", "--no-buffer",
                "http://127.0.0.1:\(server.port)\(path)?watch=true&\(query)",
            ])
    }

    @Test("Pages show the list as it was when it began")
    func pages() throws {
        let server = try FakeAPIServer(respond: objects.respond)
        for name in ["c", "a", "b"] { put(name) }
        let first = try Self.get(server, "\(Self.path)?limit=2")
        #expect(first.contains(#""kind":"ServiceList","apiVersion":"v1""#))
        #expect(first.contains(#""resourceVersion":"4","continue":"4.2","remainingItemCount":1"#))
        #expect(first.contains(#""name":"a""#) && first.contains(#""name":"b""#))
        objects.remove(Self.path, namespace: "a", name: "c")
        let second = try Self.get(server, "\(Self.path)?limit=2&continue=4.2")
        #expect(
            second
                == #"{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"4"},"items":["#
                + #"{"metadata":{"namespace":"a","name":"c","resourceVersion":"2"}}]}"#)
        #expect(objects.objectCount(Self.path) == 2)
        objects.forget()
        #expect(try Self.get(server, "\(Self.path)?continue=4.2").contains(#""code":410"#))
        #expect(try Self.get(server, "/apis/x/v1/y") == "404 page not found\n")
    }

    @Test("A watch brings what came after its version, then what comes")
    func events() throws {
        let server = try FakeAPIServer(respond: objects.respond)
        for name in ["a", "b"] { put(name) }
        let watch = try Self.watch(server, "resourceVersion=2&allowWatchBookmarks=true")
        #expect(watch.output.waits(for: "\n"))
        put("b", #","spec":{}"#)
        objects.remove(Self.path, namespace: "a", name: "a")
        #expect(watch.output.waits(for: #""DELETED""#))
        #expect(watch.output.waits(for: #"{"type":"BOOKMARK""#))
        let kinds = watch.output.soFar.matches(of: /"type":"([A-Z]+)"/).map { $0.1 }
        #expect(kinds.prefix(3) == ["ADDED", "MODIFIED", "DELETED"])
        #expect(
            watch.output.soFar.contains(
                #"{"type":"DELETED","object":{"metadata":{"namespace":"a","name":"a","resourceVersion":"5"}}}"#
            ))
        watch.end(SIGKILL)
        #expect(eventually { objects.watchCount(Self.path) == 0 })
    }

    @Test("A watch without a version begins with what there is, and can be told where that ends")
    func initialEvents() throws {
        let server = try FakeAPIServer(respond: objects.respond)
        for name in ["a", "b"] { put(name) }
        let text = try Self.get(
            server, "\(Self.path)?watch=true&sendInitialEvents=true&timeoutSeconds=1")
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.last?.contains(#""k8s.io/initial-events-end":"true""#) == true)
        #expect(lines.last?.contains(#""resourceVersion":"3""#) == true)
    }

    @Test("A forgotten version is too old, the last one is not")
    func forgetting() throws {
        let server = try FakeAPIServer(respond: objects.respond)
        for name in ["a", "b"] { put(name) }
        objects.forget()
        let old = try Self.get(server, "\(Self.path)?watch=true&resourceVersion=2")
        #expect(old.hasPrefix(#"{"type":"ERROR","object":{"kind":"Status""#))
        #expect(old.hasSuffix(#""reason":"Expired","code":410}}"# + "\n"))
        let new = try Self.watch(server, "resourceVersion=3")
        #expect(eventually { objects.watchCount(Self.path) == 1 })
        put("c")
        #expect(
            new.output.waits(
                for: #"{"type":"ADDED","object":{"metadata":{"namespace":"a","name":"c""#))
    }

    @Test("A hundred thousand objects are listed, and events come faster than a thousand a second")
    func load() throws {
        let server = try FakeAPIServer(respond: objects.respond)
        let count = 100_000
        for number in 0..<count { put("s\(number)") }
        let list = try Self.get(server, Self.path)
        #expect(list.utf8.count > count * 60)
        let page = try Self.get(server, "\(Self.path)?limit=500")
        #expect(page.contains(#""remainingItemCount":99500"#))
        let watch = try Self.watch(server, "resourceVersion=\(objects.resourceVersion)")
        #expect(eventually { objects.watchCount(Self.path) == 1 })
        let watched = ContinuousClock.now
        for number in 0..<5_000 { put("s\(number)") }
        put("last")
        #expect(watch.output.waits(for: #""name":"last""#))
        #expect(ContinuousClock.now - watched < .seconds(5) * TestRun.patience)
    }
}
