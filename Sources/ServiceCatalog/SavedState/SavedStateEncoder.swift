// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Makes the columns of a saved state.
struct SavedStateEncoder {
    /// One service, its texts by their indices.
    private struct Row {
        let namespace: UInt32
        let name: UInt32
        let service: ExportedService

        var key: UInt64 { UInt64(namespace) << 32 | UInt64(name) }
    }

    private let feed: SavedFeed
    private let texts: [String]
    private let textIndices: [String: UInt32]
    private let localities: [(locality: Locality, texts: [UInt32])]
    private let rows: [Row]
    private var portLists = Interned<[ServicePort]>()
    private var localityLists = Interned<[UInt32]>()
    /// Of each row.
    private var portList: [UInt32] = []
    private var localityList: [UInt32] = []

    init(_ feed: SavedFeed) {
        self.feed = feed
        let localities = Set(feed.services.lazy.flatMap(\.endpoints.localities))
        texts = Self.texts(of: feed, localities).sorted()
        let indices = Dictionary(
            uniqueKeysWithValues: texts.enumerated().map { ($1, UInt32($0 + 1)) })
        func index(_ text: String?) -> UInt32 {
            text.flatMap { indices[$0] } ?? SavedStateCodec.noText
        }
        textIndices = indices
        self.localities = localities.map { locality in
            (locality, [locality.cluster, locality.region, locality.zone].map(index))
        }.sorted { $0.texts.lexicographicallyPrecedes($1.texts) }
        rows = Self.sorted(
            feed.services.map { service in
                Row(
                    namespace: index(service.name.namespace), name: index(service.name.name),
                    service: service)
            })
        internLists()
    }

    private static func texts(of feed: SavedFeed, _ localities: Set<Locality>) -> Set<String> {
        var texts: Set<String> = [feed.feed]
        var portLists: Set<[ServicePort]> = []
        for service in feed.services {
            texts.insert(service.name.namespace)
            texts.insert(service.name.name)
            portLists.insert(service.ports)
        }
        for locality in localities {
            for case let text? in [locality.cluster, locality.region, locality.zone] {
                texts.insert(text)
            }
        }
        for port in portLists.joined() {
            for case let text? in [port.name, port.appProtocol] { texts.insert(text) }
        }
        return texts
    }

    /// In order; of those that have the same name, the last.
    private static func sorted(_ rows: [Row]) -> [Row] {
        let order = rows.enumerated().map { (key: $1.key, index: $0) }.sorted { $0 < $1 }
        return order.indices.compactMap { place in
            let isLast = place + 1 == order.count || order[place + 1].key != order[place].key
            return isLast ? rows[order[place].index] : nil
        }
    }

    private mutating func internLists() {
        let indices = Dictionary(
            uniqueKeysWithValues: localities.enumerated().map { ($1.locality, UInt32($0)) })
        portList.reserveCapacity(rows.count)
        localityList.reserveCapacity(rows.count)
        for row in rows {
            portList.append(portLists.index(of: row.service.ports))
            localityList.append(
                localityLists.index(of: row.service.endpoints.localities.compactMap { indices[$0] })
            )
        }
    }

    // MARK: Columns

    func append(to octets: inout [UInt8]) {
        let textOctets = texts.reduce(0) { $0 + $1.utf8.count }
        let endpointOctets = rows.reduce(0) { $0 + $1.service.endpoints.octets.count }
        octets.reserveCapacity(
            octets.count + SavedStateCodec.countsSize + 4 * texts.count + textOctets
                + 29 * rows.count + endpointOctets + (1 << 16))
        octets.append(littleEnd: Self.finite(feed.currentSeconds).bitPattern)
        for count in [
            texts.count, textOctets, localities.count, portLists.all.count,
            portLists.all.joined().count, localityLists.all.count,
            localityLists.all.joined().count, rows.count, endpointOctets,
        ] {
            octets.append(littleEnd: UInt32(truncatingIfNeeded: count))
        }
        octets.append(littleEnd: index(feed.feed))
        Self.append(ends: texts.lazy.map(\.utf8.count), to: &octets)
        for text in texts { octets.append(contentsOf: text.utf8) }
        for text in localities.lazy.flatMap(\.texts) { octets.append(littleEnd: text) }
        Self.append(ends: portLists.all.lazy.map(\.count), to: &octets)
        for port in portLists.all.joined() { append(port, to: &octets) }
        Self.append(ends: localityLists.all.lazy.map(\.count), to: &octets)
        for locality in localityLists.all.joined() { octets.append(littleEnd: locality) }
        appendServices(to: &octets)
    }

    private func appendServices(to octets: inout [UInt8]) {
        for row in rows { octets.append(littleEnd: row.namespace) }
        for row in rows { octets.append(littleEnd: row.name) }
        for row in rows { octets.append(kind(of: row.service)) }
        for list in portList { octets.append(littleEnd: list) }
        for row in rows {
            let seconds = row.service.exportedSeconds
            octets.append(
                littleEnd: seconds.map { Self.finite($0).bitPattern } ?? SavedStateCodec.noSeconds)
        }
        Self.append(ends: rows.lazy.map(\.service.endpoints.octets.count), to: &octets)
        for list in localityList { octets.append(littleEnd: list) }
        for row in rows { octets.append(contentsOf: row.service.endpoints.octets) }
    }

    private func kind(of service: ExportedService) -> UInt8 {
        (service.type == .headless ? 1 : 0)
            | (feed.held.contains(service.name) ? SavedStateCodec.heldBit : 0)
    }

    private func append(_ port: ServicePort, to octets: inout [UInt8]) {
        octets.append(littleEnd: index(port.name))
        octets.append(littleEnd: index(port.appProtocol))
        octets.append(littleEnd: port.number)
        octets.append(UInt8(TransportProtocol.allCases.firstIndex(of: port.transport) ?? 0))
        octets.append(0)
    }

    private func index(_ text: String?) -> UInt32 {
        text.flatMap { textIndices[$0] } ?? SavedStateCodec.noText
    }

    /// Where each of parts of these lengths ends.
    private static func append(ends lengths: some Sequence<Int>, to octets: inout [UInt8]) {
        var end = 0
        for length in lengths {
            end += length
            octets.append(littleEnd: UInt32(truncatingIfNeeded: end))
        }
    }

    private static func finite(_ seconds: Double) -> Double { seconds.isFinite ? seconds : 0 }
}

/// Distinct values in the order in which they came.
private struct Interned<Value: Hashable> {
    private(set) var all: [Value] = []
    private var indices: [Value: UInt32] = [:]

    mutating func index(of value: Value) -> UInt32 {
        if let index = indices[value] { return index }
        let index = UInt32(all.count)
        indices[value] = index
        all.append(value)
        return index
    }
}
