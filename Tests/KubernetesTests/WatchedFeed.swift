// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import Log
import Synchronization
import TestSupport

@testable import ServiceCatalog

/// A feed of an API with the catalog that it fills.
final class WatchedFeed: Sendable {
    private struct State {
        var snapshot = CatalogSnapshot(generation: 0, services: ShardedMap())
        var log: [String] = []
        /// How often the catalog has published.
        var publications = 0
    }

    private static let clients = Result {
        try KubernetesClients(environment: [:], userAgent: "fabdns/test")
    }

    let feed: APIFeed
    private let catalog: Catalog
    private let queue = DispatchQueue(label: "test.watched")
    private let shared = Shared()

    init(
        _ plan: APIFeedPlan, timing: WatchTiming = WatchTiming(), stale: StalePolicy = StalePolicy()
    ) throws {
        let shared = shared
        let catalog = Catalog(
            queue: queue, feeds: [CatalogFeed(plan.identity, stale: stale)]
        ) { snapshot, _ in shared.note(snapshot) }
        queue.sync { catalog.announce() }
        self.catalog = catalog
        feed = APIFeed(
            plan, on: try Self.clients.get(), timing: timing,
            log: Log { level, text in shared.note("\(level.rawValue) \(text)") }
        ) { [queue] events, _ in
            queue.async { catalog.apply(events, from: plan.identity) }
        }
        feed.start()
    }

    /// Of cluster `c1`, through a kubeconfig.
    convenience init(
        _ kubeconfig: String, zone: String? = nil, region: String? = nil,
        timing: WatchTiming = WatchTiming(), streams: Bool? = nil
    ) throws {
        try self.init(
            APIFeedPlan(
                identity: .direct(cluster: "c1"),
                access: .kubeconfig(path: kubeconfig, context: nil),
                place: Place(cluster: "c1", region: region, zone: zone), streams: streams),
            timing: timing)
    }

    deinit { feed.stop() }

    private final class Shared: Sendable {
        private let state = Mutex(State())
        func note(_ snapshot: CatalogSnapshot) {
            state.withLock {
                $0.snapshot = snapshot
                $0.publications += 1
            }
        }
        func note(_ line: String) { state.withLock { $0.log.append(line) } }
        var snapshot: CatalogSnapshot { state.withLock { $0.snapshot } }
        var log: [String] { state.withLock { $0.log } }
        var publications: Int { state.withLock { $0.publications } }
    }

    var snapshot: CatalogSnapshot { shared.snapshot }
    var log: [String] { shared.log }
    var publications: Int { shared.publications }

    func releaseBrake() { queue.sync { catalog.releaseBrake(of: feed.plan.identity) } }

    /// Every service with the addresses of its endpoints, sorted: `a/web 10.0.0.1 10.0.0.2`.
    var services: [String] {
        var lines: [String] = []
        snapshot.services.forEach { name, service in
            let addresses = service.endpoints.flatMap(\.addresses).map { "\($0)" }
            lines.append(([name.description] + addresses.sorted()).joined(separator: " "))
        }
        return lines.sorted()
    }

    /// Waits until the services are these.
    func comes(to services: [String], within seconds: Double = 20) -> Bool {
        eventually(within: seconds) { self.services == services && isHeard }
    }

    var isHeard: Bool { snapshot.awaited.isEmpty }
    var isLive: Bool { isHeard && snapshot.clusters.values.allSatisfy(\.isLive) }

    /// How often lists and watches began again for a reason.
    func restarts(_ reason: ListWatch.RestartReason) -> UInt64 {
        feed.restarts.filter { $0.key.reason == reason.rawValue }.values.reduce(0, +)
    }
}

/// Objects as an API server writes them.
enum APIText {
    static let services = "/api/v1/services"
    static let slices = "/apis/discovery.k8s.io/v1/endpointslices"
    static let nodes = "/api/v1/nodes"
    static let globalServices = "/apis/dns.fabedge.io/v1alpha1/globalservices"

    static func service(_ name: String, _ address: String, version: String) -> String {
        #"{"kind":"Service","metadata":{"namespace":"a","name":"\#(name)","resourceVersion":"\#(version)","#
            + #""creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"type":"ClusterIP","#
            + #""clusterIP":"\#(address)","clusterIPs":["\#(address)"],"#
            + #""ports":[{"name":"http","port":80,"protocol":"TCP"}]}}"#
    }

    static func slice(_ service: String, _ addresses: [String], version: String) -> String {
        let endpoints = addresses.map {
            #"{"addresses":["\#($0)"],"conditions":{"ready":true,"serving":true,"terminating":false}}"#
        }
        return
            #"{"kind":"EndpointSlice","metadata":{"namespace":"a","name":"\#(service)-1","#
            + #""resourceVersion":"\#(version)","labels":{"kubernetes.io/service-name":"\#(service)"}},"#
            + #""addressType":"IPv4","endpoints":[\#(endpoints.joined(separator: ","))]}"#
    }
}

extension WatchedObjects {
    /// Those of a cluster without Nodes.
    static func cluster() -> WatchedObjects {
        WatchedObjects([APIText.services, APIText.slices, APIText.nodes])
    }

    /// A Service with a ready endpoint, or a headless one whose endpoints are given.
    func put(service name: String, _ address: String = "None", endpoints: [String] = ["10.9.9.9"]) {
        put(APIText.slices, namespace: "a", name: "\(name)-1") {
            APIText.slice(name, endpoints, version: $0)
        }
        put(APIText.services, namespace: "a", name: name) {
            APIText.service(name, address, version: $0)
        }
    }

    func remove(service name: String) {
        remove(APIText.services, namespace: "a", name: name)
        remove(APIText.slices, namespace: "a", name: "\(name)-1")
    }
}
