// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ServiceCatalog

/// A day of changes in ten minutes: what a server holds must not grow.
@Suite("Churn", .serialized)
struct ChurnTests {
    /// A day has a change every ten seconds, a watch that ends every seven minutes, an API server
    /// that restarts every hour and forgets every half hour.
    private struct Day {
        let seconds: Double
        var changes: Int { Int(8640 * seconds / 600) }
        var watchEnds: Int { Int(200 * seconds / 600) }
        var restarts: Int { max(1, Int(24 * seconds / 600)) }
        var forgets: Int { max(1, Int(48 * seconds / 600)) }
    }

    private struct Sample {
        let residentKilobytes: Int
        let descriptors: Int
    }

    private static func sample(_ server: RunningServer) throws -> Sample {
        let process = "/proc/\(server.program.identifier)"
        let status = try String(contentsOfFile: "\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Sample(
            residentKilobytes: line.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0,
            descriptors: try FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").count)
    }

    @Test("Memory and descriptors stay what they were, and no query fails")
    func day() throws {
        let day = Day(seconds: TestRun.isThorough ? 600 : 6)
        let clusters = try (0..<3).map { number in
            let objects = WatchedObjects.cluster()
            for index in 0..<300 {
                objects.put(service: "s\(index)", "10.\(number).0.\(index % 250)")
            }
            objects.put(service: "steady", "10.\(number).9.9")
            return (objects: objects, server: try FakeAPIServer(respond: objects.respond))
        }
        let members = clusters.enumerated().map { number, cluster in
            "member c\(number) {\nkubeconfig \(cluster.server.kubeconfig)\n}"
        }.joined(separator: "\n")
        let server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    fabdns {
                        \(members)
                        cluster c0
                        state {folder}/state every 1s
                    }
                }
                """)
        #expect(server.comes("steady.a.svc.global. IN A", to: "10.0.9.9"))
        #expect(server.comes("s299.a.c2.global. IN A", to: "10.2.0.49"))
        usleep(2_000_000)
        var samples = [try Self.sample(server)]
        var failures = 0
        var queries = 0
        let start = ContinuousClock.now
        var (ends, restarts, forgets) = (0, 0, 0)
        for change in 0..<day.changes {
            let due = start + .seconds(day.seconds * Double(change) / Double(day.changes))
            let cluster = clusters[change % 3]
            let name = "s\(change * 7 % 300)"
            if change % 5 == 0 {
                cluster.objects.remove(service: name)
            } else {
                cluster.objects.put(service: name, "10.\(change % 3).1.\(change % 250)")
            }
            let share = Double(change) / Double(day.changes)
            if Int(share * Double(day.watchEnds)) > ends {
                ends += 1
                clusters[ends % 3].server.closeConnections()
            }
            if Int(share * Double(day.forgets)) > forgets {
                forgets += 1
                clusters[forgets % 3].objects.forget()
            }
            if Int(share * Double(day.restarts)) > restarts {
                restarts += 1
                clusters[restarts % 3].server.stop()
                try clusters[restarts % 3].server.start()
            }
            if change % max(1, day.changes / 30) == 0 { samples.append(try Self.sample(server)) }
            repeat {
                queries += 1
                let answer = try? server.answers(to: "steady.a.svc.global. IN A")
                if answer != "10.0.9.9" { failures += 1 }
                usleep(1000)
            } while ContinuousClock.now < due
        }
        samples.append(try Self.sample(server))
        let third = samples.count / 3
        let (early, late) = (samples.prefix(third + 1), samples.suffix(third))
        let resident = (
            early.map(\.residentKilobytes).max() ?? 0, late.map(\.residentKilobytes).max() ?? 0
        )
        let descriptors = (
            early.map(\.descriptors).max() ?? 0, late.map(\.descriptors).max() ?? 0
        )
        print(
            "\(day.changes) changes, \(ends) ended watches, \(restarts) restarts, \(queries) queries:"
                + " resident \(resident.0) -> \(resident.1) KiB,"
                + " descriptors \(descriptors.0) -> \(descriptors.1)")
        #expect(failures == 0)
        #expect(Double(resident.1) <= Double(resident.0) * 1.15 + 2048)
        #expect(descriptors.1 <= descriptors.0 + 8)
    }
}
