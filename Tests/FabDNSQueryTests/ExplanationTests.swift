// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog
import Terminal
import Testing

@testable import FabDNSQuery

/// A service as `namespace/name`, its endpoints as `address[,address] cluster/zone/region [host]
/// [unready]`, where `-` is unknown.
func service(
    _ name: String, _ type: ServiceType = .clusterIP, _ endpoints: String...
) -> ExportedService {
    let parts = name.split(separator: "/").map(String.init)
    return ExportedService(
        name: ServiceName(namespace: parts[0], name: parts[1]), type: type,
        ports: [ServicePort(name: "web", number: 80)],
        endpoints: endpoints.map { text in
            let words = text.split(separator: " ").map(String.init)
            let place = place(words[1])
            return Endpoint(
                addresses: words[0].split(separator: ",").compactMap { IPAddress(String($0)) },
                hostname: words.dropFirst(2).first { $0 != "unready" },
                locality: Locality(cluster: place.cluster, region: place.region, zone: place.zone),
                conditions: words.contains("unready") ? [] : .ready)
        })
}

/// A place as `cluster/zone/region`, where `-` is unknown.
func place(_ text: String) -> Place {
    let parts = text.split(separator: "/").map { $0 == "-" ? nil : String($0) }
    return Place(cluster: parts[0], region: parts[2], zone: parts[1])
}

@Suite("Why a name answers what it answers")
struct ExplanationTests {
    private static let web = service(
        "shop/web", .clusterIP, "10.0.0.1 a/z1/north", "10.0.0.2,fd00::2 b/z1/north",
        "10.0.0.3 c/z2/north", "10.0.0.4,fd00::4 d/z3/south", "10.0.0.5 e/-/-",
        "10.0.0.6 a/z1/north unready")

    /// Each family as its tier and the last octets of what is chosen.
    private static func summary(_ place: Place) -> String {
        let explanation = Explanation(ServedName(web), from: place)
        return explanation.families.map { family in
            let tier = family.chosenTier.map { explanation.policy.word(of: $0) } ?? "none"
            let addresses = family.addresses.map { "\($0)".suffix(1) }.joined()
            return "\(tier) \(addresses)"
        }.joined(separator: ", ")
    }

    @Test(
        "The nearest tier answers, for each family by itself",
        arguments: [
            ("a/z1/north", "cluster 1, zone 2"), ("b/z1/north", "cluster 2, cluster 2"),
            ("c/z2/north", "cluster 3, region 2"), ("x/z1/south", "zone 12, zone 2"),
            ("x/x/south", "region 4, region 4"), ("x/x/x", "all 12345, all 24"),
            ("-/-/-", "all 12345, all 24"), ("e/-/-", "cluster 5, all 24"),
        ])
    func tiers(_ from: String, _ expected: String) {
        #expect(Self.summary(place(from)) == expected)
    }

    @Test("Each address says why it is in or out")
    func verdicts() {
        let explanation = Explanation(ServedName(Self.web), from: place("a/z1/north"))
        #expect(
            explanation.families.map { $0.candidates.map(\.verdict) } == [
                [.chosen, .farther, .farther, .farther, .farther, .notReady],
                [.otherFamily, .chosen, .otherFamily, .farther, .otherFamily, .otherFamily],
            ])
    }

    @Test("An address that stands twice is answered once")
    func repeats() {
        let twice = service("n/s", .headless, "10.0.0.1 a/z/r", "10.0.0.1 b/z/r")
        let family = Explanation(ServedName(twice), from: Place(zone: "z")).families[0]
        #expect(family.addresses.count == 1)
        #expect(family.candidates.map(\.verdict) == [.chosen, .repeated])
    }

    @Test(
        "Without a ready endpoint there is no name, without one of the family no data",
        arguments: [
            ("10.0.0.1 a/z/r", [.answered, .nodata]), ("fd00::1 a/z/r", [.nodata, .answered]),
            ("10.0.0.1 a/z/r unready", [.nxdomain, .nxdomain]),
        ] as [(String, [Explanation.Family.Status])])
    func status(_ endpoint: String, _ expected: [Explanation.Family.Status]) {
        let explanation = Explanation(
            ServedName(service("n/s", .clusterIP, endpoint)), from: Place())
        #expect(explanation.families.map(\.status) == expected)
        #expect(explanation.exists == (expected != [.nxdomain, .nxdomain]))
    }

    @Test("The tree is drawn with the symbols that arrive")
    func tree() {
        let tiny = service("n/s", .clusterIP, "10.0.0.1 a/z/r", "fd00::2 b/z/r unready")
        let explanation = Explanation(ServedName(tiny), from: place("a/-/-"))
        let plain = explanation.tree("s.n.svc.global.", Style(terminal: Terminal()))
        #expect(
            plain == """
                s.n.svc.global. is the ClusterIP service n/s, asked from cluster a
                |- A: 1 address, cluster
                |  |- own cluster (a): 1 ready, the nearest: this is the answer
                |  |  `- + 10.0.0.1  a/z/r
                |  |- own zone (not known): matches nothing
                |  |- own region (not known): matches nothing
                |  |- all: none ready
                |  `- without IPv4
                |     `- - fd00::2  b/z/r  (no address of this family)
                `- AAAA: no ready endpoint has such an address (NODATA)
                   |- own cluster (a): none ready
                   |- own zone (not known): matches nothing
                   |- own region (not known): matches nothing
                   |- all: none ready
                   |  `- - fd00::2  b/z/r  (not ready)
                   `- without IPv6
                      `- - 10.0.0.1  a/z/r  (no address of this family)

                """)
        let colored = explanation.tree(
            "x.", Style(terminal: Terminal(hasColors: true, hasSymbols: true)))
        #expect(colored.contains("├─ ") && colored.contains("\u{1B}[32m✓\u{1B}[0m"))
        #expect(plain.utf8.allSatisfy { $0 < 0x80 && $0 != 0x1B })
    }

    @Test("A table is cut where the terminal ends, and nowhere else")
    func columns() {
        var columns = Columns(heading: ["NAME", "VALUE"])
        columns.append(["a", "0123456789"])
        columns.append(["longer", ""])
        #expect(columns.text() == "NAME    VALUE\na       0123456789\nlonger\n")
        let narrow = Style(terminal: Terminal(hasSymbols: true, columns: 12))
        #expect(columns.text(narrow) == "NAME    VAL…\na       012…\nlonger\n")
        let wide = Style(terminal: Terminal(columns: 80))
        #expect(columns.text(wide) == columns.text())
    }

    @Test("What a terminal would act on does not reach it")
    func printable() {
        let odd = Locality(cluster: "a", region: "r", zone: "\u{1B}[2J\u{9B}m")
        let service = ExportedService(
            name: ServiceName(namespace: "n", name: "s"), type: .clusterIP, ports: [],
            endpoints: [Endpoint(addresses: [.v4(1)], locality: odd)])
        let explanation = Explanation(ServedName(service), from: Place(odd))
        let tree = explanation.tree("s.n.svc.global.", Style(terminal: Terminal()))
        #expect(tree.contains("a/?[2J?m/r") && !tree.contains("\u{1B}") && !tree.contains("\u{9B}"))
        var columns = Columns()
        columns.append(["\u{1B}c"])
        #expect(columns.text() == "?c\n")
    }
}
