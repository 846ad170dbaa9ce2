// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

/// A control plane, a server that watches it, and somebody who never stops asking.
///
/// Whoever asks is in the zone of one pod of `db`, and hears of no other for as long as the server
/// knows where pods are. `gone` is what is deleted while the API cannot tell.
final class ChaosScene: Sendable {
    static let web = "web.default.svc.global. IN A"
    static let db = "db.default.svc.global. IN A"
    static let gone = "gone.default.svc.global. IN A"
    static let pod = "pod-0.chaoyang.db.default.svc.global. IN A"
    private static let none = "none.default.svc.global. IN A"
    private static let empty = "web.default.svc.global. IN AAAA"

    /// What each is answered before, and until somebody changes it.
    private static let before = [
        (web, "10.96.0.10"), (db, "10.1.0.2"), (gone, "10.96.0.11"), (pod, "10.1.0.2 10.1.0.3"),
        (none, "NXDOMAIN"), (empty, ""),
    ]

    static let nodes = [
        ClusterObjects.node("n1", zone: "zone-1", region: "north"),
        ClusterObjects.node("n2", zone: "zone-2", region: "north"),
    ].joined(separator: "\n")

    /// In an order in which no Service ever lacks a part of its endpoints.
    static let objects = [
        ClusterObjects.slice("db", ["10.1.0.2"], node: "n1"),
        ClusterObjects.slice("db", ["10.1.0.3"], node: "n2")
            .replacing("name: db-1", with: "name: db-2"),
        ClusterObjects.service("db", "None", endpoints: ["10.1.0.2"], node: "n1"),
        ClusterObjects.service("web", "10.96.0.10", endpoints: ["10.1.0.1"]),
        ClusterObjects.service("gone", "10.96.0.11", endpoints: ["10.1.0.9"]),
    ].joined(separator: "\n")

    let plane: ControlPlane
    let server: RunningServer
    let load: SteadyQuestions
    private let row: String
    let metricsPort: UInt16
    private let expected: [(question: String, answers: String)]
    private let environment: [String: String]

    /// The kubeconfig is the administrator's unless another is made.
    ///
    /// `services` are asked for beside the usual ones, each with its address; `settings` are more
    /// lines for the Corefile, `environment` is the server's.
    init(
        _ row: String, services: [(name: String, address: String)] = [],
        settings: String = "", environment: [String: String] = [:],
        kubeconfig: (ControlPlane) throws -> String = { $0.kubeconfig }
    ) throws {
        self.environment = environment
        self.row = row
        plane = try ControlPlane(name: "chaoyang")
        try plane.apply(Self.nodes + "\n" + Self.objects)
        metricsPort = try Programs.freePort()
        server = try RunningServer(
            corefile: """
                global {
                    bind 127.0.0.1
                    prometheus 127.0.0.1:\(metricsPort)
                    fabdns {
                        \(settings)
                        member chaoyang {
                            kubeconfig \(try kubeconfig(plane))
                            zone beijing
                            region north
                        }
                        cluster elsewhere
                        zone zone-1
                        region north
                    }
                }
                """, environment: environment)
        expected =
            Self.before + services.map { ("\($0.name).default.svc.global. IN A", $0.address) }
        for (question, answers) in expected where !server.comes(question, to: answers) {
            throw Failure("\(question) is not \(answers): \(server.log)")
        }
        // What lists have said is answered before the watches have begun.
        guard server.program.output.waits(for: "cluster chaoyang: live") else {
            throw Failure("no watches: \(server.log)")
        }
        load = try SteadyQuestions(
            expected.map(\.question), port: server.port, rate: TestRun.isThorough ? 5000 : 500)
    }

    /// Another server with the same Corefile, once the first has ended.
    func startAgain() throws -> RunningServer {
        try RunningServer(
            corefile: String(
                contentsOf: server.folder.url.appending(path: "Corefile"), encoding: .utf8),
            environment: environment)
    }

    /// Lets time pass: `long` seconds where there is time for it.
    func wait(_ seconds: Double, long: Double) {
        Thread.sleep(forTimeInterval: TestRun.isThorough ? long : seconds)
    }

    /// Deletes the Service `gone` where the API server keeps it, whether or not that answers.
    func deleteGone() throws { try plane.deleteStored("services/specs/default/gone") }

    /// Whether the server says that it does not hear the cluster, within that time.
    func turnsStale(within seconds: Double = 20) -> Bool {
        server.turns(Self.web, to: "NOERROR [3]", within: seconds)
    }

    /// Whether a watch has had to begin again for that reason, and where there is time for it the
    /// server says that it does not hear the cluster.
    func isRefused(as reason: String) -> Bool {
        eventually { metrics().contains("reason=\"\(reason)\"") }
            && (!TestRun.isThorough || turnsStale())
    }

    /// What each is answered in turn when the cluster was not there for a while.
    var absence: [String: [String]] {
        var histories: [String: [String]] = [:]
        for (question, answers) in expected where question != Self.none {
            histories[question] = [answers, "NXDOMAIN", answers]
        }
        return histories
    }

    /// Whether what is saved in a folder comes to be so.
    func isSaved(
        in folder: String, within seconds: Double = 20, _ isWanted: (SavedFeed) -> Bool
    ) -> Bool {
        let path = "\(folder)/cluster-chaoyang.state"
        return eventually(within: seconds) {
            guard let octets = try? Data(contentsOf: URL(filePath: path)),
                let saved = try? SavedStateCodec.decode(Array(octets), path: path)
            else { return false }
            return isWanted(saved)
        }
    }

    func metrics() -> String { (try? server.page(metricsPort, "/metrics")) ?? "" }

    /// The API is back: what was missed comes, so does what changes now, and in all the time every
    /// question was answered as it had to be.
    func endsWell() throws {
        let start = ContinuousClock.now
        // After a long absence the next try is up to half a minute away.
        #expect(load.comes(Self.gone, to: "NXDOMAIN", within: 40), "\(server.log)")
        let caughtUp = ContinuousClock.now - start
        try plane.apply(ClusterObjects.slice("db", ["10.1.0.4"], node: "n1"))
        // Each kind of object has a next try of its own.
        #expect(load.comes(Self.db, to: "10.1.0.4", within: 40), "\(server.log)")
        #expect(load.comes(Self.pod, to: "10.1.0.3 10.1.0.4", within: 5))
        // It is on trial for a while, which `DirectTests` looks at too.
        if TestRun.isThorough {
            #expect(server.turns(Self.web, to: "NOERROR []", within: 60), "\(server.log)")
        }
        hasAnswered([
            Self.gone: ["10.96.0.11", "NXDOMAIN"], Self.db: ["10.1.0.2", "10.1.0.4"],
            Self.pod: ["10.1.0.2 10.1.0.3", "10.1.0.3 10.1.0.4"],
        ])
        print("chaos, \(row): what was missed came \(caughtUp) after the end")
    }

    /// Nothing was lost or failed, and no answer became another but those of `changes`.
    func hasAnswered(_ changes: [String: [String]] = [:]) {
        let count = load.finish()
        #expect(count.lost == 0 && count.failures == 0 && count.answered == count.asked)
        for (question, answers) in expected {
            #expect(load.history(question) == changes[question] ?? [answers], "\(question)")
        }
        print("chaos, \(row): \(count.answered) answers, the slowest after \(count.slowest)")
    }
}

extension SavedFeed {
    /// Whether an endpoint has this address.
    func has(_ address: String) -> Bool {
        services.contains { service in
            service.endpoints.contains { $0.addresses.contains { "\($0)" == address } }
        }
    }
}
