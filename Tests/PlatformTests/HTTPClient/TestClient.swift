// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import EventLoop
import Foundation
import HTTPClient
import Synchronization
import TestSupport

/// A link on a loop of its own, and what became of its requests.
final class TestClient: Sendable {
    let loop: EventLoop
    let link: HTTPLink

    private static let ignoresBrokenPipes: Bool = {
        signal(SIGPIPE, SIG_IGN)
        return true
    }()

    init(maximumConnections: Int = 4) throws {
        _ = Self.ignoresBrokenPipes
        loop = try EventLoop(label: "http-client-test")
        loop.start()
        link = try HTTPLink(loop: loop, maximumConnections: maximumConnections)
    }

    deinit { close() }

    func close() { loop.enqueue { [link] in link.close() } }

    /// Runs `work` on the queue and waits for it.
    func onQueue<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            loop.enqueue { continuation.resume(returning: work()) }
        }
    }

    /// Asks; `onContent` may do more than to say that it goes on.
    @discardableResult
    func start(
        _ request: HTTPClientRequest, to target: HTTPTarget,
        onHead: @escaping @Sendable (Int) -> Void = { _ in },
        onContent: @escaping @Sendable ([UInt8]) -> Bool = { _ in true },
        onEnd: @escaping @Sendable (HTTPOutcome) -> Void = { _ in }
    ) -> ClientExchange {
        let exchange = ClientExchange()
        loop.enqueue { [link] in
            exchange.start(on: link, request, to: target, onHead, onContent, onEnd)
        }
        return exchange
    }

    /// Asks and waits for the end.
    func ask(_ request: HTTPClientRequest, to target: HTTPTarget) -> ClientExchange {
        let exchange = start(request, to: target)
        _ = eventually { !exchange.outcomes.isEmpty }
        return exchange
    }
}

/// What was called back for one request.
final class ClientExchange: Sendable {
    private struct State {
        var statuses: [Int] = []
        var content: [UInt8] = []
        var pieces = 0
        var outcomes: [HTTPOutcome] = []
        var transfer: HTTPTransfer?
        var hasStarted = false
        var endedWithinStart = false
    }

    private let state = Mutex(State())

    var statuses: [Int] { state.withLock { $0.statuses } }
    var text: String { String(decoding: state.withLock { $0.content }, as: UTF8.self) }
    var octets: Int { state.withLock { $0.content.count } }
    var outcomes: [HTTPOutcome] { state.withLock { $0.outcomes } }
    var failure: HTTPFailure? { outcomes.first?.failure }
    var hasStarted: Bool { state.withLock { $0.hasStarted } }
    var endedWithinStart: Bool { state.withLock { $0.endedWithinStart } }

    /// To be called on the queue.
    func start(
        on link: HTTPLink, _ request: HTTPClientRequest, to target: HTTPTarget,
        _ onHead: @escaping @Sendable (Int) -> Void = { _ in },
        _ onContent: @escaping @Sendable ([UInt8]) -> Bool = { _ in true },
        _ onEnd: @escaping @Sendable (HTTPOutcome) -> Void = { _ in }
    ) {
        let transfer = link.start(
            request, to: target,
            onHead: { status in
                self.state.withLock { $0.statuses.append(status) }
                onHead(status)
            },
            onContent: { octets in
                self.state.withLock { state in
                    state.content += octets
                    state.pieces += 1
                }
                return onContent(octets)
            },
            onEnd: { outcome in
                self.state.withLock { state in
                    state.outcomes.append(outcome)
                    state.endedWithinStart = !state.hasStarted
                }
                onEnd(outcome)
            })
        state.withLock { state in
            state.transfer = transfer
            state.hasStarted = true
        }
    }

    /// To be called on the queue.
    func cancel() { state.withLock { $0.transfer }?.cancel() }
}
