// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation
internal import Synchronization
internal import TLS

/// All connections of a fake server, each on a thread of its own.
final class FakeConnections: Sendable {
    private struct State {
        /// Resets the connections that were made since it was hung up.
        var bell: Bell
        var count = 0
        var requests: [FakeAPIServer.Request] = []
    }

    private static let maximumCount = 300
    private static let maximumRequests = 100_000

    private let tls: TLSContext?
    private let respond: @Sendable (FakeAPIServer.Request) -> [FakeAPIServer.Step]
    private let state: Mutex<State>

    init(
        tls: TLSContext?,
        respond: @escaping @Sendable (FakeAPIServer.Request) -> [FakeAPIServer.Step]
    ) throws {
        self.tls = tls
        self.respond = respond
        state = Mutex(State(bell: try Bell()))
    }

    var count: Int { state.withLock { $0.count } }
    var requests: [FakeAPIServer.Request] { state.withLock { $0.requests } }

    /// Serves a descriptor on a new thread; false when there are too many already.
    func serve(_ descriptor: Int32) -> Bool {
        let bell = state.withLock { state -> Bell? in
            guard state.count < Self.maximumCount else { return nil }
            state.count += 1
            return state.bell
        }
        guard let bell else { return false }
        Thread { [self] in
            run(descriptor, bell)
            state.withLock { $0.count -= 1 }
        }.start()
        return true
    }

    private func run(_ descriptor: Int32, _ bell: Bell) {
        let session = tls?.makeSession(descriptor: descriptor)
        FakeConnection(FakeStream(descriptor, session: session, bell)).serve(answer)
    }

    private func answer(_ request: FakeAPIServer.Request) -> [FakeAPIServer.Step] {
        state.withLock { state in
            if state.requests.count >= Self.maximumRequests {
                state.requests.removeFirst(Self.maximumRequests / 2)
            }
            state.requests.append(request)
        }
        return respond(request)
    }

    /// Resets those that there are.
    func reset() {
        guard let bell = try? Bell() else { return }
        state.withLock { state in
            state.bell.ring()
            state.bell = bell
        }
    }
}
