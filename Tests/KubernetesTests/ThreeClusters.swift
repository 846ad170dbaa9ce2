// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import Synchronization
import TestSupport

/// Three clusters with nodes and controllers, and in each a server that watches all three.
final class ThreeClusters: Sendable {
    struct Cluster: Sendable {
        let number: Int
        let name: String
        let zone: String
        let region: String
        let plane: ControlPlane
        let server: RunningServer
        /// The port of its page of metrics.
        let metrics: UInt16

        /// The addresses of the Services with one, each cluster has others.
        var web: String { "10.96.\(number).10" }
        var edge: String { "10.96.\(number).20" }

        /// What `dig +short` prints, sorted.
        func dig(_ name: String) -> String {
            let ended = try? Programs.run(
                Programs.required("dig"),
                ["+short", "+tries=1", "@127.0.0.1", "-p", "\(server.port)", name, "A"])
            return (ended?.output ?? "").split(separator: "\n").sorted().joined(separator: " ")
        }

        /// Waits until `dig +short` prints that.
        func digs(_ name: String, _ answers: String, within seconds: Double = 20) -> Bool {
            eventually(within: seconds) { dig(name) == answers }
        }

        /// The addresses of the pods of the StatefulSet `db` that are ready, by their names.
        func pods() throws -> [String: String] {
            let path = "{range .items[*]}{.metadata.name}={.status.podIP} {end}"
            let text = try plane.kubectl([
                "get", "pods", "-l", "app=db", "-o", "jsonpath=" + path,
            ])
            return Dictionary(
                uniqueKeysWithValues: text.split(separator: " ").compactMap { pod in
                    let parts = pod.split(separator: "=").map(String.init)
                    return parts.count == 2 ? (parts[0], parts[1]) : nil
                })
        }
    }

    private static let places = [
        ("chaoyang", "beijing", "north"), ("xicheng", "beijing", "north"),
        ("pudong", "shanghai", "east"),
    ]

    let clusters: [Cluster]

    /// Everything is exported by labels alone, before the servers start.
    init() throws {
        let started = Mutex<[Int: Result<ControlPlane, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: Self.places.count) { index in
            let (name, zone, region) = Self.places[index]
            let plane = Result {
                let plane = try ControlPlane(
                    name: name, nodes: 2, zone: zone, region: region, podNetwork: 241 + index)
                try plane.apply(Self.objects(index + 1))
                return plane
            }
            started.withLock { $0[index] = plane }
        }
        let planes = try (0..<Self.places.count).compactMap { index in
            try started.withLock { $0[index] }?.get()
        }
        clusters = try planes.enumerated().map { index, plane in
            let (name, zone, region) = Self.places[index]
            let port = try Programs.freePort()
            return Cluster(
                number: index + 1, name: name, zone: zone, region: region, plane: plane,
                server: try RunningServer(corefile: Self.corefile(index, planes, metrics: port)),
                metrics: port)
        }
    }

    /// The second block's askers are in the region of two clusters and in no one's zone.
    private static func corefile(
        _ own: Int, _ planes: [ControlPlane], metrics: UInt16
    ) -> String {
        let members = zip(places, planes).map { place, plane in
            """
            member \(place.0) {
                kubeconfig \(plane.kubeconfig)
                zone \(place.1)
                region \(place.2)
            }
            """
        }.joined(separator: "\n")
        let (name, zone, region) = places[own]
        return """
            global {
                bind 127.0.0.1
                prometheus 127.0.0.1:\(metrics)
                fabdns {
                    \(members)
                    cluster \(name)
                    zone \(zone)
                    region \(region)
                }
            }
            nearby {
                bind 127.0.0.1
                fabdns {
                    \(members)
                    zone tianjin
                    region north
                }
            }
            """
    }

    /// `web` and `db` have controllers, `edge` has a slice that nobody else changes.
    private static func objects(_ number: Int) -> String {
        let template = """
            template:
                metadata: {labels: {app: @}}
                spec: {containers: [{name: main, image: none}]}
            """
        return """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              \(template.replacing("@", with: "web"))
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, labels: {\(ClusterObjects.label)}}
            spec: {clusterIP: 10.96.\(number).10, selector: {app: web}, ports: [{port: 80}]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              serviceName: db
              replicas: 2
              selector: {matchLabels: {app: db}}
              \(template.replacing("@", with: "db"))
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: db, labels: {\(ClusterObjects.label)}}
            spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
            \(ClusterObjects.service("edge", "10.96.\(number).20", endpoints: ["10.2.0.\(number)"]))
            """
    }
}
