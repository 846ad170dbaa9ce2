// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CLinux
import Dispatch
import EventLoop
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

/// What the octets on a connection mean does not matter here: a line comes back as it is, and a line
/// `end` ends the connection.
@Suite("Stream connections")
struct TransportTests {
    private final class Echo: Conversation {
        private let linesPerTurn: Int

        init(linesPerTurn: Int) { self.linesPerTurn = linesPerTurn }

        func converse(_ input: RawSpan, _ output: inout MutableRawSpan) -> Exchange {
            var exchange = Exchange(next: .turn)
            let octets = unsafe input.withUnsafeBytes { unsafe Array($0) }
            for _ in 0..<linesPerTurn {
                let rest = octets[exchange.consumed...]
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                    exchange.next = .input
                    return exchange
                }
                let line = octets[exchange.consumed...end]
                guard output.byteCount - exchange.produced >= line.count else { return exchange }
                for octet in line {
                    output.storeBytes(of: octet, toByteOffset: exchange.produced, as: UInt8.self)
                    exchange.produced += 1
                }
                exchange.consumed = end + 1
                if line.elementsEqual("end\n".utf8) {
                    exchange.next = .end
                    return exchange
                }
            }
            return exchange
        }
    }

    /// A listener on a free port of 127.0.0.1 whose loop lives as long as the process.
    private final class Server: Sendable {
        let port: UInt16
        private let loop: EventLoop
        private let pool: StreamPool

        init(
            _ limits: StreamLimits = StreamLimits(), times: StreamTimes = StreamTimes(),
            linesPerTurn: Int = 3
        ) throws {
            let loop = try EventLoop(label: "transport-test")
            self.loop = loop
            let pool = try StreamPool(loop: loop, limits: limits)
            self.pool = pool
            let descriptor = clinux_socket(AF_INET, Int32(SOCK_STREAM.rawValue))
            port = try Socket.listen(descriptor)
            // Premise: made here and handed to the queue, which alone uses it.
            nonisolated(unsafe) let listener = StreamListener(
                descriptor: descriptor, pool: pool
            ) { _, _ in Echo(linesPerTurn: linesPerTurn) }
            unsafe listener.times = times
            loop.enqueue { try? unsafe loop.watch(listener, for: .read) }
            loop.start()
        }

        var state: (connections: Int, octets: Int) {
            let result = Mutex((0, 0))
            let done = DispatchSemaphore(value: 0)
            loop.enqueue {
                let state = (self.pool.connectionCount, self.pool.keptOctets)
                result.withLock { $0 = state }
                done.signal()
            }
            done.wait()
            return result.withLock { $0 }
        }
    }

    @Test("Lines come back in order, however their octets arrive")
    func order() throws {
        let server = try Server()
        let socket = try Socket(.tcp, port: server.port)
        let lines = (0..<1000).map { "line \($0)\n" }.joined()
        let octets = Array(lines.utf8)
        var index = 0
        for size in [1, 2, 700, 1, 3000, octets.count] {
            let end = min(octets.count, index + size)
            try socket.send(Array(octets[index..<end]))
            index = end
        }
        socket.endSending()
        #expect(socket.receiveAll() == octets)
    }

    @Test("One who sends without end does not keep another from its turn")
    func turns() throws {
        let server = try Server(linesPerTurn: 1)
        let greedy = try Socket(.tcp, port: server.port)
        try greedy.send(Array(String(repeating: "\n", count: 60_000).utf8))
        let modest = try Socket(.tcp, port: server.port)
        let start = ContinuousClock.now
        try modest.send(Array("a\n".utf8))
        #expect(modest.receive() == Array("a\n".utf8))
        #expect(ContinuousClock.now - start < .seconds(1) * TestRun.patience)
        var count = 0
        while count < 60_000, let more = greedy.receive(), !more.isEmpty { count += more.count }
        #expect(count == 60_000)
    }

    @Test("A connection ends when its conversation says so, and not before the answer is out")
    func ends() throws {
        let server = try Server()
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Array("a\nend\n".utf8))
        #expect(socket.receiveAll() == Array("a\nend\n".utf8))
        #expect(eventually { server.state.connections == 0 })
    }

    @Test("An idle connection ends after its time, an unfinished message after a shorter one")
    func deadlines() throws {
        var times = StreamTimes()
        times.idleMilliseconds = 60_000
        times.messageMilliseconds = 300
        let server = try Server(times: times)
        let idle = try Socket(.tcp, port: server.port)
        let slow = try Socket(.tcp, port: server.port)
        try slow.send(Array("a".utf8))
        // More octets of the same message do not give it more time.
        #expect(slow.receive() == [])
        #expect(server.state.connections == 1)
        try idle.send(Array("a\n".utf8))
        #expect(idle.receive() == Array("a\n".utf8))

        times.idleMilliseconds = 300
        let short = try Socket(.tcp, port: try Server(times: times).port)
        #expect(short.receive() == [])
    }

    @Test("Who takes nothing of what waits for it is not read from, and ends")
    func stall() throws {
        var times = StreamTimes()
        times.idleMilliseconds = 60_000
        times.messageMilliseconds = 60_000
        times.stallMilliseconds = 600
        let server = try Server(times: times, linesPerTurn: 1000)
        let socket = try Socket(.tcp, port: server.port)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000) + [UInt8(ascii: "\n")]
        // Until the kernel's buffers are full in both directions, and stay so.
        var refusals = 0
        while refusals < 20 {
            refusals = socket.sendSome(line) ? 0 : refusals + 1
            if refusals > 0 { usleep(5_000) }
        }
        #expect(server.state.octets < 1 << 20)
        // A server that was only slow takes more, until it cannot get rid of it.
        #expect(
            eventually {
                _ = socket.sendSome(line)
                return server.state == (0, 0)
            })
    }

    @Test("Above its bound of connections, the one that would end first gives way")
    func eviction() throws {
        var limits = StreamLimits()
        limits.maximumConnections = 3
        let server = try Server(limits)
        let sockets = try (0..<3).map { number in
            let socket = try Socket(.tcp, port: server.port)
            try socket.send(Array("\(number)\n".utf8))
            #expect(socket.receive() == Array("\(number)\n".utf8))
            return socket
        }
        usleep(20_000)
        try sockets[0].send(Array("a\n".utf8))
        #expect(sockets[0].receive() == Array("a\n".utf8))
        let fourth = try Socket(.tcp, port: server.port)
        try fourth.send(Array("b\n".utf8))
        #expect(fourth.receive() == Array("b\n".utf8))
        // The first one spoke last.
        #expect(sockets[1].receive() == [])
        try sockets[0].send(Array("c\n".utf8))
        #expect(sockets[0].receive() == Array("c\n".utf8))
        #expect(server.state.connections == 3)
    }

    @Test("All connections together keep no more than their bound of octets")
    func octets() throws {
        var limits = StreamLimits()
        limits.maximumOctets = 100_000
        let server = try Server(limits)
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 30_000)
        let sockets = try (0..<5).map { _ in
            let socket = try Socket(.tcp, port: server.port)
            try socket.send(part)
            return socket
        }
        #expect(eventually { server.state.connections == 3 })
        #expect(server.state.octets == 90_000)
        _ = sockets
    }
}
