// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import EventLoop
import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

@testable import ServiceCatalog

/// What a client does on its own when calls are given up, and when its path or its files fail.
@Suite("Faults of a client")
struct ClientFaultTests {
    private static let loop = Result {
        let loop = try EventLoop(label: "test.client")
        loop.start()
        return loop
    }

    /// A call, and how it ended: its status, and what failed.
    private final class Asked: @unchecked Sendable {
        // Premise of @unchecked Sendable: the call is used on the loop's queue only.
        weak var call: APICall?
        private let text = Mutex<String?>(nil)
        var ending: String? { text.withLock { $0 } }
        func end(_ ending: APIServer.Ending) {
            let failure = ending.failure.map { " \($0)" } ?? ""
            text.withLock { $0 = "\(ending.status)\(failure)" }
        }
    }

    /// A client of an API server.
    private final class Client: @unchecked Sendable {
        // Premise of @unchecked Sendable: the server is used on the loop's queue only.
        private let loop: EventLoop
        private let server: APIServer

        init(
            _ origin: AccessOrigin, lookup: NameLookup = .shared,
            patience: APIServer.Patience = APIServer.Patience()
        ) throws {
            let loop = try ClientFaultTests.loop.get()
            self.loop = loop
            server = try Self.on(loop) {
                try APIServer(
                    access: AccessReader(origin: origin, loop: loop, environment: [:]),
                    lookup: lookup, userAgent: "fabdns/test", loop: loop, patience: patience)
            }
        }

        deinit { loop.enqueue { [server = LoopBound(server)] in server.value.stop() } }

        private static func on<Value>(
            _ loop: EventLoop, _ make: @escaping @Sendable () throws -> Value
        ) throws -> Value {
            let made = Mutex<LoopBound<Result<Value, any Error>>?>(nil)
            loop.enqueue {
                let result = LoopBound(Result { try make() })
                made.withLock { $0 = result }
            }
            guard eventually({ made.withLock { $0 != nil } }), let made = made.withLock({ $0 })
            else { throw Failure("the loop does not run") }
            return try made.value.get()
        }

        func start(_ path: String) -> Asked {
            let asked = Asked()
            loop.enqueue { [self] in
                let call = APICall(path: path, acceptsGzip: false, timeoutMilliseconds: nil)
                call.onEnd = { asked.end($0) }
                asked.call = call
                server.start(call)
            }
            return asked
        }

        func cancel(_ asked: Asked) { loop.enqueue { asked.call?.cancel() } }

        /// Whether somebody holds the call yet.
        func holds(_ asked: Asked) throws -> Bool { try Self.on(loop) { asked.call != nil } }
    }

    @Test("A call that is canceled is held no longer", arguments: [false, true])
    func canceled(isUnderWay: Bool) throws {
        let server = try FakeAPIServer { _ in [.begin(status: 200), .freeze] }
        let client = try Client(.kubeconfig(path: server.kubeconfig, context: nil))
        let call = client.start("/api")
        if isUnderWay { #expect(eventually { !server.requests.isEmpty }) }
        client.cancel(call)
        #expect(try eventually(within: 5) { try !client.holds(call) })
        #expect(call.ending == nil)
    }

    /// A path is probed soon.
    private static let impatient = APIServer.Patience(
        silenceMilliseconds: 100, probeMilliseconds: 500, pulseMilliseconds: 50)

    @Test("A path that answers no sign of life is left, with the calls on it")
    func deadPath() throws {
        let server = try FakeAPIServer { request in
            request.path == "/livez" ? [.freeze] : [.begin(status: 200), .freeze]
        }
        let client = try Client(
            .kubeconfig(path: server.kubeconfig, context: nil), patience: Self.impatient)
        let call = client.start("/api")
        #expect(eventually { call.ending == "0 the API server has gone silent" })
    }

    @Test("Credentials that cannot be had for a sign of life end no call")
    func probeWithoutAccess() throws {
        let server = try FakeAPIServer { _ in [.begin(status: 200), .freeze] }
        let folder = try Folder()
        let url = "http://127.0.0.1:\(server.port)"
        func write(_ user: String) throws {
            try folder.write(
                "kubeconfig",
                """
                {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c",
                "user": "u"}}], "clusters": [{"name": "c", "cluster": {"server": "\(url)"}}],
                "users": [{"name": "u", "user": \(user)}]}
                """)
        }
        try write("{}")
        let client = try Client(
            .kubeconfig(path: folder.path("kubeconfig"), context: nil), patience: Self.impatient)
        let call = client.start("/api")
        #expect(eventually { server.requests.contains { $0.path == "/api" } })
        let program = #"echo >> '\#(folder.path("asked"))'; exit 1"#
        try write(
            """
            {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh",
            "args": ["-c", "\(program)"], "interactiveMode": "Never"}}
            """)
        #expect(
            eventually {
                (try? String(contentsOfFile: folder.path("asked"), encoding: .utf8))?.count ?? 0
                    >= 3
            })
        #expect(call.ending == nil)
    }

    @Test("A name that nobody answers any more is reached where it was")
    func silentName() throws {
        let server = try FakeAPIServer { _ in [.reply(status: 200, body: [])] }
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        let asked = Mutex(0)
        let lookup = NameLookup { _ in
            guard
                asked.withLock({
                    $0 += 1; return $0
                }) > 1
            else { return ["127.0.0.1"] }
            gate.wait()
            return []
        }
        let client = try Client(
            .anonymous(server: "http://c1.example:\(server.port)"), lookup: lookup)
        // The first finds the address, the second has to wait a moment, the third need not.
        for _ in 0..<3 {
            let call = client.start("/api")
            #expect(eventually(within: 5) { call.ending == "200" })
        }
        #expect(asked.withLock { $0 } == 2)
    }
}
