// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// A service on its way into a block.
struct ServiceDraft {
    /// A service has a handful of ports and a few localities a cluster.
    ///
    /// The bounds keep an object that is none from memory, since each named port has all groups,
    /// and a query from looking at more than a worker can remember.
    static let maximumPorts = 256
    private static let maximumGroups = 4096
    static let usualOwnerCount = 12
    private static let maximumAddresses = Responder.maximumMarks / 2

    let service: ExportedService
    var block = BlockDescription()
    var groups: [LocalityGroup] = []
    var skipped = 0

    /// The part of the groups that is one cluster's.
    private(set) var clusters: [(id: String, groups: Range<Int>)] = []
    private(set) var members: [[Endpoint]] = []
    /// Owners by name.
    var taken: [RelativeName: Int] = [:]

    init(service: ExportedService) { self.service = service }

    // MARK: Groups and addresses

    mutating func group(_ endpoints: some Sequence<Endpoint>, _ localities: LocalityTable) {
        for found in Self.byCluster(Self.byLocality(endpoints)) where !found.ready.isEmpty {
            guard groups.count < Self.maximumGroups else {
                skipped += 1
                continue
            }
            add(found.ready, total: found.total, number: localities.number(of: found.locality))
            extendClusters(found.locality.cluster)
        }
        findRepeats()
    }

    private struct LocalityEndpoints {
        let locality: Locality
        var ready: [Endpoint] = []
        var total = 0
    }

    /// In the order in which localities appear.
    private static func byLocality(_ endpoints: some Sequence<Endpoint>) -> [LocalityEndpoints] {
        var found: [LocalityEndpoints] = []
        var positions: [Locality: Int] = [:]
        for endpoint in endpoints {
            let position = positions[endpoint.locality] ?? found.count
            if position == found.count {
                positions[endpoint.locality] = position
                found.append(LocalityEndpoints(locality: endpoint.locality))
            }
            found[position].total += 1
            if endpoint.conditions.contains(.isReady) { found[position].ready.append(endpoint) }
        }
        return found
    }

    /// One cluster's groups lie side by side, so that its own names answer from a range of them.
    private static func byCluster(_ found: [LocalityEndpoints]) -> [LocalityEndpoints] {
        guard found.count > 1 else { return found }
        let order = Dictionary(
            found.enumerated().map { ($1.locality.cluster, $0) },
            uniquingKeysWith: { first, _ in first })
        return found.enumerated().sorted { left, right in
            (order[left.element.locality.cluster] ?? 0, left.offset)
                < (order[right.element.locality.cluster] ?? 0, right.offset)
        }.map(\.element)
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
                guard block.v4.count + block.v6.count < Self.maximumAddresses else {
                    skipped += 1
                    continue
                }
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

    func count(_ count: Int) -> UInt16 {
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

    /// An RRset has no two equal records (RFC 2181 §5): where an address is in several groups, each
    /// is given the index of the first that is equal.
    private mutating func findRepeats() {
        guard groups.count > 1 else { return }
        var v4: [UInt32: UInt32] = [:]
        var v6: [IPAddress: UInt32] = [:]
        let v4Firsts = block.v4.enumerated().map { index, address in
            Self.first(address, UInt32(index), &v4)
        }
        let v6Firsts = block.v6.enumerated().map { index, address in
            Self.first(IPAddress.v6(address.0, address.1), UInt32(index), &v6)
        }
        guard v4.count < v4Firsts.count || v6.count < v6Firsts.count else { return }
        block.v4Firsts = v4Firsts
        block.v6Firsts = v6Firsts
    }

    private static func first<Address: Hashable>(
        _ address: Address, _ index: UInt32, _ known: inout [Address: UInt32]
    ) -> UInt32 {
        if let first = known[address] { return first }
        known[address] = index
        return index
    }

    var repeatFlag: OwnerFlags {
        block.v4Firsts.isEmpty && block.v6Firsts.isEmpty ? [] : .mayRepeat
    }

    /// Where addresses of the groups are, for names that answer with a part of them.
    lazy var v4Places: [UInt32: Int] = Dictionary(
        block.v4.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    lazy var v6Places: [IPAddress: Int] = Dictionary(
        block.v6.enumerated().map { (.v6($1.0, $1.1), $0) },
        uniquingKeysWith: { first, _ in first })
}
