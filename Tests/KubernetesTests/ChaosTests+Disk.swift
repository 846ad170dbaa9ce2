// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

extension ChaosTests {
    @Test(
        "A disk that is full where the state is saved, has room, and is full again",
        .enabled(if: MemoryDisk.isPossible, "this process may not mount a disk"))
    func fullDisk() throws {
        let disk = try #require(try MemoryDisk(octetCount: 1 << 16))
        let scene = try ChaosScene("full disk", settings: "state \(disk.path) every 1s")
        #expect(scene.isSaved(in: disk.path) { $0.services.count == 3 })
        let complaint = "No space left on device; serving goes on from memory"
        func complaints() -> Int { scene.server.log.components(separatedBy: complaint).count - 1 }
        var changes = Changes(scene)

        try disk.fill()
        try scene.deleteGone()
        #expect(scene.load.comes(ChaosScene.gone, to: "NXDOMAIN"))
        // It is tried again each second.
        for _ in 0..<(TestRun.isThorough ? 30 : 4) { try changes.make() }
        scene.wait(1, long: 10)
        #expect(complaints() == 1, "\(scene.server.log)")
        #expect(scene.isSaved(in: disk.path) { $0.services.count == 3 })

        disk.makeRoom()
        let again = "state is saved again"
        #expect(scene.server.program.output.waits(for: again), "\(scene.server.log)")
        #expect(scene.isSaved(in: disk.path) { $0.services.count == 2 })
        try changes.make()
        let last = try #require(changes.addresses.last)
        #expect(scene.isSaved(in: disk.path) { $0.has(last) })

        try disk.fill()
        try changes.make()
        #expect(eventually { complaints() == 2 }, "\(scene.server.log)")
        scene.hasAnswered(changes.histories)
        #expect(scene.server.log.components(separatedBy: again).count == 2)

        // The disk is still full.
        scene.plane.stopAPIServer()
        scene.server.program.end(SIGKILL)
        let second = try scene.startAgain()
        let load = try SteadyQuestions([ChaosScene.db], port: second.port, rate: 500)
        #expect(try second.outcome(ChaosScene.db) == "NOERROR [3]")
        try scene.plane.startAPIServer()
        let newest = try #require(changes.addresses.last)
        #expect(load.comes(ChaosScene.db, to: newest, within: 60), "\(second.log)")
        let count = load.finish()
        #expect(count.lost == 0 && count.failures == 0 && count.answered == count.asked)
        #expect(load.history(ChaosScene.db) == [last, newest])
    }

    /// An endpoint of `db` that gets one address after the other.
    private struct Changes {
        private let scene: ChaosScene
        private(set) var addresses = ["10.1.0.2"]

        init(_ scene: ChaosScene) { self.scene = scene }

        mutating func make() throws {
            let address = "10.1.1.\(addresses.count)"
            try scene.plane.apply(ClusterObjects.slice("db", [address], node: "n1"))
            addresses.append(address)
            #expect(scene.load.comes(ChaosScene.db, to: address), "\(scene.server.log)")
            #expect(scene.load.comes(ChaosScene.pod, to: pods(address), within: 5))
            if TestRun.isThorough { Thread.sleep(forTimeInterval: 1) }
        }

        private func pods(_ address: String) -> String {
            ["10.1.0.3", address].sorted().joined(separator: " ")
        }

        var histories: [String: [String]] {
            [
                ChaosScene.gone: ["10.96.0.11", "NXDOMAIN"], ChaosScene.db: addresses,
                ChaosScene.pod: addresses.map(pods),
            ]
        }
    }
}
