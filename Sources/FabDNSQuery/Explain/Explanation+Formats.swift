// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import JSON
internal import NameGrammar
import ServiceCatalog

extension AddressFamily {
    /// The type that asks for it.
    var typeText: String { self == .v4 ? "A" : "AAAA" }
}

extension RankingPolicy {
    /// A word for a tier: a rung, or `all`.
    func word(of tier: Int) -> String {
        guard tier < rungs.count else { return "all" }
        switch rungs[tier] {
        case .cluster: return "cluster"
        case .zone: return "zone"
        case .region: return "region"
        }
    }
}

extension Explanation {
    /// What stands on a rung for the asker.
    private func own(_ tier: Int) -> String? {
        switch policy.word(of: tier) {
        case "cluster": place.cluster
        case "zone": place.zone
        case "region": place.region
        default: nil
        }
    }

    /// How a tier is called to a person.
    private func title(_ tier: Int) -> String {
        let word = policy.word(of: tier)
        return word == "all" ? "all" : "own \(word) (\(own(tier)?.printable ?? "not known"))"
    }

    /// The tree, one branch per family.
    func tree(_ name: String, _ style: Style) -> String {
        let from =
            served.isRanked ? ", asked from \(place.sentence)" : ", from wherever it is asked"
        let root = Branch(
            text: style.bold(name) + " is \(served.sentence)\(from)",
            children: families.map { branch($0, style) })
        return root.drawn(style)
    }

    private func branch(_ family: Family, _ style: Style) -> Branch {
        let head: String
        switch family.status {
        case .nxdomain: head = style.bad("no endpoint is ready (NXDOMAIN)")
        case .nodata: head = style.bad("no ready endpoint has such an address (NODATA)")
        case .answered:
            let count = family.addresses.count
            let tier = family.chosenTier.map { served.isRanked ? ", \(policy.word(of: $0))" : "" }
            head = style.good("\(count) address\(count == 1 ? "" : "es")") + (tier ?? "")
        }
        let others = family.candidates.filter { $0.verdict == .otherFamily }
        let own = family.candidates.filter { $0.verdict != .otherFamily }
        var children: [Branch]
        if served.isRanked {
            children = family.readyCounts.indices.map { tier in
                Branch(
                    text: "\(title(tier)): \(state(of: tier, in: family))",
                    children: own.filter { $0.tier == tier }.map { leaf($0, style) })
            }
        } else {
            children = own.map { leaf($0, style) }
        }
        if !others.isEmpty {
            let missing = family.family == .v4 ? "IPv4" : "IPv6"
            children.append(
                Branch(text: "without \(missing)", children: others.map { leaf($0, style) }))
        }
        return Branch(text: "\(style.bold(family.family.typeText)): \(head)", children: children)
    }

    private func state(of tier: Int, in family: Family) -> String {
        let ready = family.readyCounts[tier]
        if tier == family.chosenTier { return "\(ready) ready, the nearest: this is the answer" }
        if ready > 0 { return "\(ready) ready, not asked: a nearer tier answers" }
        if policy.word(of: tier) != "all", own(tier) == nil { return "matches nothing" }
        return "none ready"
    }

    private func leaf(_ candidate: Candidate, _ style: Style) -> Branch {
        let endpoint = candidate.endpoint
        let locality = endpoint.locality
        var words = [candidate.address.description]
        if let host = endpoint.hostname { words.append(host) }
        let parts = [
            locality.cluster ?? "no cluster", locality.zone ?? "no zone",
            locality.region ?? "no region",
        ]
        words.append(parts.joined(separator: "/").printable)
        switch candidate.verdict {
        case .chosen: break
        case .repeated: words.append("(the same address again)")
        case .notReady: words.append("(not ready)")
        case .farther: words.append("(farther)")
        case .otherFamily: words.append("(no address of this family)")
        }
        let sign = candidate.verdict == .chosen ? style.tick : style.cross
        return Branch(text: "\(sign) \(words.joined(separator: "  "))")
    }

    /// The fields of the object that `-o json` prints.
    func write(_ name: String, into writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("service", "\(served.service.name)")
        writer.field("type", served.service.type.rawValue)
        writer.field("form", served.formWord)
        writer.field("exists", exists)
        writer.field("isRanked", served.isRanked)
        writer.field("place", object: { place.write(into: &$0) })
        writer.field("families", objects: families) { writer, family in
            writer.field("type", family.family.typeText)
            writer.field("status", family.status.rawValue)
            writer.field(
                "tier", family.chosenTier.map { served.isRanked ? policy.word(of: $0) : "all" })
            writer.field("addresses", texts: family.addresses.map(\.description))
            writer.field("endpoints", objects: family.candidates) { writer, candidate in
                writer.field("address", candidate.address.description)
                writer.field("hostname", candidate.endpoint.hostname)
                writer.field("node", candidate.endpoint.nodeName)
                Place(candidate.endpoint.locality).write(into: &writer)
                writer.field("tier", served.isRanked ? policy.word(of: candidate.tier) : "all")
                writer.field("verdict", candidate.verdict.rawValue)
            }
        }
    }
}

extension Place {
    func write(into writer: inout JSONWriter) {
        writer.field("cluster", cluster)
        writer.field("zone", zone)
        writer.field("region", region)
    }
}

extension ServedName {
    var formWord: String {
        switch form {
        case .service: "service"
        case .port: "port"
        case .cluster: "cluster"
        case .deprecatedCluster: "deprecated-cluster"
        case .host: "host"
        }
    }

    /// What the name is, for a person.
    var sentence: String {
        let name = "the \(service.type.rawValue) service \(service.name)"
        switch form {
        case .service: return name
        case .port(let port, let transport, _, _):
            return "SRV of port \(port)/\(transport) of \(name), with these targets"
        case .cluster(let cluster, _, _): return "\(name) in \(cluster)"
        case .deprecatedCluster(_, _, let cluster):
            return "\(name) in \(cluster), in the older form"
        case .host(let host, let cluster, _, _): return "host \(host) of \(name) in \(cluster)"
        }
    }
}
