// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

/// The server's wall clock is set by years while it runs; see `SkewedClock`.
extension ChaosTests {
    private static let jumps = [SkewedClock.tenYears, -SkewedClock.tenYears]

    @Test(
        "A clock that jumps by ten years, forward and back",
        .enabled(if: SkewedClock.isPossible, "no compiler, or a sanitizer"))
    func clockJumps() throws {
        let clock = try SkewedClock()
        let folder = try Folder()
        let scene = try ChaosScene(
            "clock", settings: "state \(folder.path("state")) every 1s\nstale drop after 1h",
            environment: clock.environment)
        let serial = try scene.serial()
        try clock.set(ahead: SkewedClock.tenYears)
        #expect(try scene.yearsAhead() == 10)
        try scene.deleteGone()
        #expect(scene.load.comes(ChaosScene.gone, to: "NXDOMAIN"))
        // A change is told in the serial within a second.
        #expect(try eventually { try scene.serial() > serial + UInt32(SkewedClock.tenYears) - 60 })
        let ahead = try scene.serial()
        // What changes is saved as soon as ever.
        #expect(scene.isSaved(in: folder.path("state"), within: 5) { $0.services.count == 2 })
        for _ in 0..<(TestRun.isThorough ? 10 : 1) {
            for jump in Self.jumps {
                try clock.set(ahead: jump)
                scene.wait(0.5, long: 2)
                #expect(scene.stands("live", longestAge: 0))
            }
        }
        #expect(try scene.yearsAhead() == -10)
        try scene.endsWell()
        #expect(try scene.serial() > ahead)
        #expect(scene.isSaved(in: folder.path("state"), within: 5) { $0.has("10.1.0.4") })
    }

    @Test(
        "A clock that jumps while an API server is away, which is refused until it is right again",
        .enabled(if: SkewedClock.isPossible, "no compiler, or a sanitizer"),
        arguments: TestRun.isThorough ? ["drop", "demote"] : ["drop"])
    func clockJumpsUnheard(action: String) throws {
        let clock = try SkewedClock()
        let folder = try Folder()
        let scene = try ChaosScene(
            "clock, unheard, \(action)",
            settings: "state \(folder.path("state")) every 1s\nstale \(action) after 1h",
            environment: clock.environment)
        let lost = ContinuousClock.now
        func age() -> Double { (.now - lost) / .seconds(1) }
        scene.plane.stopAPIServer()
        try scene.deleteGone()
        #expect(scene.turnsStale())
        for jump in Self.jumps {
            try clock.set(ahead: jump)
            scene.wait(0.5, long: 10)
            #expect(scene.stands("stale", longestAge: age() + 1))
        }
        // Another catalog takes what this one knows, and for how long it has been so.
        try clock.set(ahead: SkewedClock.tenYears)
        try scene.reload { $0.replacing("after 1h", with: "after 2h") }
        #expect(scene.stands("stale", longestAge: age() + 1))
        // In ten years no certificate of today is valid.
        try scene.plane.startAPIServer()
        #expect(scene.isRefused())
        scene.wait(0, long: 30)
        #expect(scene.stands("stale", longestAge: age() + 1))
        try clock.set(ahead: 0)
        try scene.endsWell()
    }

    @Test(
        "A time to drop a cluster that is over when it is, whatever the clock says",
        .enabled(if: SkewedClock.isPossible, "no compiler, or a sanitizer"))
    func clockJumpsDrop() throws {
        let clock = try SkewedClock()
        let scene = try ChaosScene(
            "clock, drop", settings: "stale drop after 8s", environment: clock.environment)
        let lost = ContinuousClock.now
        scene.plane.stopAPIServer()
        #expect(scene.turnsStale())
        try clock.set(ahead: SkewedClock.tenYears)
        Thread.sleep(forTimeInterval: 1)
        try clock.set(ahead: -SkewedClock.tenYears)
        #expect(scene.load.comes(ChaosScene.web, to: "NXDOMAIN"))
        let dropped = ContinuousClock.now - lost
        // The moment of the loss is told in whole seconds.
        #expect(dropped > .seconds(6.9) && dropped < .seconds(12) * TestRun.patience)
        try clock.set(ahead: 0)
        try scene.plane.startAPIServer()
        // Each is seen in its turn.
        for (question, answers) in scene.absence {
            let isBack = eventually(within: 60) { scene.load.history(question) == answers }
            #expect(isBack, "\(question)")
        }
        scene.hasAnswered(scene.absence)
    }

    @Test(
        "A start under a clock that was set back, with what was saved: for its time and no longer",
        .enabled(if: SkewedClock.isPossible, "no compiler, or a sanitizer"))
    func clockSetBackAtStart() throws {
        let clock = try SkewedClock()
        let folder = try Folder()
        let state = folder.path("state")
        let scene = try ChaosScene(
            "clock, start", settings: "state \(state) every 1s\nstale drop after 4s",
            environment: clock.environment)
        scene.wait(0.5, long: 5)
        scene.hasAnswered()
        scene.plane.stopAPIServer()
        scene.server.program.end(SIGTERM)
        try clock.set(ahead: -SkewedClock.tenYears)
        let second = try scene.startAgain()
        let load = try SteadyQuestions([ChaosScene.web], port: second.port, rate: 500)
        #expect(try second.outcome(ChaosScene.web) == "NOERROR [3]")
        #expect(second.turns(ChaosScene.web, to: "NXDOMAIN [19]"), "\(second.log)")
        // The next try is some seconds away.
        if TestRun.isThorough {
            try scene.plane.startAPIServer()
            #expect(scene.isRefused())
            #expect(try second.outcome(ChaosScene.web) == "NXDOMAIN [19]")
        }
        try clock.set(ahead: 0)
        if !TestRun.isThorough { try scene.plane.startAPIServer() }
        #expect(load.comes(ChaosScene.web, to: "10.96.0.10", within: 60), "\(second.log)")
        // What is saved now is of another time than that of the next start.
        try clock.set(ahead: SkewedClock.tenYears)
        try scene.deleteGone()
        let isAhead = scene.isSaved(in: state, within: 5) {
            $0.currentSeconds > Date().timeIntervalSince1970 + Double(SkewedClock.tenYears) - 60
        }
        #expect(isAhead)
        let count = load.finish()
        #expect(count.lost == 0 && count.failures == 0 && count.answered == count.asked)
        #expect(load.history(ChaosScene.web) == ["10.96.0.10", "NXDOMAIN", "10.96.0.10"])
        scene.plane.stopAPIServer()
        second.program.end(SIGKILL)
        try clock.set(ahead: 0)
        let third = try scene.startAgain()
        #expect(try third.outcome(ChaosScene.web) == "NOERROR [3]")
        #expect(third.turns(ChaosScene.web, to: "NXDOMAIN [19]"), "\(third.log)")
    }
}

extension ChaosScene {
    /// By how many years the server's clock is ahead, as its pages tell.
    fileprivate func yearsAhead() throws -> Int {
        let head = try Programs.run(
            Programs.required("curl"),
            [
                "--silent", "--noproxy", "*", "--max-time", "20", "--output", "/dev/null",
                "--dump-header", "-", "http://127.0.0.1:\(metricsPort)/metrics",
            ]
        ).output
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let line = head.split(separator: "\r\n").first(where: { $0.hasPrefix("Date: ") }),
            let date = format.date(from: String(line.dropFirst(6)))
        else { throw Failure("no date in \(head)") }
        return Int((date.timeIntervalSinceNow / Double(SkewedClock.tenYears) * 10).rounded())
    }

    /// The serial of the SOA.
    fileprivate func serial() throws -> UInt32 {
        let record = try server.answers(to: "global. IN SOA").split(separator: " ")
        guard record.count > 2, let serial = UInt32(record[2]) else {
            throw Failure("no serial in \(record)")
        }
        return serial
    }

    /// Whether the cluster stands so, and was heard that many seconds ago at most.
    fileprivate func stands(_ state: String, longestAge: Double) -> Bool {
        let page = metrics()
        let cluster = #"{catalog="cluster chaoyang",cluster="chaoyang""#
        let age = page.split(separator: "\n").first {
            $0.hasPrefix("fabdns_catalog_age_seconds\(cluster)} ")
        }?.split(separator: " ").last.flatMap { Double($0) }
        guard let age, age <= longestAge * Double(TestRun.patience) else { return false }
        return page.contains("fabdns_cluster_state\(cluster),state=\"\(state)\"} 1\n")
    }

    /// Whether the API server, which is there, is tried in vain.
    fileprivate func isRefused() -> Bool {
        func refusals() -> Int {
            metrics().split(separator: "\n").filter {
                $0.hasPrefix("fabdns_watch_restarts_total{") && $0.contains("unreachable")
            }.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }
        let before = refusals()
        // What has begun before the API server was ready is no more than one for each kind.
        return eventually(within: 60) { refusals() > before + 4 }
    }

    /// Has the server read another Corefile.
    fileprivate func reload(_ change: (String) -> String) throws {
        let path = server.folder.url.appending(path: "Corefile")
        try server.reload(corefile: change(String(contentsOf: path, encoding: .utf8)))
        guard server.program.output.waits(for: "reloaded ") else {
            throw Failure("not reloaded: \(server.log)")
        }
    }
}
