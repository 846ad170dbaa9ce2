// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// Looks through a catalog that the server would take, for what its writer cannot have meant.
struct CatalogLint {
    /// What a reply over UDP may have at most (DNS flag day 2020).
    static let maximumUDPOctets = 1232

    private(set) var findings: [LintFinding] = []
    private var zoneRegions: [String: (region: String, line: Int)] = [:]
    private var oddZones: Set<String> = []
    private var owners: [IPAddress: ServiceName] = [:]
    private var oddClusters: Set<String> = []

    init(_ loaded: LoadedCatalog) {
        for field in loaded.unknownFields {
            add(.unknownField, nil, "the field \(field) is not known and has no effect")
        }
        for (number, service) in loaded.services.enumerated() {
            let line = loaded.lines?.services[number]
            look(service, line, loaded.lines?.endpoints[number] ?? [])
        }
        findings.sort { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    private mutating func add(_ code: LintFinding.Code, _ line: Int?, _ message: String) {
        findings.append(LintFinding(code: code, line: line, message: message.printable))
    }

    private mutating func look(_ service: ExportedService, _ line: Int?, _ lines: [Int]) {
        let name = "\(service.name)"
        if !service.endpoints.contains(where: { $0.conditions.contains(.isReady) }) {
            let what = service.endpoints.isEmpty ? "has no endpoint" : "has no ready endpoint"
            add(.nothingReady, line, "\(name) \(what): its names do not exist")
        }
        lookAtPorts(service, line)
        var addresses: Set<IPAddress> = []
        var hosts: [String: Int] = [:]
        for (index, endpoint) in service.endpoints.enumerated() {
            let line = index < lines.count ? lines[index] : line
            lookAtLocality(endpoint.locality, name, line)
            for address in endpoint.addresses {
                if !addresses.insert(address).inserted {
                    add(.repeatedAddress, line, "\(name) has the address \(address) twice")
                } else if service.type == .clusterIP {
                    lookAtOwner(of: address, service.name, line)
                }
            }
            guard let host = endpoint.hostname else { continue }
            if service.type == .clusterIP {
                add(
                    .hostWithoutEffect, line,
                    "\(name) is a ClusterIP: the host name '\(host)' has no effect")
            } else {
                let key = "\(endpoint.locality.cluster ?? "")/\(host)"
                if let first = hosts[key] {
                    let place = first < lines.count ? " (line \(lines[first]))" : ""
                    add(
                        .sharedHost, line,
                        "\(name) has the host '\(host)' twice in one cluster\(place)")
                } else {
                    hosts[key] = index
                }
            }
        }
        lookAtSize(service, line)
    }

    private mutating func lookAtLocality(_ locality: Locality, _ name: String, _ line: Int?) {
        if let cluster = locality.cluster {
            if cluster == "svc", oddClusters.insert(cluster).inserted {
                add(
                    .clusterCalledSVC, line,
                    "a cluster called 'svc' has no names in the older form"
                )
            } else if cluster.contains("."), oddClusters.insert(cluster).inserted {
                add(
                    .dottedCluster, line,
                    "the cluster '\(cluster)' has dots: it has no names in the older form")
            }
        } else {
            add(.noCluster, line, "an endpoint of \(name) has no cluster")
        }
        let missing = [("zone", locality.zone), ("region", locality.region)]
            .filter { $0.1 == nil }.map(\.0)
        if !missing.isEmpty {
            add(
                .noTopology, line,
                "an endpoint of \(name) has no \(missing.joined(separator: " and no ")): "
                    + "it is near to nobody there")
        }
        guard let zone = locality.zone, let region = locality.region else { return }
        if let known = zoneRegions[zone] {
            if known.region != region, oddZones.insert(zone).inserted {
                add(
                    .zoneInRegions, line,
                    "the zone '\(zone)' is in the regions '\(known.region)' (line \(known.line)) "
                        + "and '\(region)': zones are compared alone")
            }
        } else {
            zoneRegions[zone] = (region, line ?? 0)
        }
    }

    private mutating func lookAtOwner(
        of address: IPAddress, _ name: ServiceName, _ line: Int?
    ) {
        if let owner = owners[address] {
            add(.sharedAddress, line, "\(name) has the address \(address) of \(owner)")
        } else {
            owners[address] = name
        }
    }

    private mutating func lookAtPorts(_ service: ExportedService, _ line: Int?) {
        var seen: Set<String> = []
        for port in service.ports {
            let name = "\(port.name ?? "")/\(port.transport.rawValue)"
            if !seen.insert(name).inserted {
                add(.repeatedPort, line, "\(service.name) has the port '\(name)' twice")
            }
        }
    }

    /// Who is in no known place is answered with everything: the largest answer there is.
    private mutating func lookAtSize(_ service: ExportedService, _ line: Int?) {
        let explanation = Explanation(ServedName(service), from: Place())
        let names = service.name.name.utf8.count + service.name.namespace.utf8.count
        // Header and OPT, then the question: three labels, a zone as short as `global`, its type.
        let fixed = 12 + 11 + names + 2 + 4 + 8 + 4
        for family in explanation.families {
            // A pointer, type, class, TTL and length before each address.
            let record = 12 + (family.family == .v4 ? 4 : 16)
            let size = fixed + family.addresses.count * record
            guard size > Self.maximumUDPOctets else { continue }
            add(
                .largeAnswer, line,
                "\(service.name) \(family.family.typeText) takes \(size) octets where nothing is "
                    + "near: over UDP it is truncated, TCP has it")
        }
    }
}
