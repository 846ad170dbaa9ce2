// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The endpoints of one Service in one array of octets; each is decoded when it is asked for.
///
/// A record, of which `octets` holds one after the other:
///
///     conditions 1 | locality n | address count n | addresses | hostname | nodeName
///
/// `n` is a LEB128 number. An address is its length in octets (4 or 16) and the octets in network
/// order; a text is its length and its UTF-8, of length 0 where there is none. The records stand
/// behind a table of their offsets, 32 bits each, little end first. Two Services are equal exactly
/// where the octets and localities are.
package struct PackedEndpoints: Sendable, Hashable {
    package let count: Int
    /// For who saves them; `init(untrusted:localities:)` reads them again.
    let octets: [UInt8]
    /// The distinct localities of the endpoints, by first appearance; records refer to them by
    /// index.
    package let localities: [Locality]

    package init(_ endpoints: some Sequence<Endpoint>) {
        var packer = EndpointPacker()
        for endpoint in endpoints {
            packer.append(
                addresses: endpoint.addresses, hostname: Array((endpoint.hostname ?? "").utf8)[...],
                nodeName: Array((endpoint.nodeName ?? "").utf8)[...], locality: endpoint.locality,
                conditions: endpoint.conditions)
        }
        self = packer.finish()
    }

    /// The endpoints of several, one after the other.
    package init(joining parts: [PackedEndpoints]) {
        self.init(parts.joined())
    }

    /// The octets are those of the packer, or as good.
    init(count: Int, octets: [UInt8], localities: [Locality]) {
        self.count = count
        self.octets = octets
        self.localities = localities
    }
}

extension PackedEndpoints: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(position: Int) -> Endpoint {
        var reader = RecordReader(octets: octets, offset: recordOffset(position))
        let conditions = EndpointConditions(rawValue: reader.octet())
        let locality = localities[reader.number()]
        let addressCount = reader.number()
        var addresses: [IPAddress] = []
        addresses.reserveCapacity(addressCount)
        for _ in 0..<addressCount { addresses.append(reader.address()) }
        return Endpoint(
            addresses: addresses, hostname: reader.text(), locality: locality,
            nodeName: reader.text(), conditions: conditions)
    }

    private func recordOffset(_ position: Int) -> Int {
        precondition(0..<count ~= position, "an endpoint's index is below the count")
        return (0..<4).reduce(0) { offset, octet in
            offset | Int(octets[4 * position + octet]) << (8 * octet)
        }
    }
}

/// Makes one Service's packed endpoints after another, with the room it has.
struct EndpointPacker {
    private var offsets: [UInt32] = []
    private var records: [UInt8] = []
    private var localities: [Locality] = []
    /// Where each of them is, once they are too many to be looked through.
    private var indices: [Locality: Int] = [:]

    private static let fewLocalities = 16

    /// Empty texts are absent ones.
    mutating func append(
        addresses: [IPAddress], hostname: ArraySlice<UInt8>, nodeName: ArraySlice<UInt8>,
        locality: Locality, conditions: EndpointConditions
    ) {
        offsets.append(UInt32(records.count))
        records.append(conditions.rawValue)
        append(number: index(of: locality))
        append(number: addresses.count)
        for address in addresses { append(address) }
        append(hostname)
        append(nodeName)
    }

    /// What has been appended; the packer is empty afterwards.
    mutating func finish() -> PackedEndpoints {
        let tableSize = 4 * offsets.count
        var octets: [UInt8] = []
        octets.reserveCapacity(tableSize + records.count)
        for offset in offsets {
            let shifted = offset + UInt32(tableSize)
            for octet in 0..<4 { octets.append(UInt8(truncatingIfNeeded: shifted >> (8 * octet))) }
        }
        octets.append(contentsOf: records)
        let packed = PackedEndpoints(
            count: offsets.count, octets: octets, localities: Array(localities))
        offsets.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
        localities = []
        indices = [:]
        return packed
    }

    private mutating func index(of locality: Locality) -> Int {
        let known =
            indices.isEmpty ? localities.firstIndex(of: locality) : indices[locality]
        if let known { return known }
        localities.append(locality)
        if !indices.isEmpty {
            indices[locality] = localities.count - 1
        } else if localities.count > Self.fewLocalities {
            for (index, locality) in localities.enumerated() { indices[locality] = index }
        }
        return localities.count - 1
    }

    private mutating func append(number: Int) {
        var rest = UInt(bitPattern: number)
        while rest >= 0x80 {
            records.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        records.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func append(_ text: ArraySlice<UInt8>) {
        append(number: text.count)
        records.append(contentsOf: text)
    }

    private mutating func append(_ address: IPAddress) {
        switch address {
        case .v4(let value):
            records.append(4)
            append(UInt64(value), octetCount: 4)
        case .v6(let high, let low):
            records.append(16)
            append(high, octetCount: 8)
            append(low, octetCount: 8)
        }
    }

    private mutating func append(_ value: UInt64, octetCount: Int) {
        for octet in (0..<octetCount).reversed() {
            records.append(UInt8(truncatingIfNeeded: value >> (8 * octet)))
        }
    }
}

/// Reads what `EndpointPacker` has written.
private struct RecordReader {
    let octets: [UInt8]
    var offset: Int

    mutating func octet() -> UInt8 {
        defer { offset += 1 }
        return octets[offset]
    }

    mutating func number() -> Int {
        var value: UInt = 0
        var shift: UInt = 0
        while true {
            let part = octet()
            value |= UInt(part & 0x7F) << shift
            if part < 0x80 { return Int(bitPattern: value) }
            shift += 7
        }
    }

    mutating func address() -> IPAddress {
        if octet() == 4 { return .v4(UInt32(truncatingIfNeeded: integer(octetCount: 4))) }
        let high = integer(octetCount: 8)
        return .v6(high, integer(octetCount: 8))
    }

    mutating func text() -> String? {
        let length = number()
        guard length > 0 else { return nil }
        defer { offset += length }
        return String(decoding: octets[offset..<offset + length], as: UTF8.self)
    }

    private mutating func integer(octetCount: Int) -> UInt64 {
        (0..<octetCount).reduce(0) { value, _ in value << 8 | UInt64(octet()) }
    }
}
