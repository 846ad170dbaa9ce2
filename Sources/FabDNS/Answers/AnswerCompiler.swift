// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import NameGrammar
import ServiceCatalog

/// Turns an exported service into the owners, groups and addresses that answer for it.
///
/// Pure, but for the numbers of localities.
struct AnswerCompiler {
    /// A compiled service, and what of it could not be a name.
    struct Result {
        let answers: ServiceAnswers
        /// Names longer than a domain name may be, ports and localities beyond the bounds: they are
        /// not served.
        let skipped: Int
    }

    /// Nil when no endpoint is ready: the service's names do not exist then (Kubernetes DNS
    /// specification 2.4.1).
    func compile(_ service: ExportedService, localities: inout LocalityTable) -> Result? {
        var draft = Draft(service: service)
        draft.group(service.endpoints, &localities)
        guard !draft.groups.isEmpty else { return nil }
        draft.addOwners()
        let answers = BlockWriter.write(draft.block)
        return Result(answers: answers, skipped: draft.skipped)
    }

    /// Names without data above the service's names that may lie above those of other services too.
    static func sharedParents(of answers: ServiceAnswers) -> Set<RelativeName> {
        var parents: Set<RelativeName> = []
        unsafe answers.forEachOwner { owner in
            let name = unsafe RelativeName(compiled: OwnerView(owner).nameOctets)
            if name.labelCount == 3 { parents.formUnion(name.parents) }
        }
        return parents
    }
}

/// A service on its way into a block.
private struct Draft {
    /// A service has a handful of ports and a few localities a cluster.
    ///
    /// The bounds keep an object that is none from memory: each named port has all groups.
    private static let maximumPorts = 256
    private static let maximumGroups = 4096

    let service: ExportedService
    var block = BlockDescription()
    var groups: [LocalityGroup] = []
    var skipped = 0

    /// The part of the groups that is one cluster's.
    private var clusters: [(id: String, groups: Range<Int>)] = []
    private var members: [[Endpoint]] = []
    private var taken: [RelativeName: Int] = [:]

    init(service: ExportedService) { self.service = service }

    // MARK: Groups and addresses

    mutating func group(_ endpoints: some Sequence<Endpoint>, _ localities: inout LocalityTable) {
        var order: [Locality] = []
        var byLocality: [Locality: (ready: [Endpoint], total: Int)] = [:]
        for endpoint in endpoints {
            let locality = endpoint.locality
            if byLocality[locality] == nil { order.append(locality) }
            byLocality[locality, default: ([], 0)].total += 1
            if endpoint.conditions.contains(.isReady) {
                byLocality[locality]?.ready.append(endpoint)
            }
        }
        // One cluster's groups lie side by side, so that its own names answer from a range of them.
        let clusterOrder = Dictionary(
            order.enumerated().map { ($1.cluster, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = order.enumerated().sorted { left, right in
            (clusterOrder[left.element.cluster] ?? 0, left.offset)
                < (clusterOrder[right.element.cluster] ?? 0, right.offset)
        }
        for (_, locality) in sorted {
            guard let found = byLocality[locality], !found.ready.isEmpty else { continue }
            guard groups.count < Self.maximumGroups else {
                skipped += 1
                continue
            }
            add(found.ready, total: found.total, number: localities.number(of: locality))
            extendClusters(locality.cluster)
        }
        findRepeats()
    }

    private mutating func add(_ ready: [Endpoint], total: Int, number: UInt16) {
        var group = LocalityGroup()
        group.locality = number
        group.readyCount = UInt16(clamping: ready.count)
        group.totalCount = UInt16(clamping: total)
        group.v4Start = UInt32(block.v4.count)
        group.v6Start = UInt32(block.v6.count)
        var seen: Set<IPAddress> = []
        for endpoint in ready {
            for address in endpoint.addresses where seen.insert(address).inserted {
                append(address)
            }
        }
        group.v4Count = count(block.v4.count - Int(group.v4Start))
        group.v6Count = count(block.v6.count - Int(group.v6Start))
        groups.append(group)
        members.append(ready)
    }

    private mutating func append(_ address: IPAddress) {
        switch address {
        case .v4(let value): block.v4.append(value)
        case .v6(let high, let low): block.v6.append((high, low))
        }
    }

    private func count(_ count: Int) -> UInt16 {
        UInt16(min(count, LocalityGroup.maximumAddresses))
    }

    private mutating func extendClusters(_ cluster: String?) {
        guard let cluster else { return }
        if let last = clusters.last, last.id == cluster {
            clusters[clusters.count - 1].groups = last.groups.lowerBound..<groups.count
        } else {
            clusters.append((cluster, groups.count - 1..<groups.count))
        }
    }

    /// An RRset has no two equal records (RFC 2181 §5): notes which addresses earlier groups have
    /// too.
    private mutating func findRepeats() {
        var groupsOf: [IPAddress: [UInt32]] = [:]
        for (number, group) in groups.enumerated() {
            for index in group.v4Start..<group.v4Start + UInt32(group.v4Count) {
                let address = IPAddress.v4(block.v4[Int(index)])
                for earlier in groupsOf[address] ?? [] {
                    block.v4Repeats.append(RepeatedAddress(index: index, group: earlier))
                }
                groupsOf[address, default: []].append(UInt32(number))
            }
            for index in group.v6Start..<group.v6Start + UInt32(group.v6Count) {
                let (high, low) = block.v6[Int(index)]
                for earlier in groupsOf[.v6(high, low)] ?? [] {
                    block.v6Repeats.append(RepeatedAddress(index: index, group: earlier))
                }
                groupsOf[.v6(high, low), default: []].append(UInt32(number))
            }
        }
    }

    private var repeatFlag: OwnerFlags {
        block.v4Repeats.isEmpty && block.v6Repeats.isEmpty ? [] : .mayRepeat
    }

    // MARK: Owners

    mutating func addOwners() {
        let ports = service.ports.prefix(Self.maximumPorts)
        skipped += service.ports.count - ports.count
        block.ports = ports.map(\.number)
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
            TargetDescription(group: ServiceTarget.always, families: 3, owner: owner))
    }

    /// One owner per host and cluster; SRV names them in the order of the groups.
    private mutating func addHosts(_ ranked: Int?, _ clusterOwners: [Int]) {
        for cluster in clusters {
            let start = block.targets.count
            for number in cluster.groups {
                for host in Self.hosts(of: members[number]) {
                    addHost(host.name, host.addresses, cluster.id, UInt16(clamping: number))
                }
            }
            for owner in clusterOwners
            where block.owners[owner].firstGroup == cluster.groups.lowerBound {
                block.owners[owner].targets = start..<block.targets.count
            }
        }
        if let ranked { block.owners[ranked].targets = 0..<block.targets.count }
    }

    /// The hosts of a group in order: endpoints of one name are one host, one without a name is
    /// named by each of its addresses.
    private static func hosts(of endpoints: [Endpoint]) -> [(name: String, addresses: [IPAddress])]
    {
        var names: [String] = []
        var addresses: [String: [IPAddress]] = [:]
        var seen: [String: Set<IPAddress>] = [:]
        func add(_ name: String, _ address: IPAddress) {
            if addresses[name] == nil { names.append(name) }
            if seen[name, default: []].insert(address).inserted {
                addresses[name, default: []].append(address)
            }
        }
        for endpoint in endpoints {
            for address in endpoint.addresses {
                add(
                    endpoint.hostname ?? NameGrammar.dashedHostname(of: address.description),
                    address)
            }
        }
        return names.map { ($0, addresses[$0] ?? []) }
    }

    private mutating func addHost(
        _ host: String, _ addresses: [IPAddress], _ cluster: String, _ number: UInt16
    ) {
        let form = ServiceQuestion.host(
            host: host, cluster: cluster, service: service.name.name,
            namespace: service.name.namespace)
        var group = LocalityGroup()
        group.locality = groups[Int(number)].locality
        (group.v4Start, group.v4Count) = place(
            addresses.compactMap { if case .v4(let value) = $0 { value } else { nil } })
        (group.v6Start, group.v6Count) = place(
            addresses.compactMap {
                if case .v6(let high, let low) = $0 { (high, low) } else { nil }
            })
        group.readyCount = 1
        group.totalCount = 1
        let families: UInt8 = (group.v4Count > 0 ? 1 : 0) | (group.v6Count > 0 ? 2 : 0)
        if let name = RelativeName(NameGrammar.labels(of: form) ?? []), let known = taken[name] {
            // The host is in another locality too: its name has both localities' addresses.
            if !hasAddress(of: group, in: block.owners[known].groups) {
                block.owners[known].groups.append(group)
            }
        } else if let owner = add(form, [.fabdnsData, .mcsData], groups: [group], ports: 0..<0) {
            block.targets.append(
                TargetDescription(group: number, families: families, owner: owner))
        }
    }

    private func hasAddress(of group: LocalityGroup, in groups: [LocalityGroup]) -> Bool {
        groups.contains { other in
            group.v4Count > 0 && other.v4Count > 0
                && block.v4[Int(group.v4Start)] == block.v4[Int(other.v4Start)]
                || group.v6Count > 0 && other.v6Count > 0
                    && block.v6[Int(group.v6Start)] == block.v6[Int(other.v6Start)]
        }
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

    private lazy var v4Places: [UInt32: Int] = Dictionary(
        block.v4.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    private lazy var v6Places: [IPAddress: Int] = Dictionary(
        block.v6.enumerated().map { (.v6($1.0, $1.1), $0) },
        uniquingKeysWith: { first, _ in first })

    private mutating func addNamedPorts(_ ranked: Int?) {
        guard let ranked else { return }
        for (index, port) in service.ports.prefix(Self.maximumPorts).enumerated() {
            guard let name = port.name else { continue }
            let transport = port.transport.rawValue.lowercased()
            let form = ServiceQuestion.port(
                port: name, transport: transport, service: service.name.name,
                namespace: service.name.namespace)
            let owner = add(
                form, [.fabdnsData, .mcsData, .isRanked, .isServiceOnly], groups: 0..<groups.count,
                ports: index..<index + 1)
            guard let owner else { continue }
            block.owners[owner].targets = block.owners[ranked].targets
            addParent(of: block.owners[owner].name)
        }
    }

    /// `_tcp` above the ports: a name without data.
    private mutating func addParent(of name: RelativeName) {
        guard let parent = name.parents.first, taken[parent] == nil else { return }
        taken[parent] = block.owners.count
        block.owners.append(OwnerDescription(name: parent, flags: [.fabdnsEmpty, .mcsEmpty]))
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
