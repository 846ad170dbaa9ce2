// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import JSON
internal import NameGrammar
import ServiceCatalog
internal import Suggestion

/// A name looked at label by label, from the zone on: where it ceases to exist.
struct NameDiagnosis: Sendable {
    struct Step: Sendable, Equatable {
        /// As it stands in the name.
        let label: String
        /// `zone`, `svc`, `namespace`, `service`, `cluster`, `host`, `port`, `form`, `endpoints`.
        let role: String
        let holds: Bool
        let message: String
        var suggestion: String?
    }

    let name: String
    private(set) var steps: [Step] = []

    var exists: Bool { steps.allSatisfy(\.holds) }

    init(_ name: String, _ catalogs: OfflineCatalogs) {
        self.name = name
        guard let (zone, labels) = catalogs.zone(of: name) else {
            failInZone(catalogs.zones.map(\.name))
            return
        }
        pass(zone.name, "zone", "is a zone")
        look(labels, zone.names, zone.catalog)
    }

    private mutating func failInZone(_ names: [String]) {
        let labels = name.lowercased().split(separator: ".")
        // As many labels as the zone that is nearest in spelling.
        let close = names.lazy.compactMap { zone in
            let depth = zone.split(separator: ".").count
            return nearest(
                to: labels.suffix(depth).joined(separator: ".") + ".", among: [zone])
        }.first
        fail(
            (labels.last ?? "") + ".", "zone",
            "is in none of the zones \(names.joined(separator: ", "))", close)
    }

    private mutating func look(
        _ labels: [String], _ names: NameForms, _ catalog: CatalogView
    ) {
        switch labels {
        case []: return pass("@", "form", "the zone's own name has SOA and NS")
        case ["dns-version"]: return pass(labels[0], "form", "has the version as TXT")
        case ["ns", "dns"]: return pass("ns.dns", "form", "is the zone's name server")
        default: break
        }
        // Without `svc` a name of three labels is in the older form, if its last is a cluster.
        let isOlder = labels.count == 3 && labels[2] != "svc" && names == .fabdns
        if isOlder, catalog.clusters.contains(labels[2]) {
            pass(labels[2], "cluster", "is a cluster, so this is the older form")
        } else if labels.last != "svc" {
            let clusters = isOlder ? catalog.clusters.sorted() : []
            return fail(
                labels.last ?? "", "svc",
                isOlder
                    ? "is neither 'svc' nor a cluster" : "'svc' has to stand before the zone",
                nearest(to: labels.last ?? "", among: ["svc"] + clusters))
        } else {
            pass("svc", "svc", "stands before the zone")
        }
        guard let name = ServedName.service(of: labels) else {
            return fail(
                labels.joined(separator: "."), "form", "a service's name has three labels at least",
                nil)
        }
        guard look(name, catalog), let service = catalog[name] else { return }
        lookBeyond(labels, names, service, catalog)
    }

    private mutating func look(_ name: ServiceName, _ catalog: CatalogView) -> Bool {
        guard catalog.namespaces.contains(name.namespace) else {
            fail(
                name.namespace, "namespace", "no service is in this namespace",
                nearest(to: name.namespace, among: catalog.namespaces.sorted()))
            return false
        }
        pass(name.namespace, "namespace", "has services")
        guard catalog[name] == nil else {
            pass(name.name, "service", "is a service of it")
            return true
        }
        let here = catalog.services.filter { $0.name.namespace == name.namespace }
        let elsewhere = catalog.services.first { $0.name.name == name.name }
        let hint = elsewhere.map { "; there is one in the namespace \($0.name.namespace)" } ?? ""
        fail(
            name.name, "service", "is no service of this namespace\(hint)",
            nearest(to: name.name, among: here.map(\.name.name)))
        return false
    }

    /// What stands before the service: a cluster, a host, a port.
    private mutating func lookBeyond(
        _ labels: [String], _ names: NameForms, _ service: ExportedService,
        _ catalog: CatalogView
    ) {
        if let served = ServedName(labels: labels, names: names, in: catalog) {
            return look(served)
        }
        let front = Array(labels.last == "svc" ? labels.dropLast(3) : labels.suffix(1))
        if front.contains(where: { $0.hasPrefix("_") }) { return lookAtPort(front, service) }
        let clusters = Set(service.endpoints.compactMap { $0.locality.cluster }).sorted()
        guard let cluster = front.last, clusters.contains(cluster) else {
            return fail(
                front.last ?? "", "cluster", "the service is not in this cluster",
                nearest(to: front.last ?? "", among: clusters))
        }
        pass(cluster, "cluster", "has the service")
        guard front.count > 1 else {
            return fail(
                cluster, "form", "only hosts of a cluster have names in a zone with 'names mcs'",
                nil)
        }
        guard front.count == 2 else {
            return fail(
                front.joined(separator: "."), "form", "at most a host and a cluster stand there",
                nil)
        }
        guard service.type == .headless else {
            return fail(
                front[0], "host", "only headless services have hosts, this is a ClusterIP", nil)
        }
        let members = ServedName(service).members.filter {
            $0.endpoint.locality.cluster == cluster
        }
        fail(
            front[0], "host", "is no host of the service in \(cluster)",
            nearest(to: front[0], among: ServedName.hosts(of: members).keys.sorted()))
    }

    private mutating func lookAtPort(_ front: [String], _ service: ExportedService) {
        let names = service.ports.compactMap { port in
            port.name.map { "_\($0)._\(port.transport.rawValue.lowercased())" }
        }
        let label = front.joined(separator: ".")
        let list = names.isEmpty ? "it has none with a name" : names.joined(separator: ", ")
        fail(label, "port", "is no port of the service: \(list)", nearest(to: label, among: names))
    }

    private mutating func look(_ served: ServedName) {
        switch served.form {
        case .service: break
        case .cluster(let cluster, _, _): pass(cluster, "cluster", "has the service")
        case .deprecatedCluster: break
        case .host(let host, let cluster, _, _):
            pass(cluster, "cluster", "has the service")
            pass(host, "host", "is a host of it")
        case .port(let port, let transport, _, _):
            pass("_\(port)._\(transport)", "port", "is a port of it, for SRV")
        }
        let ready = served.members.count { $0.endpoint.conditions.contains(.isReady) }
        let text = "\(ready) of \(served.members.count) endpoints are ready"
        if ready > 0 {
            pass("", "endpoints", text)
        } else {
            fail("", "endpoints", text + ": the name does not exist until one is", nil)
        }
    }

    private mutating func pass(_ label: String, _ role: String, _ message: String) {
        steps.append(Step(label: label, role: role, holds: true, message: message))
    }

    private mutating func fail(
        _ label: String, _ role: String, _ message: String, _ suggestion: String?
    ) {
        steps.append(
            Step(
                label: label, role: role, holds: false, message: message, suggestion: suggestion))
    }

    // MARK: Formats

    /// One line per step; the last says what fails.
    func text(_ style: Style) -> String {
        let children = steps.map { step in
            let label = step.label.isEmpty ? step.role : "\(step.role) '\(step.label)'"
            let close = step.suggestion.map { ", did you mean '\($0)'?" } ?? ""
            return Branch(
                text: "\(step.holds ? style.tick : style.cross) \(label): \(step.message)\(close)")
        }
        let verdict = exists ? style.good("exists") : style.bad("does not exist")
        return Branch(text: "\(style.bold(name)) \(verdict)", children: children).drawn(style)
    }

    var json: String {
        JSONWriter.document { writer in
            writer.field("name", name)
            writer.field("exists", exists)
            writer.field("steps", objects: steps) { writer, step in
                writer.field("label", step.label)
                writer.field("role", step.role)
                writer.field("holds", step.holds)
                writer.field("message", step.message)
                writer.field("suggestion", step.suggestion)
            }
        }
    }
}
