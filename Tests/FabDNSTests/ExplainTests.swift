// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import NameGrammar
import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS
@testable import FabDNSQuery

/// What `fabdns-query explain` computes is what the server answers.
@Suite("Explain beside the server")
struct ExplainTests {
    private static let clusterCount = TestRun.isThorough ? 200 : 50
    private static let serviceCount = TestRun.isThorough ? 200 : 40

    /// Places with and without zone and region, zones in two regions, ids with dots, clusters in two
    /// zones.
    private static let localities: [Locality] = (0..<clusterCount).flatMap { number in
        (0...(number % 4 == 3 ? 1 : 0)).map { half in
            Locality(
                cluster: number % 11 == 10 ? "edge.c\(number)" : "c\(number)",
                region: number % 13 == 12 ? nil : "r\(number % 5)",
                zone: number % 7 == 6 ? nil : "z\((number + half) % 17)")
        }
    }

    private static func catalog(_ random: inout SeededRandom) -> [ExportedService] {
        (0..<serviceCount).map { number in
            let isHeadless = Bool.random(using: &random)
            // A few neighbors, so that a cluster's endpoints are in both of its zones.
            let first = Int.random(in: 0..<localities.count - 6, using: &random)
            let some = Array(localities[first..<first + 6])
            let endpoints = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                endpoint(isHeadless, some, &random)
            }
            return ExportedService(
                name: ServiceName(namespace: "n\(number % 3)", name: "s\(number)"),
                type: isHeadless ? .headless : .clusterIP,
                ports: [ServicePort(name: "web", number: 80)], endpoints: endpoints)
        }
    }

    private static func endpoint(
        _ isHeadless: Bool, _ localities: [Locality], _ random: inout SeededRandom
    ) -> Endpoint {
        // Few addresses, so that some come twice.
        let v4 = IPAddress.v4(0x0A00_0000 | UInt32.random(in: 0..<40, using: &random))
        let v6 = IPAddress.v6(0xFD00 << 48, UInt64.random(in: 0..<40, using: &random))
        let addresses = [[v4], [v6], [v4, v6]].randomElement(using: &random) ?? [v4]
        let hasName = isHeadless && Bool.random(using: &random)
        let locality = localities.randomElement(using: &random) ?? localities[0]
        return Endpoint(
            addresses: addresses,
            hostname: hasName ? "h\(Int.random(in: 0..<3, using: &random))" : nil,
            locality: Int.random(in: 0..<15, using: &random) == 0
                ? Locality(cluster: nil, region: nil, zone: nil) : locality,
            conditions: Int.random(in: 0..<4, using: &random) == 0 ? [] : .ready)
    }

    private static func zoneName(_ number: Int) throws -> DomainName {
        try DomainName(presentation: "p\(number).")
    }

    @Test("Every service is explained as it is answered, in every place")
    func everyPlace() throws {
        var random = SeededRandom(seed: TestRun.seed)
        let services = Self.catalog(&random)
        let view = CatalogView(services)
        let places = [Place(), Place(region: "r1", zone: "z3")] + Self.localities.map { Place($0) }
        var compared = 0
        // A worker knows so many places at once.
        for start in stride(from: 0, to: places.count, by: 60) {
            let some = places[start..<min(start + 60, places.count)].enumerated()
            let asked = try AskedZones(
                services,
                zones: some.map { number, place in
                    AskedZones.Zone(name: try Self.zoneName(number), place: place)
                })
            for (number, place) in some {
                for service in services {
                    let labels = [service.name.name, service.name.namespace, "svc"]
                    try compare(labels, "p\(number).", place, view, asked)
                    compared += 1
                }
            }
        }
        #expect(compared == places.count * services.count)
    }

    @Test("The names of clusters, hosts and ports are explained as they are answered")
    func otherForms() throws {
        var random = SeededRandom(seed: TestRun.seed &+ 1)
        let services = Self.catalog(&random)
        let view = CatalogView(services)
        // Near to a part of some clusters: their own names answer with all of them all the same.
        let places = (0..<17).map { Place(zone: "z\($0)") }
        let asked = try AskedZones(
            services,
            zones: places.enumerated().map {
                AskedZones.Zone(name: try Self.zoneName($0.offset), place: $0.element)
            })
        var compared = 0
        for service in services {
            let (name, namespace) = (service.name.name, service.name.namespace)
            var forms: Set<ServiceQuestion> = [
                .cluster(cluster: "nowhere", service: name, namespace: namespace)
            ]
            for endpoint in service.endpoints {
                guard let cluster = endpoint.locality.cluster else { continue }
                forms.insert(.cluster(cluster: cluster, service: name, namespace: namespace))
                forms.insert(
                    .deprecatedCluster(service: name, namespace: namespace, cluster: cluster))
                let hosts =
                    ["h0", "h1", endpoint.hostname].compactMap { $0 }
                    + endpoint.addresses.map {
                        NameGrammar.dashedHostname(of: $0.description)
                    }
                for host in hosts {
                    forms.insert(
                        .host(host: host, cluster: cluster, service: name, namespace: namespace))
                }
            }
            for form in forms {
                guard let labels = NameGrammar.labels(of: form) else { continue }
                let number = compared % places.count
                try compare(labels, "p\(number).", places[number], view, asked)
                compared += 1
            }
        }
        #expect(compared > 4 * Self.serviceCount)
    }

    private func compare(
        _ labels: [String], _ zone: String, _ place: Place, _ view: CatalogView,
        _ asked: AskedZones
    ) throws {
        let name = labels.joined(separator: ".") + "." + zone
        let explanation = ServedName(labels: labels, in: view).map {
            Explanation($0, from: place)
        }
        for (index, type) in ["A", "AAAA"].enumerated() {
            let reply = try asked.ask("\(name) IN \(type)", over: .tcp)
            let answered = Set(reply.answer.map { "\($0.data)" })
            let family = explanation?.families[index]
            let explained = Set((family?.addresses ?? []).map(\.description))
            #expect(answered == explained, "\(name) \(type) from \(place)")
            #expect(family?.addresses.count ?? 0 == explained.count, "\(name) \(type)")
            let isMissing = family.map { $0.status == .nxdomain } ?? true
            // Above other names a name without data is there still.
            let exists = reply.header.responseCode == .noError
            #expect(isMissing || exists, "\(name) \(type)")
            #expect(answered.isEmpty || !isMissing, "\(name) \(type)")
        }
    }
}
