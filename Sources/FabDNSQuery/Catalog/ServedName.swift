// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import NameGrammar
import ServiceCatalog

/// What a name stands for in a catalog: a service, and which of its endpoints.
struct ServedName: Sendable {
    /// An endpoint with those of its addresses that the name is for.
    struct Member: Sendable {
        let endpoint: Endpoint
        let addresses: [IPAddress]
    }

    let service: ExportedService
    let form: ServiceQuestion
    /// Ready or not.
    let members: [Member]

    /// Whether the nearest are chosen; else all are answered.
    var isRanked: Bool {
        switch form {
        case .service, .port: true
        case .cluster, .deprecatedCluster, .host: false
        }
    }

    /// Whether the name has SRV only, as those of ports.
    var hasAddresses: Bool { if case .port = form { false } else { true } }

    /// Labels in lower case, those of the zone not among them; nil when there is no such name.
    ///
    /// The forms are written for what the catalog has and compared, as the server does: so a
    /// cluster id with dots is found too.
    init?(labels: [String], names: NameForms = .fabdns, in catalog: CatalogView) {
        guard let name = Self.service(of: labels), let service = catalog[name] else { return nil }
        let forms = Self.forms(of: service)
        guard let found = forms.first(where: { NameGrammar.labels(of: $0.form) == labels }),
            names == .fabdns || !found.form.isOfCluster
        else { return nil }
        self.service = service
        form = found.form
        members = found.members
    }

    /// The service itself.
    init(_ service: ExportedService) {
        self.service = service
        form = .service(service: service.name.name, namespace: service.name.namespace)
        members = service.endpoints.map { Member(endpoint: $0, addresses: $0.addresses) }
    }

    /// Which service a name would be of.
    static func service(of labels: [String]) -> ServiceName? {
        guard labels.count >= 3 else { return nil }
        if labels.last == "svc" {
            let tail = labels.suffix(3)
            return ServiceName(
                namespace: tail[tail.startIndex + 1], name: tail[tail.startIndex])
        }
        return labels.count == 3 ? ServiceName(namespace: labels[1], name: labels[0]) : nil
    }

    private typealias Form = (form: ServiceQuestion, members: [Member])

    private static func forms(of service: ExportedService) -> [Form] {
        let (name, namespace) = (service.name.name, service.name.namespace)
        let all = service.endpoints.map { Member(endpoint: $0, addresses: $0.addresses) }
        var forms: [Form] = [(.service(service: name, namespace: namespace), all)]
        var order: [String] = []
        var byCluster: [String: [Member]] = [:]
        for member in all {
            guard let cluster = member.endpoint.locality.cluster else { continue }
            if byCluster[cluster] == nil { order.append(cluster) }
            byCluster[cluster, default: []].append(member)
        }
        for cluster in order {
            let members = byCluster[cluster] ?? []
            forms += [
                (.cluster(cluster: cluster, service: name, namespace: namespace), members),
                (
                    .deprecatedCluster(service: name, namespace: namespace, cluster: cluster),
                    members
                ),
            ]
        }
        if service.type == .headless {
            for cluster in order {
                for (host, members) in hosts(of: byCluster[cluster] ?? []) {
                    let form = ServiceQuestion.host(
                        host: host, cluster: cluster, service: name, namespace: namespace)
                    forms.append((form, members))
                }
            }
        }
        for port in service.ports {
            guard let portName = port.name else { continue }
            let form = ServiceQuestion.port(
                port: portName, transport: port.transport.rawValue.lowercased(), service: name,
                namespace: namespace)
            forms.append((form, all))
        }
        return forms
    }

    /// An endpoint without a host name is named by each of its addresses.
    static func hosts(of members: [Member]) -> [String: [Member]] {
        var hosts: [String: [Member]] = [:]
        for member in members {
            if let host = member.endpoint.hostname {
                hosts[host, default: []].append(member)
                continue
            }
            for address in member.addresses {
                let host = NameGrammar.dashedHostname(of: address.description)
                hosts[host, default: []].append(
                    Member(endpoint: member.endpoint, addresses: [address]))
            }
        }
        return hosts
    }
}
