// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import NameGrammar
import ServiceCatalog

/// The names that addresses have: what PTR answers in reverse zones (RFC 1035 §3.5, RFC 3596 §2.5).
///
/// An address may be that of several services, so each name of an address counts the services that
/// give it: a change costs the addresses of that service and nothing else.
struct ReverseNames {
    /// More names of one address are not told.
    static let maximumTargets = 64

    private struct Entry {
        /// With the number of services.
        var targets: [RelativeName: Int] = [:]
        var answers: ServiceAnswers?
    }

    /// One name of one address.
    private struct Pair: Hashable {
        let address: IPAddress
        let target: RelativeName
    }

    /// A change of what stands at one name; nil for nothing.
    struct Exchange {
        let old: ServiceAnswers?
        let new: ServiceAnswers?
    }

    private var entries: [IPAddress: Entry] = [:]
    private var contributions: [ServiceName: Set<Pair>] = [:]
    private var changed: Set<IPAddress> = []
    private var parents = EmptyNonTerminals { _ in .reverseData }

    /// All there is, one owner each.
    var all: [ServiceAnswers] { entries.values.compactMap(\.answers) + Array(parents.all) }

    /// Takes in what a service is now; nil when it is gone.
    mutating func note(_ name: ServiceName, _ service: ExportedService?) {
        let old = contributions[name] ?? []
        let new = service.map(Self.pairs) ?? []
        contributions[name] = new.isEmpty ? nil : new
        for pair in new.subtracting(old) {
            entries[pair.address, default: Entry()].targets[pair.target, default: 0] += 1
            changed.insert(pair.address)
        }
        for pair in old.subtracting(new) {
            let count = entries[pair.address]?.targets[pair.target] ?? 0
            entries[pair.address]?.targets[pair.target] = count > 1 ? count - 1 : nil
            changed.insert(pair.address)
        }
    }

    /// What has to be exchanged after the last notes.
    mutating func takeExchanges() -> [Exchange] {
        var exchanges: [Exchange] = []
        for address in changed {
            guard let entry = entries[address] else { continue }
            let name = Self.name(of: address)
            let new = entry.targets.isEmpty ? nil : Self.answers(name, entry.targets.keys)
            exchanges.append(Exchange(old: entry.answers, new: new))
            if entry.answers == nil, new != nil {
                exchanges +=
                    name.parent.map { parents.add($0) }?
                    .map { Exchange(old: nil, new: $0) } ?? []
            } else if entry.answers != nil, new == nil {
                exchanges +=
                    name.parent.map { parents.remove($0) }?
                    .map { Exchange(old: $0, new: nil) } ?? []
            }
            entries[address] = new.map { Entry(targets: entry.targets, answers: $0) }
        }
        changed = []
        return exchanges.filter { $0.old != nil || $0.new != nil }
    }

    /// Of a service with an address of its own, the service is the name of its addresses; of a
    /// headless one, the endpoint is.
    private static func pairs(_ service: ExportedService) -> Set<Pair> {
        var pairs: Set<Pair> = []
        let (name, namespace) = (service.name.name, service.name.namespace)
        for endpoint in service.endpoints where endpoint.conditions.contains(.isReady) {
            for address in endpoint.addresses {
                var form = ServiceQuestion.service(service: name, namespace: namespace)
                if service.type == .headless, let cluster = endpoint.locality.cluster {
                    form = .host(
                        host: endpoint.hostname
                            ?? NameGrammar.dashedHostname(of: address.description),
                        cluster: cluster, service: name, namespace: namespace)
                }
                guard let target = NameGrammar.labels(of: form).flatMap({ RelativeName($0) })
                else { continue }
                pairs.insert(Pair(address: address, target: target))
            }
        }
        return pairs
    }

    private static func answers(
        _ name: RelativeName, _ targets: some Sequence<RelativeName>
    ) -> ServiceAnswers {
        let targets = targets.sorted { $0.octets.lexicographicallyPrecedes($1.octets) }
            .prefix(maximumTargets)
        var block = BlockDescription()
        block.owners = [
            OwnerDescription(name: name, flags: .reverseData, targets: 0..<targets.count)
        ]
        for (number, target) in targets.enumerated() {
            // No table finds them: they are there to be written.
            block.owners.append(OwnerDescription(name: target, flags: []))
            block.targets.append(
                TargetDescription(
                    group: ServiceTarget.always, families: 0, number: number, owner: number + 1))
        }
        return BlockWriter.write(block)
    }

    /// The labels before `arpa`, least significant first: `\1 4\1 3\1 2\1 1\7in-addr`.
    static func name(of address: IPAddress) -> RelativeName {
        var octets: [UInt8] = []
        func append(_ label: some StringProtocol) {
            octets.append(UInt8(label.utf8.count))
            octets += label.utf8
        }
        switch address {
        case .v4(let value):
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                append(String(value >> shift & 0xFF))
            }
            append("in-addr")
        case .v6(let high, let low):
            for half in [low, high] {
                for shift in stride(from: UInt64(0), to: 64, by: 4) {
                    append(String(half >> shift & 0xF, radix: 16))
                }
            }
            append("ip6")
        }
        return RelativeName(compiled: octets)
    }
}
