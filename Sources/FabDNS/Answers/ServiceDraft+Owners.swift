// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import NameGrammar
import ServiceCatalog

/// The names of a service and what stands at them.
extension ServiceDraft {
    mutating func addOwners() {
        taken.reserveCapacity(Self.usualOwnerCount)
        let ports = service.ports.prefix(Self.maximumPorts)
        skipped += service.ports.count - ports.count
        for port in ports where !block.ports.contains(port.number) {
            block.ports.append(port.number)
        }
        let all = 0..<groups.count
        let allPorts = 0..<block.ports.count
        let ranked = add(
            .service(service: service.name.name, namespace: service.name.namespace),
            [.fabdnsData, .mcsData, .isRanked, repeatFlag], groups: all, ports: allPorts)
        var clusterOwners: [Int] = []
        for cluster in clusters {
            for form in clusterForms(cluster.id) {
                let owner = add(
                    form, [.fabdnsData, repeatFlag], groups: cluster.groups, ports: allPorts)
                if let owner { clusterOwners.append(owner) }
            }
        }
        switch service.type {
        case .clusterIP:
            for owner in clusterOwners + [ranked].compactMap({ $0 }) { targetItself(owner) }
        case .headless:
            addHosts(ranked, clusterOwners)
        }
        addNamedPorts(ranked)
        addEmptyParents()
    }

    private func clusterForms(_ cluster: String) -> [ServiceQuestion] {
        let (name, namespace) = (service.name.name, service.name.namespace)
        return [
            .cluster(cluster: cluster, service: name, namespace: namespace),
            .deprecatedCluster(service: name, namespace: namespace, cluster: cluster),
        ]
    }

    private mutating func targetItself(_ owner: Int) {
        block.owners[owner].targets = block.targets.count..<block.targets.count + 1
        block.targets.append(
            TargetDescription(
                group: ServiceTarget.always, families: 3, number: block.targets.count,
                owner: owner))
    }

    /// One owner per host and cluster; SRV names them in the order of the groups.
    private mutating func addHosts(_ ranked: Int?, _ clusterOwners: [Int]) {
        for cluster in clusters {
            let hosts = HostList(cluster.groups.map { members[$0] })
            let owners = hosts.hosts.map {
                addHost($0.name, $0.addresses, cluster.id, cluster.groups.lowerBound)
            }
            let start = block.targets.count
            var numbers: [Int: Int] = [:]
            for place in hosts.places {
                guard let owner = owners[place.host] else { continue }
                let number = numbers[owner] ?? block.targets.count
                numbers[owner] = number
                block.targets.append(
                    TargetDescription(
                        group: UInt16(cluster.groups.lowerBound + place.group),
                        families: place.families, number: number, owner: owner))
            }
            for owner in clusterOwners
            where block.owners[owner].firstGroup == cluster.groups.lowerBound {
                block.owners[owner].targets = start..<block.targets.count
            }
        }
        if let ranked { block.owners[ranked].targets = 0..<block.targets.count }
    }

    private mutating func addHost(
        _ host: String, _ addresses: [IPAddress], _ cluster: String, _ firstGroup: Int
    ) -> Int? {
        let form = ServiceQuestion.host(
            host: host, cluster: cluster, service: service.name.name,
            namespace: service.name.namespace)
        var group = LocalityGroup()
        group.locality = groups[firstGroup].locality
        (group.v4Start, group.v4Count) = place(
            addresses.compactMap { if case .v4(let value) = $0 { value } else { nil } })
        (group.v6Start, group.v6Count) = place(
            addresses.compactMap {
                if case .v6(let high, let low) = $0 { (high, low) } else { nil }
            })
        group.readyCount = 1
        group.totalCount = 1
        return add(form, [.fabdnsData, .mcsData], groups: [group], ports: 0..<0)
    }

    /// Where those addresses lie one after the other; they are put at the end if they do not.
    private mutating func place(_ addresses: [UInt32]) -> (UInt32, UInt16) {
        guard let first = addresses.first else { return (0, 0) }
        let start = v4Places[first].flatMap { start in
            block.v4[start...].starts(with: addresses) ? start : nil
        }
        if let start { return (UInt32(start), count(addresses.count)) }
        block.v4 += addresses
        return (UInt32(block.v4.count - addresses.count), count(addresses.count))
    }

    private mutating func place(_ addresses: [(UInt64, UInt64)]) -> (UInt32, UInt16) {
        guard let first = addresses.first else { return (0, 0) }
        let start = v6Places[.v6(first.0, first.1)].flatMap { start in
            block.v6[start...].starts(with: addresses, by: ==) ? start : nil
        }
        if let start { return (UInt32(start), count(addresses.count)) }
        block.v6 += addresses
        return (UInt32(block.v6.count - addresses.count), count(addresses.count))
    }

    private mutating func addNamedPorts(_ ranked: Int?) {
        guard let ranked else { return }
        for port in service.ports.prefix(Self.maximumPorts) {
            guard let name = port.name, let index = block.ports.firstIndex(of: port.number) else {
                continue
            }
            let transport = port.transport.rawValue.lowercased()
            let form = ServiceQuestion.port(
                port: name, transport: transport, service: service.name.name,
                namespace: service.name.namespace)
            let owner = add(
                form, [.fabdnsData, .mcsData, .isRanked, .isServiceOnly], groups: 0..<groups.count,
                ports: index..<index + 1)
            guard let owner else { continue }
            block.owners[owner].targets = block.owners[ranked].targets
        }
    }

    /// Names without data between the service's name and those below it: `_tcp`, and the parts of
    /// cluster ids with dots.
    private mutating func addEmptyParents() {
        for owner in block.owners {
            var flags: OwnerFlags = []
            if owner.flags.contains(.fabdnsData) { flags.insert(.fabdnsEmpty) }
            if owner.flags.contains(.mcsData) { flags.insert(.mcsEmpty) }
            var name = owner.name
            while name.labelCount > AnswerCompiler.serviceLabelCount + 1, let parent = name.parent {
                if let known = taken[parent] {
                    block.owners[known].flags.formUnion(flags)
                } else {
                    taken[parent] = block.owners.count
                    block.owners.append(OwnerDescription(name: parent, flags: flags))
                }
                name = parent
            }
        }
    }

    private mutating func add(
        _ form: ServiceQuestion, _ flags: OwnerFlags, groups range: Range<Int>, ports: Range<Int>
    ) -> Int? {
        guard let owner = add(form, flags, groups: Array(groups[range]), ports: ports) else {
            return nil
        }
        block.owners[owner].firstGroup = range.lowerBound
        return owner
    }

    /// The position of the new owner; nil for a name that cannot be or is there already.
    private mutating func add(
        _ form: ServiceQuestion, _ flags: OwnerFlags, groups: [LocalityGroup], ports: Range<Int>
    ) -> Int? {
        guard let labels = NameGrammar.labels(of: form) else { return nil }
        guard let name = RelativeName(labels) else {
            skipped += 1
            return nil
        }
        guard taken[name] == nil else { return nil }
        taken[name] = block.owners.count
        block.owners.append(
            OwnerDescription(name: name, flags: flags, groups: groups, ports: ports))
        return block.owners.count - 1
    }
}
