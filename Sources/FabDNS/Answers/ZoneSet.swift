// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire

/// A zone as a listener serves it.
struct ServedZone: Sendable {
    var name: DomainName
    /// Numbers of a catalog's table and of a place's row in the `Responder`.
    var table: Int
    var place: Int
    var ttlSeconds: UInt32
    var face: NameFace
    /// Of a reverse zone, where the names of addresses are.
    var forward: DomainName?
    /// The addresses of `ns.dns.ZONE`.
    var v4Nameservers: [UInt32]
    var v6Nameservers: [(UInt64, UInt64)]
}

/// The zones of one listener: which name belongs to which, deepest first.
///
/// A node is a name at which the answer to "which zone" changes: a served zone, or a server block's
/// zone that no `fabdns` answers.
@safe
final class ZoneSet: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything is written in `init` and only read afterwards.

    /// A name of the configuration, and the zone that answers names at or below it; nil refuses
    /// them.
    struct Node: Sendable {
        let name: DomainName
        let zone: ServedZone?
        /// Names that are not there are for whoever is next: `fallthrough`.
        var fallsThrough = false
        /// What counts its queries.
        var meter = MeterBook.none
        var settings = NodeSettings()
    }

    /// How the queries of a node are treated, whatever their name.
    struct NodeSettings: Sendable {
        /// What NSID says; empty for nothing.
        var identity: [UInt8] = []
        /// Tried in this order.
        var access: [AccessTable.Rule] = []
        /// How its queries are logged.
        var log = LogBook.none
        var answersWhoami = false
    }

    /// What all queries of a listener share.
    struct Shared: Sendable {
        /// What counts the queries that belong to no node.
        var unmatchedMeter = MeterBook.none
        var chaos: ChaosAnswers?
        /// The largest reply over UDP.
        var payloadOctets: UInt16 = ReplyWriter.payloadSize
        /// The idle timeout that keepalive announces, in units of 100 milliseconds (RFC 7828 §3.1).
        var idleTenths: UInt16 = 100
    }

    /// A node in memory, without references.
    struct Entry {
        var hash: UInt64
        var nameOffset: UInt32
        var nameLength: UInt8
        /// Labels of the name, without the root.
        var depth: UInt8
        /// By the stages of forward zones.
        var isServed: Bool
        var fallsThrough: Bool
        var answersWhoami: Bool
        /// Octets of the served zone's name, which ends the node's name.
        var zoneLength: UInt8
        var face: NameFace
        var meter: UInt16
        var log: UInt16
        var accessStart: UInt32
        var accessCount: UInt32
        /// The name of the forward zone in `extras`.
        var forwardStart: UInt32
        var forwardCount: UInt16
        /// Of the whole NSID option in `extras`.
        var identityStart: UInt32
        var identityCount: UInt16
        var table: Int
        var place: Int
        var ttl: UInt32
        var v4Start: Int
        var v4Count: Int
        var v6Start: Int
        var v6Count: Int
    }

    let entries: UnsafeMutableBufferPointer<Entry>
    let names: UnsafeMutableRawBufferPointer
    let v4: UnsafeMutableBufferPointer<UInt32>
    let v6: UnsafeMutableBufferPointer<UInt64>
    private let buckets: UnsafeMutableBufferPointer<UInt16>
    /// Label counts, without the root, that nodes have, deepest first.
    private let depths: UnsafeMutableBufferPointer<UInt8>
    private let bucketMask: Int
    let hash: NameHash
    let access: AccessTable
    /// NSID options (RFC 5001) and names of forward zones, each whole.
    let extras: UnsafeMutableBufferPointer<UInt8>
    let chaos: ChaosAnswers?
    let unmatchedMeter: UInt16
    let idleTenths: UInt16
    let payloadOctets: UInt16
    /// Whether any query is counted or logged.
    let isObserved: Bool
    let isMetered: Bool
    let isLogged: Bool
    /// Whether askers matter to any query or line of the log.
    let needsAskers: Bool

    /// At most 10,000 nodes, which the configuration checks.
    init(_ unordered: [Node], hash: NameHash, shared: Shared = Shared()) {
        self.hash = hash
        unmatchedMeter = shared.unmatchedMeter
        chaos = shared.chaos
        idleTenths = shared.idleTenths
        payloadOctets = shared.payloadOctets
        let settings = unordered.map(\.settings)
        isMetered =
            unmatchedMeter != MeterBook.none
            || unordered.contains { $0.meter != MeterBook.none }
        isLogged = settings.contains { $0.log != LogBook.none }
        isObserved = isMetered || isLogged
        needsAskers =
            isLogged || settings.contains { !$0.access.isEmpty || $0.answersWhoami }
        let nodes = unordered.sorted { $0.name.labelCount > $1.name.labelCount }
        let served = nodes.compactMap(\.zone)
        access = AccessTable(nodes.flatMap(\.settings.access))
        unsafe extras = .allocate(
            capacity: nodes.reduce(0) {
                $0 + $1.settings.identity.count + 4
                    + ($1.zone?.forward?.wireOctets.count ?? 0)
            })
        unsafe entries = .allocate(capacity: nodes.count)
        unsafe names = .allocate(
            byteCount: nodes.reduce(8) { $0 + $1.name.wireOctets.count + 8 }, alignment: 8)
        unsafe names.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe v4 = .allocate(capacity: served.reduce(0) { $0 + $1.v4Nameservers.count })
        unsafe v6 = .allocate(capacity: served.reduce(0) { $0 + $1.v6Nameservers.count * 2 })
        var bucketCount = 16
        while bucketCount < nodes.count * 2 { bucketCount *= 2 }
        bucketMask = bucketCount - 1
        unsafe buckets = .allocate(capacity: bucketCount)
        unsafe buckets.initialize(repeating: .max)
        let found = Set(nodes.map { UInt8($0.name.labelCount) }).sorted(by: >)
        unsafe depths = .allocate(capacity: found.count)
        _ = unsafe depths.initialize(from: found)
        fill(nodes)
    }

    deinit {
        unsafe entries.deallocate()
        unsafe names.deallocate()
        unsafe v4.deallocate()
        unsafe v6.deallocate()
        unsafe buckets.deallocate()
        unsafe depths.deallocate()
        unsafe extras.deallocate()
    }

    private func fill(_ nodes: [Node]) {
        var nameEnd = 0
        var v4End = 0
        var v6End = 0
        var accessEnd = 0
        var extraEnd = 0
        for (index, node) in nodes.enumerated() {
            let octets = node.name.lowercased.wireOctets
            for (offset, octet) in octets.enumerated() { unsafe names[nameEnd + offset] = octet }
            let start = unsafe UnsafeRawPointer(names.baseAddress.unsafelyUnwrapped) + nameEnd
            let hash = unsafe hash.hash(start, count: octets.count)
            let zone = node.zone
            let addresses4 = zone?.v4Nameservers ?? []
            let addresses6 = zone?.v6Nameservers ?? []
            let settings = node.settings
            let identity = Self.option(identity: settings.identity)
            let forward = zone?.forward?.wireOctets ?? []
            for (offset, octet) in (identity + forward).enumerated() {
                unsafe extras.initializeElement(at: extraEnd + offset, to: octet)
            }
            unsafe (entries.baseAddress.unsafelyUnwrapped + index).initialize(
                to: Entry(
                    hash: hash, nameOffset: UInt32(nameEnd), nameLength: UInt8(octets.count),
                    depth: UInt8(node.name.labelCount),
                    isServed: zone != nil && zone?.face != .reverse,
                    fallsThrough: node.fallsThrough,
                    answersWhoami: settings.answersWhoami,
                    zoneLength: UInt8(zone?.name.wireOctets.count ?? octets.count),
                    face: zone?.face ?? .fabdns, meter: node.meter, log: settings.log,
                    accessStart: UInt32(accessEnd), accessCount: UInt32(settings.access.count),
                    forwardStart: UInt32(extraEnd + identity.count),
                    forwardCount: UInt16(forward.count),
                    identityStart: UInt32(extraEnd), identityCount: UInt16(identity.count),
                    table: zone?.table ?? 0,
                    place: zone?.place ?? 0,
                    ttl: zone?.ttlSeconds ?? 0, v4Start: v4End, v4Count: addresses4.count,
                    v6Start: v6End, v6Count: addresses6.count))
            for address in addresses4 {
                unsafe v4.initializeElement(at: v4End, to: address.bigEndian)
                v4End += 1
            }
            for (high, low) in addresses6 {
                unsafe v6.initializeElement(at: v6End * 2, to: high.bigEndian)
                unsafe v6.initializeElement(at: v6End * 2 + 1, to: low.bigEndian)
                v6End += 1
            }
            accessEnd += settings.access.count
            extraEnd += identity.count + forward.count
            nameEnd += octets.count + 8
            var bucket = Int(truncatingIfNeeded: hash) & bucketMask
            while unsafe buckets[bucket] != .max { bucket = (bucket + 1) & bucketMask }
            unsafe buckets[bucket] = UInt16(index)
        }
    }

    /// The option with its code and its length; nothing for no data.
    private static func option(identity: [UInt8]) -> [UInt8] {
        guard !identity.isEmpty else { return [] }
        let count = UInt16(identity.count)
        return [0, UInt8(ReplyOption.nsid), UInt8(count >> 8), UInt8(count & 0xFF)] + identity
    }

    /// The deepest node at or above a name in lower case; nil when there is none.
    ///
    /// Premise: `name` is the folded name with at least 8 octets after it, `labelStarts` has
    /// `labelCount` offsets, `length` counts the root's octet.
    @unsafe @inline(__always)
    func find(
        _ name: UnsafeRawPointer, length: Int, labelStarts: UnsafePointer<UInt8>, labelCount: Int
    ) -> Int? {
        if unsafe entries.count > Self.fewNodes {
            return unsafe findAmongMany(name, length, labelStarts, labelCount)
        }
        // Deepest first.
        for index in unsafe 0..<entries.count {
            let entry = unsafe entries.baseAddress.unsafelyUnwrapped + index
            let depth = unsafe Int(entry.pointee.depth)
            guard depth <= labelCount else { continue }
            let start = unsafe depth == 0 ? length &- 1 : Int(labelStarts[labelCount &- depth])
            let count = length &- start
            guard unsafe Int(entry.pointee.nameLength) == count else { continue }
            let zone = unsafe UnsafeRawPointer(names.baseAddress.unsafelyUnwrapped)
            if unsafe Self.equal(name + start, zone + Int(entry.pointee.nameOffset), count) {
                return index
            }
        }
        return nil
    }

    /// So many nodes are compared one by one: that is faster than hashing.
    private static let fewNodes = 4

    @unsafe
    private func findAmongMany(
        _ name: UnsafeRawPointer, _ length: Int, _ labelStarts: UnsafePointer<UInt8>,
        _ labelCount: Int
    ) -> Int? {
        for position in unsafe 0..<depths.count {
            let depth = unsafe Int(depths[position])
            guard depth <= labelCount else { continue }
            let start = unsafe depth == 0 ? length &- 1 : Int(labelStarts[labelCount &- depth])
            let count = length &- start
            let hash = unsafe self.hash.hash(name + start, count: count)
            var bucket = Int(truncatingIfNeeded: hash) & bucketMask
            while unsafe buckets[bucket] != .max {
                let index = unsafe Int(buckets[bucket])
                let entry = unsafe entries[index]
                if entry.hash == hash, Int(entry.nameLength) == count,
                    unsafe Self.equal(
                        name + start,
                        UnsafeRawPointer(names.baseAddress.unsafelyUnwrapped)
                            + Int(entry.nameOffset), count)
                {
                    return index
                }
                bucket = (bucket &+ 1) & bucketMask
            }
        }
        return nil
    }

    @unsafe @inline(__always)
    private static func equal(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
    ) -> Bool {
        var offset = 0
        while offset < count {
            let difference =
                unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let rest = count &- offset
            guard (rest >= 8 ? difference : difference & NameHash.mask(rest)) == 0 else {
                return false
            }
            offset &+= 8
        }
        return true
    }
}
