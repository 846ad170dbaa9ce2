// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// A dead path behind a proxy that goes on acknowledging, under a steady load of questions.
///
/// Neither keepalive nor the kernel's timeouts tell of it: the API server is asked for a sign of
/// life. In the thorough form it lasts until that has been noticed.
@Suite(
    "Chaos behind a proxy", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"),
    .enabled(if: RunningProxy.isAvailable, "needs tinyproxy, stunnel4 and microsocks"))
struct ChaosProxyTests {
    /// What docs/catalog-path.md says.
    private static let bound = 40.0

    private func scene(_ row: String, _ proxy: RunningProxy) throws -> ChaosScene {
        try ChaosScene(row) { plane in try proxy.kubeconfig(from: plane.kubeconfig) }
    }

    /// Has something deleted meanwhile, and waits until it is noticed where there is time for it.
    private func lasts(_ seconds: Double, _ row: String, _ scene: ChaosScene) throws {
        let start = ContinuousClock.now
        try scene.deleteGone()
        guard TestRun.isThorough else { return scene.wait(seconds, long: 0) }
        #expect(scene.turnsStale(within: Self.bound), "\(scene.server.log)")
        print("chaos, \(row): noticed after \(ContinuousClock.now - start)")
        #expect(scene.metrics().contains(#"reason="unreachable""#))
    }

    @Test(
        "A network that swallows whatever goes from the proxy to the API server and back",
        .enabled(if: Partition.isPossible, "needs root and iptables"))
    func partitioned() throws {
        let row = "partitioned behind a proxy"
        let proxy = try RunningProxy(.http)
        let scene = try scene(row, proxy)
        let partition = try Partition(port: scene.plane.port)
        defer { partition.heal() }
        try lasts(4, row, scene)
        partition.heal()
        try scene.endsWell()
    }

    @Test(
        "A proxy that is frozen, its connections open",
        arguments: TestRun.isThorough ? [RunningProxy.Kind.https, .socks5] : [.socks5])
    func frozen(_ kind: RunningProxy.Kind) throws {
        let row = "a frozen proxy of \(kind)"
        let proxy = try RunningProxy(kind)
        let scene = try scene(row, proxy)
        proxy.freeze()
        try lasts(3, row, scene)
        proxy.thaw()
        try scene.endsWell()
    }
}
