// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("One service of what several clusters export")
struct ServiceMergeTests {
    static let http = ServicePort(name: "http", number: 80)
    static let other = ServicePort(name: "http", number: 8080)
    static let dns = ServicePort(name: "dns", transport: .udp, number: 53)

    static func merge(_ parts: ExportedService...) -> (ExportedService, [ExportConflict]) {
        ServiceMerge.merge(parts)
    }

    @Test("What one feed alone exports is as it is, even where its ports conflict")
    func alone() {
        let service = exported("a", "10.0.0.1@b", ports: [Self.http, Self.other], since: 7)
        let (merged, conflicts) = Self.merge(service)
        #expect(merged === service)
        #expect(conflicts == [])
    }

    @Test(
        "The oldest export decides the type; where none says when, or both the same, the first does",
        arguments: [
            (1, 2, .headless), (2, 1, .clusterIP), (nil, 1, .clusterIP), (1, nil, .headless),
            (nil, nil, .headless), (1, 1, .headless), (-1, 0, .headless),
        ] as [(Double?, Double?, ServiceType)])
    func type(_ first: Double?, _ second: Double?, _ type: ServiceType) {
        let (merged, conflicts) = Self.merge(
            exported("a", "10.0.0.1@b", type: .headless, since: first),
            exported("a", "10.0.0.2@c", type: .clusterIP, since: second))
        #expect(merged.type == type)
        #expect(conflicts == [.type(type)])
        // Endpoints are joined in the order of the feeds, whatever their age.
        #expect(merged.endpoints.map(\.locality.cluster) == ["b", "c"])
        let ages = [first, second].compactMap(\.self)
        #expect(merged.exportedSeconds == ages.min())
    }

    @Test("Equal types are no conflict")
    func sameType() {
        for type in [ServiceType.clusterIP, .headless] {
            let (merged, conflicts) = Self.merge(
                exported("a", "10.0.0.1@b", type: type, since: 2),
                exported("a", "10.0.0.2@c", type: type, since: 1))
            #expect(merged.type == type)
            #expect(conflicts == [])
        }
    }

    @Test("Ports are a union, the oldest export's first, each once")
    func union() {
        let (merged, conflicts) = Self.merge(
            exported("a", ports: [Self.dns, Self.http], since: 2),
            exported("a", ports: [Self.http], since: 1),
            exported("a", ports: [ServicePort(name: nil, transport: .sctp, number: 9)]))
        #expect(
            merged.ports == [
                Self.http, Self.dns, ServicePort(name: nil, transport: .sctp, number: 9),
            ])
        #expect(conflicts == [])
    }

    @Test(
        "Two ports conflict where they have the same name, or the same number and transport",
        arguments: [
            (http, http, false), (http, other, true), (http, dns, false),
            (http, ServicePort(name: "web", number: 80), true),
            (http, ServicePort(name: "web", transport: .udp, number: 80), false),
            (http, ServicePort(name: "http", transport: .udp, number: 80), true),
            (http, ServicePort(name: "http", number: 80, appProtocol: "h2c"), true),
            (http, ServicePort(name: nil, number: 80), true),
            (http, ServicePort(name: nil, number: 81), false),
            (ServicePort(name: nil, number: 80), ServicePort(name: nil, number: 81), true),
        ])
    func conflicts(_ first: ServicePort, _ second: ServicePort, _ isConflict: Bool) {
        for (older, younger) in [(first, second), (second, first)] {
            let (merged, conflicts) = Self.merge(
                exported("a", ports: [younger], since: 2), exported("a", ports: [older], since: 1))
            #expect(conflicts == (isConflict ? [.port(older)] : []))
            #expect(merged.ports.first == older)
            #expect(merged.ports.count == (isConflict || first == second ? 1 : 2))
        }
    }

    @Test("A conflict with the same port is told once, and one with another port beside it")
    func manyConflicts() {
        let (merged, conflicts) = Self.merge(
            exported("a", type: .headless, ports: [Self.http, Self.dns], since: 1),
            exported("a", ports: [Self.other], since: 2), exported("a", ports: [Self.other]),
            exported("a", ports: [ServicePort(name: "dns", number: 53)], since: 3))
        #expect(merged.ports == [Self.http, Self.dns])
        #expect(conflicts == [.type(.headless), .port(Self.http), .port(Self.dns)])
        #expect(conflicts.map(\.reason) == ["TypeConflict", "PortConflict", "PortConflict"])
    }

    @Test("Any ports are joined as if each were held against all before it")
    func anyPorts() {
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<300 {
            let lists = (0..<3).map { _ in
                (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    ServicePort(
                        name: [nil, "a", "b", "c"].randomElement(using: &random) ?? nil,
                        transport: Bool.random(using: &random) ? .tcp : .udp,
                        number: .random(in: 1...4, using: &random))
                }
            }
            var expected: [ServicePort] = []
            var winners: [ServicePort] = []
            for port in lists.joined() where !expected.contains(port) {
                let winner = expected.first {
                    $0.name == port.name
                        || ($0.number, $0.transport) == (port.number, port.transport)
                }
                if let winner, !winners.contains(winner) { winners.append(winner) }
                if winner == nil { expected.append(port) }
            }
            let (merged, conflicts) = ServiceMerge.merge(lists.map { exported("a", ports: $0) })
            #expect(merged.ports == expected)
            #expect(conflicts == winners.map { .port($0) })
        }
    }

    @Test("A set of feeds tells the conflicts of a service")
    func inSet() throws {
        var feeds = DrivenFeeds(.hub, .file)
        feeds.apply(
            .replaced([exported("a", "10.0.0.1@b", ports: [Self.other], since: 1)]), from: .file)
        feeds.apply(
            .upserted(exported("a", "10.1.0.1@c", type: .headless, ports: [Self.http])),
            listed("a"), from: .hub)
        let found = try #require(feeds.feeds.service(ExportSamples.name("a")))
        #expect(found.conflicts == [.type(.clusterIP), .port(Self.other)])
        #expect(found.service.ports == [Self.other])
        #expect(feeds.endpoints("a") == ["10.1.0.1@c", "10.0.0.1@b"])
        #expect(feeds.feeds.service(ExportSamples.name("b"))?.service == nil)
    }
}
