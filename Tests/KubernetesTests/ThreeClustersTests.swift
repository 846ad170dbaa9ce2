// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// Three real clusters, asked as their pods would, while they change.
@Suite(
    "Three clusters", .serialized,
    .enabled(if: ControlPlane.hasNodes, "KUBEBUILDER_ASSETS and KWOK name no programs"))
struct ThreeClustersTests {
    private typealias Cluster = ThreeClusters.Cluster

    @Test("Each cluster is answered what is nearest to it, and every change reaches all of them")
    func answersAndChanges() throws {
        let three = try ThreeClusters()
        try nearestFirst(three.clusters)
        try podsByName(three.clusters)
        try changes(three.clusters)
    }

    // MARK: Answers

    /// Own cluster, zone, region, all: what is near goes away step by step, and comes back.
    private func nearestFirst(_ clusters: [Cluster]) throws {
        let web = "web.default.svc.global"
        let near = "web.default.svc.nearby"
        let (chaoyang, xicheng, pudong) = (clusters[0], clusters[1], clusters[2])
        func export(_ cluster: Cluster, _ isExported: Bool) throws {
            try cluster.plane.kubectl(
                [
                    "label", "service", "web",
                    "fabedge.io/global-service" + (isExported ? "=true" : "-"),
                ])
        }
        for cluster in clusters {
            #expect(cluster.digs(web, cluster.web, within: 30), "\(cluster.server.log)")
            #expect(cluster.digs(near, "\(chaoyang.web) \(xicheng.web)"))
        }
        try export(chaoyang, false)
        #expect(chaoyang.digs(web, xicheng.web, within: 5))
        #expect(pudong.digs(near, xicheng.web, within: 5))
        try export(xicheng, false)
        for cluster in clusters {
            #expect(cluster.digs(web, pudong.web, within: 5))
            #expect(cluster.digs(near, pudong.web, within: 5))
        }
        for cluster in [chaoyang, xicheng] { try export(cluster, true) }
        // The controller labels the slices again.
        for cluster in clusters { #expect(cluster.digs(web, cluster.web)) }
    }

    /// A headless Service is its own pods, and each pod of the others has a name everywhere.
    private func podsByName(_ clusters: [Cluster]) throws {
        for owner in clusters {
            let pods = try owner.pods()
            #expect(pods.count == 2)
            #expect(
                owner.digs(
                    "db.default.svc.global", pods.values.sorted().joined(separator: " ")))
            for asked in clusters {
                for (pod, address) in pods {
                    #expect(asked.digs("\(pod).\(owner.name).db.default.svc.global", address))
                }
            }
        }
    }

    // MARK: Changes

    private func changes(_ clusters: [Cluster]) throws {
        let clock = ChangeClock(clusters.map(\.server))
        let witnesses = try clusters.map { cluster in
            try ["services", "endpointslices"].map { try Witness($0, of: cluster.plane) }
        }
        for round in 0..<(TestRun.isThorough ? 18 : 1) {
            let index = round % clusters.count
            try pods(clusters[index], witnesses[index], clock)
            try exports(clusters[index], clock)
            try namespace("shop-\(round)", clusters[index], witnesses[index], clock)
        }
        print(clock.table)
        for cluster in clusters {
            let page = try cluster.server.page(cluster.metrics, "/metrics")
            let figures = PropagationFigures(page: page)
            print(
                "\(cluster.name) itself: \(figures.count) batches of events, 99 of 100 within "
                    + "\(figures.p99 ?? "?") s")
            #expect(figures.count > 0)
        }
        if TestRun.isThorough {
            #expect(clock.samples.count > 200)
            #expect(clock.p99 < 500)
        } else {
            #expect(clock.slowest < 5000)
        }
    }

    /// What pods make of it: controllers and kwok take their time, so it counts from the slice.
    private func pods(_ cluster: Cluster, _ witnesses: [Witness], _ clock: ChangeClock) throws {
        let question = "\(cluster.name).db.default.svc.global. IN A"
        func measure(_ kind: String, to count: Int, _ arguments: [String]) throws {
            try clock.measure(
                kind, question,
                from: .witnessed(witnesses) { line in
                    line.contains(" default/db-") && line.split(separator: " ").count == 2 + count
                },
                until: { $0.split(separator: " ").count == count }
            ) { try cluster.plane.kubectl(arguments) }
        }
        func patch(_ isReady: String) -> [String] {
            let status = #"{"status":{"conditions":[{"type":"Ready","status":"\#(isReady)"}]}}"#
            return ["patch", "pod", "db-0", "--subresource=status", "-p", status]
        }
        try measure("a StatefulSet is scaled up", to: 3, ["scale", "sts/db", "--replicas=3"])
        try measure("a pod is not ready any more", to: 2, patch("False"))
        try measure("a pod is ready again", to: 3, patch("True"))
        try measure("a StatefulSet is scaled down", to: 2, ["scale", "sts/db", "--replicas=2"])
    }

    /// What the API server alone does: it counts from when kubectl returned.
    private func exports(_ cluster: Cluster, _ clock: ChangeClock) throws {
        let (plane, address) = (cluster.plane, cluster.edge)
        let endpoint = "10.2.0.\(cluster.number)"
        func measure(_ kind: String, to answers: String, _ change: () throws -> Void) throws {
            try clock.measure(
                kind, "\(cluster.name).edge.default.svc.global. IN A", from: .kubectl,
                until: { $0 == answers }, change)
        }
        try measure("a Service loses its label", to: "NXDOMAIN") {
            try plane.kubectl(["label", "service", "edge", "fabedge.io/global-service-"])
        }
        try measure("a Service gets the label", to: address) {
            try plane.kubectl(["label", "service", "edge", "fabedge.io/global-service=true"])
        }
        try measure("a slice has nobody ready", to: "NXDOMAIN") {
            try plane.apply(ClusterObjects.slice("edge", [endpoint], isReady: false))
        }
        try measure("a slice has somebody ready", to: address) {
            try plane.apply(ClusterObjects.slice("edge", [endpoint]))
        }
        try measure("a Service is deleted", to: "NXDOMAIN") {
            try plane.kubectl(["delete", "service", "edge"])
        }
        try measure("a Service is made", to: address) {
            try plane.apply(ClusterObjects.service("edge", address, endpoints: [endpoint]))
        }
    }

    /// The controller deletes what is in a namespace in an order of its own: it counts from when
    /// the first of a Service and its slice was gone.
    private func namespace(
        _ name: String, _ cluster: Cluster, _ witnesses: [Witness], _ clock: ChangeClock
    ) throws {
        let question = "\(cluster.name).till.\(name).svc.global. IN A"
        let objects = ClusterObjects.service("till", "None", endpoints: ["10.2.1.1"])
        try cluster.plane.kubectl(["create", "namespace", name])
        try clock.measure(
            "a Service is made in a new namespace", question, from: .kubectl,
            until: { $0 == "10.2.1.1" }
        ) { try cluster.plane.kubectl(["apply", "-n", name, "-f", "-"], input: objects) }
        try clock.measure(
            "a namespace is deleted", question,
            from: .witnessed(witnesses) { $0.hasPrefix("DELETED \(name)/till") },
            until: { $0 == "NXDOMAIN" }
        ) { try cluster.plane.kubectl(["delete", "namespace", name, "--wait=false"]) }
    }
}
