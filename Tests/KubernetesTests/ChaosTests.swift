// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// What befalls a real API server, under a steady load of questions: rows of docs/catalog-path.md.
///
/// In the thorough form there are ten times as many questions, and what befalls lasts until the
/// server has noticed it by every way that it has.
@Suite(
    "Chaos", .serialized,
    .enabled(if: ControlPlane.isAvailable, "KUBEBUILDER_ASSETS names no control plane"))
struct ChaosTests {
    @Test("An API server that is frozen, its connections open")
    func frozen() throws {
        let scene = try ChaosScene("frozen")
        scene.plane.stopAPIServer(SIGSTOP)
        try scene.deleteGone()
        scene.wait(3, long: 60)
        // The kernel goes on acknowledging: only the silence tells.
        if TestRun.isThorough { #expect(scene.turnsStale(within: 60)) }
        scene.plane.stopAPIServer(SIGCONT)
        try scene.endsWell()
    }

    @Test("An API server that is killed")
    func killed() throws {
        let scene = try ChaosScene("killed")
        scene.plane.stopAPIServer()
        try scene.deleteGone()
        #expect(scene.turnsStale())
        scene.wait(0, long: 30)
        try scene.plane.startAPIServer()
        try scene.endsWell()
    }

    @Test(
        "A network that swallows whatever goes to an API server and comes from it",
        .enabled(if: Partition.isPossible, "needs root and iptables"))
    func partitioned() throws {
        let scene = try ChaosScene("partitioned")
        let partition = try Partition(port: scene.plane.port)
        defer { partition.heal() }
        try scene.deleteGone()
        scene.wait(4, long: 10)
        if TestRun.isThorough { #expect(scene.turnsStale(within: 40)) }
        partition.heal()
        try scene.endsWell()
    }

    @Test("An API server that is restarted and no longer knows its history")
    func compacted() throws {
        let scene = try ChaosScene("compacted")
        scene.plane.stopAPIServer()
        try scene.deleteGone()
        scene.wait(0, long: 30)
        try scene.plane.compact()
        try scene.endsWell()
    }

    @Test("A new certificate of an API server, by an authority that the kubeconfig learns later")
    func certificates() throws {
        func written(_ plane: ControlPlane) throws -> String {
            try plane.kubectl(["config", "view", "--raw", "--flatten"])
        }
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let scene = try ChaosScene("certificates") { plane in
            try folder.write("kubeconfig", written(plane))
            return folder.path("kubeconfig")
        }
        try scene.plane.rotateCertificates()
        try scene.deleteGone()
        #expect(scene.turnsStale())
        scene.wait(0, long: 30)
        try folder.write("kubeconfig", written(scene.plane))
        try scene.endsWell()
    }

    @Test(
        "A token that is refused, until there is a good one",
        arguments: TestRun.isThorough ? ["in a file", "in the kubeconfig"] : ["in a file"])
    func token(place: String) throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        func write(_ token: String, _ kubeconfig: String) throws {
            if place == "in a file" {
                try folder.write("token", token)
            } else {
                try folder.write("kubeconfig", kubeconfig.replacing("@", with: token))
            }
        }
        var template = ""
        var token = ""
        let scene = try ChaosScene("token \(place)") { plane in
            try plane.apply(Self.shippedRights())
            token = try plane.token(serviceAccount: "fabdns", namespace: "fabedge")
            let path = try plane.kubeconfig(serviceAccount: "fabdns", namespace: "fabedge")
            let field = place == "in a file" ? #"tokenFile: "token""# : #"token: "@""#
            template = try String(contentsOf: URL(filePath: path), encoding: .utf8)
                .replacing(/token: "[^"]*"/, with: field)
            try folder.write("kubeconfig", template)
            try write(token, template)
            return folder.path("kubeconfig")
        }
        try write("expired", template)
        // A watch that runs is not asked again who it is for.
        try scene.plane.startAPIServer()
        try scene.deleteGone()
        #expect(scene.isRefused(as: "unauthorized"))
        scene.wait(0, long: 30)
        try write(token, template)
        try scene.endsWell()
    }

    @Test("Rights that are taken away and come back")
    func rights() throws {
        let scene = try ChaosScene("rights") { plane in
            try plane.apply(Self.shippedRights())
            return try plane.kubeconfig(serviceAccount: "fabdns", namespace: "fabedge")
        }
        try scene.plane.kubectl(["delete", "clusterrolebinding", "fabdns"])
        // A watch that runs is not asked again whether it may.
        try scene.plane.startAPIServer()
        try scene.deleteGone()
        #expect(scene.isRefused(as: "forbidden"))
        scene.wait(0, long: 30)
        try scene.plane.apply(Self.shippedRights())
        try scene.endsWell()
    }

    @Test("An etcd that is wiped, and later has everything again")
    func wiped() throws {
        let services = (0..<12).map { (name: "web\($0)", address: "10.96.1.\($0)") }
        let objects = services.map {
            ClusterObjects.service($0.name, $0.address, endpoints: ["10.1.0.1"])
        }.joined(separator: "\n")
        let scene = try ChaosScene("wiped", services: services) { plane in
            try plane.apply(objects)
            return plane.kubeconfig
        }
        let braked = #"fabdns_shrink_blocked{catalog="cluster chaoyang",cluster="chaoyang"}"#
        try scene.plane.wipe()
        let holds = eventually(within: 60) { scene.metrics().contains("\(braked) 15\n") }
        #expect(holds, "\(scene.server.log)")
        scene.wait(0, long: 30)
        // Nodes have a watch of their own: what came at the same time could be seen before them.
        try scene.plane.apply(ChaosScene.nodes)
        try scene.plane.apply(ChaosScene.objects + "\n" + objects)
        #expect(eventually(within: 60) { scene.metrics().contains("\(braked) 0\n") })
        scene.hasAnswered()
    }

    private static func shippedRights() throws -> String {
        try String(
            contentsOf: Programs.repository.appending(path: "deploy/rbac.yaml"), encoding: .utf8)
    }
}
