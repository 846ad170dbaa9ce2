// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import Synchronization
import TestSupport

/// Measures from outside how long changes take until every server answers with them.
final class ChangeClock {
    /// When a change has happened.
    enum Origin {
        /// When kubectl returned: the API server has taken it, and nobody else has to do anything.
        case kubectl
        /// When a witness saw it: controllers, or kwok, make it of what kubectl asked for. The
        /// witness is told as the servers are; who sees it first is chance, and then it took none.
        case witnessed([Witness], (String) -> Bool)

        /// What the witnesses have said, for failures.
        var text: String {
            guard case .witnessed(let witnesses, _) = self else { return "" }
            return witnesses.map(\.text).joined(separator: "\n")
        }
    }

    private let ports: [UInt16]
    private(set) var samples: [Sample] = []

    struct Sample {
        let kind: String
        /// From the origin of the change; 0 where the servers knew before kubectl had returned.
        let milliseconds: Double
        /// From before kubectl began.
        let millisecondsInAll: Double
    }

    init(_ servers: [RunningServer]) { ports = servers.map(\.port) }

    /// Changes something and notes how long it took until all servers answered `question` as
    /// wanted; they are asked every two milliseconds, from before the change.
    func measure(
        _ kind: String, _ question: String, from origin: Origin,
        until isWanted: @escaping @Sendable (String) -> Bool, _ change: () throws -> Void
    ) throws {
        let start = ContinuousClock.now
        let seen = Mutex<ContinuousClock.Instant?>(nil)
        let isGivenUp = Mutex(false)
        let ended = DispatchSemaphore(value: 0)
        let asking = AskedServers(ports: ports, question: question, isWanted: isWanted)
        Thread {
            while !isGivenUp.withLock({ $0 }) {
                if asking.haveAllAnswered() {
                    seen.withLock { $0 = .now }
                    break
                }
                usleep(2000)
            }
            ended.signal()
        }.start()
        defer {
            isGivenUp.withLock { $0 = true }
            ended.wait()
        }
        try change()
        let returned = ContinuousClock.now
        guard eventually(within: 20, { seen.withLock { $0 } != nil }),
            let last = seen.withLock({ $0 })
        else {
            let answers = ports.map { (try? Asker(port: $0).ask(question).summary) ?? "nothing" }
            throw Failure("\(kind): \(question) stays \(answers)\n\(origin.text)")
        }
        let began = try moment(of: origin, after: start, returned: returned, kind)
        samples.append(
            Sample(
                kind: kind, milliseconds: max(0, (last - began) / .milliseconds(1)),
                millisecondsInAll: (last - start) / .milliseconds(1)))
    }

    private func moment(
        of origin: Origin, after start: ContinuousClock.Instant,
        returned: ContinuousClock.Instant, _ kind: String
    ) throws -> ContinuousClock.Instant {
        guard case .witnessed(let witnesses, let isWanted) = origin else { return returned }
        var first: ContinuousClock.Instant?
        let isSeen = eventually(within: 10) {
            first = witnesses.compactMap { $0.moment(after: start, isWanted) }.min()
            return first != nil
        }
        guard isSeen, let first else {
            throw Failure("\(kind): nobody saw it:\n\(origin.text)")
        }
        return first
    }

    /// A line for each kind of change, in milliseconds; the last column is with all that kubectl,
    /// controllers and kwok took.
    var table: String {
        let rows = kinds.map { kind in
            let own = samples.filter { $0.kind == kind }
            let sorted = own.map(\.milliseconds).sorted()
            let columns = [
                Self.quantile(0.5, sorted), Self.quantile(0.99, sorted), sorted.last ?? 0,
                own.map(\.millisecondsInAll).max() ?? 0,
            ]
            return ([Double(own.count)] + columns)
                .map { Self.padded("\(Int($0.rounded()))", 8) }.joined() + "  " + kind
        }
        let head = ["n", "p50 ms", "p99 ms", "max ms", "in all"].map { Self.padded($0, 8) }
        return ([head.joined() + "  change"] + rows).joined(separator: "\n")
    }

    /// The 99th percentile of all that was measured, in milliseconds.
    var p99: Double { Self.quantile(0.99, samples.map(\.milliseconds).sorted()) }
    var slowest: Double { samples.map(\.milliseconds).max() ?? 0 }

    private var kinds: [String] {
        samples.map(\.kind).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func quantile(_ part: Double, _ sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((part * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// Servers that are asked one question until each has given the answer that is wanted.
private final class AskedServers: @unchecked Sendable {
    // Premise of @unchecked Sendable: one thread uses it after it was made.
    private var left: [UInt16]
    private let question: String
    private let isWanted: (String) -> Bool

    init(ports: [UInt16], question: String, isWanted: @escaping (String) -> Bool) {
        left = ports
        self.question = question
        self.isWanted = isWanted
    }

    func haveAllAnswered() -> Bool {
        left.removeAll { port in
            guard let answers = try? Asker(port: port).ask(question).summary else { return false }
            return isWanted(answers)
        }
        return left.isEmpty
    }
}
