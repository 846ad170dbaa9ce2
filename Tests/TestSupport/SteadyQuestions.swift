// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Foundation
internal import Synchronization

/// Asks a server the same questions in turn at a steady rate, and keeps what each was answered.
///
/// At most a hundred replies are awaited at a time, which fit any receive buffer: what is lost, the
/// server has lost. A server that is slower than the rate is asked less often.
package final class SteadyQuestions: Sendable {
    /// What has been seen so far.
    package struct Count: Sendable {
        package var asked = 0
        package var answered = 0
        /// Not answered within two seconds.
        package var lost = 0
        /// The longest wait for a reply.
        package var slowest = Duration.zero
        /// Questions that were answered by SERVFAIL, REFUSED or the like.
        package var failures = 0
    }

    private struct Pending {
        let question: Int
        let since: ContinuousClock.Instant
    }

    private struct State {
        var pending: [UInt16: Pending] = [:]
        var count = Count()
        var histories: [[String]]
        /// What replies mean, by their octets behind the id: they are few.
        var meanings: [[UInt8]: (summary: String, isFailure: Bool)] = [:]
        var isOver = false
    }

    private static let window = 100
    private static let patience = Duration.seconds(2) * TestRun.patience

    private let questions: [String]
    private let queries: [[UInt8]]
    private let socket: Socket
    private let interval: Duration
    private let state: Mutex<State>
    private let ended = DispatchSemaphore(value: 0)

    /// Begins at once.
    package init(_ questions: [String], port: UInt16, rate: Int) throws {
        self.questions = questions
        queries = try questions.map { question in
            let parsed = try Question(presentation: question)
            return Message(
                query: parsed.name, type: parsed.type, class: parsed.class, id: 0,
                recursionDesired: false, opt: OPT()
            ).encode()
        }
        socket = try Socket(.udp, port: port)
        interval = .seconds(1) / rate
        state = Mutex(State(histories: Array(repeating: [], count: questions.count)))
        Thread { [self] in askAll() }.start()
        Thread { [self] in hearAll() }.start()
    }

    /// Asks no more, waits for the last replies, and says what there was.
    package func finish() -> Count {
        if !state.withLock({ $0.isOver }) {
            state.withLock { $0.isOver = true }
            ended.wait()
            // What is on its way still comes, and one more wakes the other thread.
            _ = eventually(within: 2) { state.withLock { $0.pending.isEmpty } }
            try? socket.send(queries[0])
            ended.wait()
        }
        return state.withLock { state in
            var count = state.count
            count.lost += state.pending.count
            return count
        }
    }

    /// What a question was answered, sorted as `Message.summary` has it, each time it became
    /// something else.
    package func history(_ question: String) -> [String] {
        guard let index = questions.firstIndex(of: question) else { return [] }
        return state.withLock { $0.histories[index] }
    }

    /// Waits until a question is answered so.
    package func comes(_ question: String, to answers: String, within seconds: Double = 20) -> Bool
    {
        eventually(within: seconds) { history(question).last == answers }
    }

    // MARK: The threads

    private func askAll() {
        var due = ContinuousClock.now
        var number = 0
        while let query = next(number) {
            if !query.isEmpty {
                try? socket.send(query)
                number += 1
                // After a pause what was not asked is left out: a burst is no steady rate.
                due = max(due + interval, .now - interval * 16)
            } else {
                due = .now + .milliseconds(1)
            }
            let pause = due - .now
            if pause > .zero { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
        }
        ended.signal()
    }

    /// The next query; empty while too many replies are awaited, nil when it is over.
    private func next(_ number: Int) -> [UInt8]? {
        let now = ContinuousClock.now
        // The id 0 is left to the query that wakes.
        let id = UInt16(number % 0xFFFF + 1)
        let isAllowed = state.withLock { state -> Bool? in
            guard !state.isOver else { return nil }
            if state.pending.count >= Self.window || state.pending[id] != nil {
                let overdue = state.pending.filter { now - $0.value.since > Self.patience }
                for id in overdue.keys { state.pending[id] = nil }
                state.count.lost += overdue.count
                return false
            }
            state.pending[id] = Pending(question: number % questions.count, since: now)
            state.count.asked += 1
            return true
        }
        guard let isAllowed else { return nil }
        guard isAllowed else { return [] }
        var query = queries[number % queries.count]
        query[0] = UInt8(id >> 8)
        query[1] = UInt8(id & 0xFF)
        return query
    }

    private func hearAll() {
        while let reply = hear() { note(reply) }
        ended.signal()
    }

    /// The next reply; nil when it is over.
    private func hear() -> [UInt8]? {
        while true {
            let reply = socket.receive()
            if let reply, reply.count >= 12, reply[0] != 0 || reply[1] != 0 { return reply }
            if state.withLock({ $0.isOver }) { return nil }
        }
    }

    private func note(_ reply: [UInt8]) {
        let now = ContinuousClock.now
        let id = UInt16(reply[0]) << 8 | UInt16(reply[1])
        let content = Array(reply.dropFirst(2))
        state.withLock { state in
            guard let pending = state.pending.removeValue(forKey: id) else { return }
            let waited = now - pending.since
            guard waited <= Self.patience else { return state.count.lost += 1 }
            state.count.answered += 1
            state.count.slowest = max(state.count.slowest, waited)
            let meaning = state.meanings[content] ?? Self.meaning(of: reply)
            if state.meanings.count < 1000 { state.meanings[content] = meaning }
            if meaning.isFailure { state.count.failures += 1 }
            if state.histories[pending.question].last != meaning.summary {
                state.histories[pending.question].append(meaning.summary)
            }
        }
    }

    private static func meaning(of reply: [UInt8]) -> (summary: String, isFailure: Bool) {
        guard let message = try? Message(parsing: reply.span) else { return ("garbled", true) }
        let code = message.header.responseCode
        return (message.summary, code != .noError && code != .nameError)
    }
}
