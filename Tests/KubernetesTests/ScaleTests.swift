// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

/// Twenty clusters with a hundred thousand services between them: figures for a release build,
/// printed as a table (`make clusters`).
@Suite(
    "Scale", .serialized,
    .enabled(if: TestRun.isThorough, "FABDNS_THOROUGH=1 asks for it"))
struct ScaleTests {
    /// A cluster in memory; every second service is headless, and each has three endpoints.
    private final class Cluster: Sendable {
        let objects = WatchedObjects.cluster()
        let server: FakeAPIServer
        let number: Int

        init(_ number: Int, services: Int) throws {
            self.number = number
            for index in 0..<services { Self.put(index, 0, in: objects, number) }
            server = try FakeAPIServer(respond: objects.respond)
        }

        static func name(_ index: Int, _ cluster: Int) -> String { "s\(index)-c\(cluster)" }

        static func address(_ index: Int, _ cluster: Int, _ version: Int) -> String {
            "10.\(100 + cluster + index / 62_500).\(index / 250 % 250)"
                + ".\((index % 250 + version * 3) % 250)"
        }

        static func put(_ index: Int, _ version: Int, in objects: WatchedObjects, _ cluster: Int) {
            let endpoints = (0..<3).map { address(index, cluster, version + $0) }
            if index.isMultiple(of: 2) {
                objects.put(service: name(index, cluster), endpoints: endpoints)
            } else {
                objects.put(
                    service: name(index, cluster), address(index, cluster, version),
                    endpoints: endpoints)
            }
        }

        /// The question for an odd service, and its answer.
        func question(_ index: Int) -> (String, String) {
            (
                "\(Self.name(index, number)).a.svc.global. IN A",
                Self.address(index, number, 0)
            )
        }
    }

    private static func corefile(_ clusters: [Cluster], port: UInt16) -> String {
        let members = clusters.map {
            "member c\($0.number) {\nkubeconfig \($0.server.kubeconfig)\n}"
        }
        return """
            global {
                bind 127.0.0.1
                prometheus 127.0.0.1:\(port)
                fabdns {
                    \(members.joined(separator: "\n"))
                    state {folder}/state every 1s
                }
            }
            """
    }

    /// Waits until the last service of every cluster is answered; the seconds since `start`.
    private static func seconds(
        since start: ContinuousClock.Instant, _ server: RunningServer, _ clusters: [Cluster],
        _ last: Int
    ) -> Double? {
        for cluster in clusters {
            let (question, answer) = cluster.question(last)
            guard server.comes(question, to: answer, within: 120) else { return nil }
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private static func status(_ server: RunningServer, _ field: String) throws -> Double {
        let text = try String(
            contentsOfFile: "/proc/\(server.program.identifier)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") } ?? ""
        return Double(line.split { !$0.isNumber }.first ?? "") ?? 0
    }

    private static func sample(_ page: String, _ prefix: String) -> Double {
        page.split(separator: "\n").filter { $0.hasPrefix(prefix) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    private static func print(_ rows: [(String, String)]) {
        let width = rows.map(\.0.count).max() ?? 0
        for (name, value) in rows {
            Swift.print(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value)
        }
    }

    private static func milliseconds(_ seconds: Double) -> String {
        "\((seconds * 1e4).rounded() / 10) ms"
    }

    @Test("Twenty clusters, a hundred thousand services, a thousand changes a second")
    func twentyClusters() throws {
        let services = 5000
        let clusters = try (0..<20).map { try Cluster($0, services: services) }
        let port = try Programs.freePort()
        var rows: [(String, String)] = []
        var start = ContinuousClock.now
        let first = try RunningServer(corefile: Self.corefile(clusters, port: port))
        let fromAPI = try #require(Self.seconds(since: start, first, clusters, services - 1))
        rows.append(("start to all answers, from 20 APIs", Self.milliseconds(fromAPI)))
        usleep(3_000_000)
        rows.append(("resident, then", "\(Int(try Self.status(first, "VmRSS") / 1024)) MiB"))
        rows.append(("highest until then", "\(Int(try Self.status(first, "VmHWM") / 1024)) MiB"))
        let load = try Self.change(clusters, services, first, port)
        rows += load
        let folder = first.folder
        first.program.end(SIGTERM)
        for cluster in clusters { cluster.server.stop() }
        start = ContinuousClock.now
        let second = try RunningServer(
            corefile: Self.corefile(clusters, port: port)
                .replacing("{folder}", with: folder.url.path()))
        let fromState = try #require(Self.seconds(since: start, second, clusters, services - 1))
        rows.append(("start to all answers, from saved state", Self.milliseconds(fromState)))
        rows.append(("resident, then", "\(Int(try Self.status(second, "VmRSS") / 1024)) MiB"))
        Self.print(rows)
        #expect(fromState < 5)
    }

    /// A thousand changes a second for ten seconds, on services that no question is about.
    private static func change(
        _ clusters: [Cluster], _ services: Int, _ server: RunningServer, _ port: UInt16
    ) throws -> [(String, String)] {
        let quiet = try load(server)?.untilEnd()
        let busy = try load(server)
        let before = try server.page(port, "/metrics")
        let start = ContinuousClock.now
        let count = 10_000
        for change in 0..<count {
            let cluster = clusters[change % clusters.count]
            let index = change / clusters.count * 2 % (services - 2)
            Cluster.put(index, 1 + change / 1000, in: cluster.objects, cluster.number)
            let due = start + .milliseconds(change)
            while ContinuousClock.now < due { usleep(200) }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        usleep(500_000)
        let after = try server.page(port, "/metrics")
        let cpu =
            sample(after, "process_cpu_seconds_total")
            - sample(before, "process_cpu_seconds_total")
        let propagation = PropagationFigures(page: after)
        return [
            ("changes a second", "\(Int(Double(count) / seconds)) (two events each)"),
            ("batches measured", "\(propagation.count)"),
            ("propagation p99, at most", "\(propagation.p99 ?? "?") s"),
            ("CPU while changes flow", "\((cpu / seconds * 1000).rounded() / 10) % of a core"),
            ("resident after them", "\(Int(try status(server, "VmRSS") / 1024)) MiB"),
            ("20,000 queries a second, without changes", latency(quiet)),
            ("the same while changes flow", latency(busy?.untilEnd())),
        ]
    }

    /// dnsperf for eight seconds, where it is installed.
    private static func load(_ server: RunningServer) throws -> RunningProgramOutput? {
        guard let dnsperf = Programs.installed("dnsperf") else { return nil }
        let questions = (0..<1000).map { "s\($0 * 2 + 1)-c\($0 % 20).a.svc.global A" }
        let folder = try Folder(["questions": questions.joined(separator: "\n") + "\n"])
        let program = try RunningProgram(
            dnsperf,
            [
                "-s", "127.0.0.1", "-p", "\(server.port)", "-d", folder.path("questions"), "-l",
                "8", "-Q", "20000", "-c", "4",
            ])
        return RunningProgramOutput(program: program, folder: folder)
    }

    /// A program under way with the folder that it reads.
    private struct RunningProgramOutput {
        let program: RunningProgram
        let folder: Folder
        func untilEnd() -> String { program.output.untilEnd() }
    }

    /// `lost 0, average 0.1 ms`, of what dnsperf says.
    private static func latency(_ output: String?) -> String {
        guard let output else { return "dnsperf is not installed" }
        let lines = output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.filter {
            $0.hasPrefix("Queries lost") || $0.hasPrefix("Average Latency")
                || $0.hasPrefix("Queries per second")
        }.joined(separator: "; ")
    }

    @Test("A list of a hundred thousand services needs at most three times what it leaves")
    func oneCluster() throws {
        let services = 100_000
        let port = try Programs.freePort()
        let empty = try RunningServer(
            corefile:
                "global {\nbind 127.0.0.1\nprometheus 127.0.0.1:\(port)\nfabdns {\ncatalog \(Programs.repository.path())corefile-examples/catalog.yaml\n}\n}"
        )
        let ground = try Self.status(empty, "VmRSS")
        empty.program.end(SIGTERM)
        let cluster = try Cluster(0, services: services)
        let start = ContinuousClock.now
        let server = try RunningServer(corefile: Self.corefile([cluster], port: port))
        let seconds = try #require(Self.seconds(since: start, server, [cluster], services - 1))
        usleep(3_000_000)
        let resident = try Self.status(server, "VmRSS") - ground
        let peak = try Self.status(server, "VmHWM") - ground
        Self.print([
            ("100,000 services from one API", Self.milliseconds(seconds)),
            ("memory it leaves", "\(Int(resident / 1024)) MiB"),
            ("highest on the way", "\(Int(peak / 1024)) MiB"),
        ])
        #expect(peak <= 3 * resident)
    }
}
