// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import EventLoop
import Glibc
import HTTPClient
import TestSupport
import Testing

/// Starting, cancelling and closing from wherever one may.
@Suite("HTTP links")
struct HTTPLinkTests {
    private static func target(_ server: TestApplication) -> HTTPTarget {
        HTTPTarget(origin: "http://127.0.0.1:\(server.port)")
    }

    private static let events = HTTPClientRequest(path: "/events")
    private static let now = HTTPClientRequest(path: "/now")

    /// Whether what goes on at all goes on after all that was done.
    private static func isAlive(_ client: TestClient, _ server: TestApplication) -> Bool {
        client.ask(now, to: target(server)).text == "hello world\n"
    }

    @Test("What is cancelled from its own content hears nothing more")
    func cancelWithin() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let exchange = ClientExchange()
        client.loop.enqueue {
            exchange.start(
                on: client.link, HTTPClientRequest(path: "/big"), to: Self.target(server), { _ in },
                { _ in
                    exchange.cancel()
                    exchange.cancel()
                    return true
                })
        }
        #expect(eventually { exchange.octets > 0 })
        #expect(Self.isAlive(client, server))
        #expect(exchange.octets < 1 << 20)
        #expect(exchange.outcomes.isEmpty)
    }

    @Test("What is cancelled from another's content, or from outside, hears nothing more")
    func cancelOther() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let first = client.start(Self.events, to: Self.target(server))
        let second = client.start(
            Self.events, to: Self.target(server),
            onContent: { _ in
                first.cancel()
                return true
            })
        #expect(eventually { server.streams == 2 && second.statuses == [200] })
        server.publish("a")
        #expect(eventually { server.aborted == 1 && second.text == "a" })
        let heard = first.text
        server.publish("b")
        #expect(eventually { second.text == "ab" })
        #expect(first.text == heard)
        client.loop.enqueue { second.cancel() }
        #expect(eventually { server.aborted == 2 })
        #expect(Self.isAlive(client, server))
        #expect(first.outcomes.isEmpty && second.outcomes.isEmpty)
    }

    @Test("What is cancelled at once, or twice, or after its end, calls nothing")
    func cancelEarlyAndLate() async throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let early = ClientExchange()
        await client.onQueue {
            early.start(on: client.link, Self.now, to: Self.target(server))
            early.cancel()
            early.cancel()
        }
        let refused = ClientExchange()
        await client.onQueue {
            refused.start(
                on: client.link, HTTPClientRequest(path: "x"), to: Self.target(server))
            refused.cancel()
        }
        let late = client.ask(Self.now, to: Self.target(server))
        await client.onQueue { late.cancel() }
        #expect(Self.isAlive(client, server))
        #expect(early.statuses.isEmpty && early.outcomes.isEmpty)
        #expect(refused.outcomes.isEmpty)
        #expect(late.outcomes.count == 1)
    }

    @Test("A request may be started from the head, the content and the end of another")
    func startWithin() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let target = Self.target(server)
        let others = (0..<3).map { _ in ClientExchange() }
        client.start(
            Self.now, to: target,
            onHead: { _ in others[0].start(on: client.link, Self.now, to: target) },
            onContent: { _ in
                others[1].start(on: client.link, Self.now, to: target)
                return true
            },
            onEnd: { _ in others[2].start(on: client.link, Self.now, to: target) })
        #expect(eventually { others.allSatisfy { $0.outcomes.count == 1 } })
        #expect(others.allSatisfy { $0.text == "hello world\n" && !$0.endedWithinStart })
    }

    @Test("What is started and cancelled within a callback never begins")
    func startAndCancelWithin() throws {
        let (server, client) = (try TestApplication(), try TestClient())
        let (target, other) = (Self.target(server), ClientExchange())
        let outer = client.start(
            Self.now, to: target,
            onContent: { _ in
                other.start(on: client.link, Self.now, to: target)
                other.cancel()
                return true
            })
        #expect(eventually { outer.outcomes.count == 1 })
        #expect(Self.isAlive(client, server))
        #expect(other.statuses.isEmpty && other.outcomes.isEmpty)
    }

    /// Where a link is closed from.
    enum Place: CaseIterable {
        case outside, head, content, end
    }

    @Test(
        "A closed link ends all transfers silently and closes its connections",
        arguments: Place.allCases)
    func close(_ place: Place) throws {
        let (server, client) = (try TestApplication(), try TestClient(maximumConnections: 9))
        let target = Self.target(server)
        let streams = (0..<5).map { _ in client.start(Self.events, to: target) }
        #expect(eventually { server.streams == 5 && streams.allSatisfy { $0.statuses == [200] } })
        let (before, after) = (ClientExchange(), ClientExchange())
        let close: @Sendable () -> Void = {
            before.start(on: client.link, Self.now, to: target)
            client.link.close()
            client.link.close()
            after.start(on: client.link, Self.now, to: target)
        }
        if place == .outside {
            client.loop.enqueue(close)
        } else {
            client.start(
                Self.now, to: target, onHead: { _ in if place == .head { close() } },
                onContent: { _ in
                    if place == .content { close() }
                    return true
                }, onEnd: { _ in if place == .end { close() } })
        }
        #expect(eventually { server.aborted == 5 })
        #expect(eventually { before.hasStarted && after.hasStarted })
        usleep(20_000)
        #expect((streams + [before, after]).allSatisfy { $0.outcomes.isEmpty })
        #expect(before.statuses.isEmpty && after.statuses.isEmpty)
    }

    @Test("Links that come and go leave nothing open")
    func comeAndGo() async throws {
        let server = try TestApplication()
        let client = try TestClient()
        let target = Self.target(server)
        for _ in 0..<50 {
            let link = try HTTPLink(loop: client.loop)
            let exchange = ClientExchange()
            client.loop.enqueue { exchange.start(on: link, Self.events, to: target) }
            #expect(eventually { exchange.statuses == [200] })
            await client.onQueue { link.close() }
        }
        #expect(eventually { server.aborted == 50 })
        #expect(Self.isAlive(client, server))
    }
}
