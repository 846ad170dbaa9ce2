// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import NameGrammar
import ServiceCatalog

/// The hosts of a headless service in one cluster.
///
/// Endpoints of one name are one host, one without a name is named by each of its addresses. A host
/// that is in several localities has one name with the addresses of all.
struct HostList {
    /// A host in one of the groups.
    struct Place {
        let group: Int
        let host: Int
        /// Of its addresses there: 1 for IPv4, 2 for IPv6.
        var families: UInt8
    }

    private struct HostAddress: Hashable {
        let host: Int
        let address: IPAddress
    }

    private(set) var hosts: [(name: String, addresses: [IPAddress])] = []
    /// By group, and in a group in the order of the endpoints.
    private(set) var places: [Place] = []
    private var numbers: [String: Int] = [:]
    private var seen: Set<HostAddress> = []

    /// `groups` are the endpoints of one locality each.
    init(_ groups: [[Endpoint]]) {
        let count = groups.reduce(0) { $0 + $1.count }
        numbers.reserveCapacity(count)
        seen.reserveCapacity(count)
        for (group, endpoints) in groups.enumerated() {
            var placed: [Int: Int] = [:]
            for endpoint in endpoints {
                for address in endpoint.addresses {
                    let host = add(endpoint, address)
                    let families: UInt8 = address.family == .v4 ? 1 : 2
                    if let place = placed[host] {
                        places[place].families |= families
                    } else {
                        placed[host] = places.count
                        places.append(Place(group: group, host: host, families: families))
                    }
                }
            }
        }
    }

    /// The number of the endpoint's host, which has the address from now on.
    private mutating func add(_ endpoint: Endpoint, _ address: IPAddress) -> Int {
        let name = endpoint.hostname ?? NameGrammar.dashedHostname(of: address.description)
        let host = numbers[name] ?? hosts.count
        if host == hosts.count {
            numbers[name] = host
            hosts.append((name, []))
        }
        if seen.insert(HostAddress(host: host, address: address)).inserted {
            hosts[host].addresses.append(address)
        }
        return host
    }
}
