// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What many services of one load have in common, made once: localities, lists of ports,
/// namespaces.
struct SharedValues {
    private static let maximumCount = 10_000

    private var localities: Set<Locality> = []
    private var portLists: [[ServicePort]: [ServicePort]] = [:]
    /// In all lists.
    private var portCount = 0
    private var lastText = ""

    /// Empty octets stand for what is not known.
    mutating func locality(
        cluster: ArraySlice<UInt8>, region: ArraySlice<UInt8>, zone: ArraySlice<UInt8>
    ) -> Locality {
        let new = Locality(
            cluster: Self.present(cluster), region: Self.present(region), zone: Self.present(zone))
        // A flood of distinct ones is not kept.
        if localities.count > Self.maximumCount { localities = [] }
        return localities.insert(new).memberAfterInsert
    }

    mutating func ports(_ ports: [ServicePort]) -> [ServicePort] {
        if let known = portLists[ports] { return known }
        portCount += ports.count
        if portCount > Self.maximumCount {
            portLists = [:]
            portCount = ports.count
        }
        portLists[ports] = ports
        return ports
    }

    /// One copy of a text that is likely to come many times in a row.
    mutating func text(_ octets: ArraySlice<UInt8>) -> String {
        if !lastText.utf8.elementsEqual(octets) {
            lastText = String(decoding: octets, as: UTF8.self)
        }
        return lastText
    }

    private static func present(_ text: ArraySlice<UInt8>) -> String? {
        text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}
