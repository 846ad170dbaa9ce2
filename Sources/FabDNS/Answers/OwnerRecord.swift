// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
import ServiceCatalog

// The memory of one service's answers, one allocation, never changed after it was made:
//
//   BlockHeader | first owner record | IPv4 addresses, 4 octets each | IPv6 addresses, 16 each |
//   firsts | targets | ports | other owner records
//   owner record: OwnerHeader | relative name in lower case, zeros up to a multiple of 8 |
//   LocalityGroup ...
//
// Owners share the addresses: the ranked name answers from all groups, a cluster's name from that
// cluster's groups, a host name from one group of its own. The ranked name comes first: it begins a
// cache line, and its groups share the next one with the first addresses, so that most queries
// touch two lines. Integers are in the machine's order, addresses in network order.
// docs/decisions/0002-packed-answers.md.

/// The first octets of a block; offsets are from the block's start.
struct BlockHeader {
    var octetCount: UInt32 = 0
    var v4Offset: UInt32 = 0
    var v6Offset: UInt32 = 0
    /// Of the firsts: for each address, IPv4 before IPv6, the index of the first that is equal.
    ///
    /// There are none when no address is in several groups.
    var firstsOffset: UInt32 = 0
    var v4FirstCount: UInt32 = 0
    var v6FirstCount: UInt32 = 0
    var targetsOffset: UInt32 = 0
    var targetCount: UInt32 = 0
    var portsOffset: UInt32 = 0
    var portCount: UInt32 = 0
    /// Of the owner records but the first, which follows this header.
    var othersOffset: UInt32 = 0
    /// With the first.
    var ownerCount: UInt32 = 0
    var reserved = InlineArray<4, UInt32>(repeating: 0)

    /// A block begins a cache line, and so does its first owner record.
    static let alignment = 64
}

/// The first octets of an owner record.
struct OwnerHeader {
    /// Of the whole record, a multiple of 8.
    var octetCount: UInt32 = 0
    /// From the block's start to this header.
    var blockOffset: UInt32 = 0
    /// From the block's start to the addresses.
    var v4Offset: UInt32 = 0
    var v6Offset: UInt32 = 0
    var nameLength: UInt8 = 0
    var flags: OwnerFlags = []
    var groupCount: UInt16 = 0
    var targetStart: UInt32 = 0
    var targetCount: UInt32 = 0
    var portStart: UInt16 = 0
    var portCount: UInt16 = 0
    /// The number among the block's groups of this owner's first one.
    var firstGroup: UInt32 = 0
    /// The name behind it is read in whole words.
    var reserved: UInt32 = 0
}

/// What an owner is, by face: a zone serves either fab-dns's names or those of KEP-1645 only.
struct OwnerFlags: OptionSet {
    let rawValue: UInt8

    /// Has RRsets in a zone with fab-dns's names; the same one bit on for KEP-1645's.
    static let fabdnsData = OwnerFlags(rawValue: 1)
    static let mcsData = OwnerFlags(rawValue: 2)
    /// Is an empty non-terminal there (RFC 8499): the name exists and has nothing.
    static let fabdnsEmpty = OwnerFlags(rawValue: 4)
    static let mcsEmpty = OwnerFlags(rawValue: 8)
    /// Answers the nearest tier; without it all groups are the answer.
    static let isRanked = OwnerFlags(rawValue: 16)
    /// An address is in several groups.
    static let mayRepeat = OwnerFlags(rawValue: 32)
    /// `_port._proto`: has SRV and no address.
    static let isServiceOnly = OwnerFlags(rawValue: 64)
    /// An address below `arpa` or a name above one, the only faces of a reverse zone.
    static let reverseData = OwnerFlags(rawValue: 128)
}

/// Which names a zone serves: the value is the shift of the flags above.
enum NameFace: UInt8, Sendable {
    case fabdns = 0
    case mcs = 1
    /// Names of addresses: `in-addr.arpa`, `ip6.arpa`.
    case reverse = 7

    @inline(__always)
    func hasData(_ flags: OwnerFlags) -> Bool { flags.rawValue &>> rawValue & 1 != 0 }

    @inline(__always)
    func exists(_ flags: OwnerFlags) -> Bool { flags.rawValue &>> rawValue & 5 != 0 }
}

/// The endpoints of one locality that an owner answers from.
struct LocalityGroup {
    /// The number of the locality; see `LocalityTable`.
    var locality: UInt16 = 0
    /// At most `maximumAddresses`: more than a message holds are never answered.
    var v4Count: UInt16 = 0
    var v6Count: UInt16 = 0
    /// Endpoints, ready ones and all; 65,535 stands for that or more.
    var readyCount: UInt16 = 0
    var totalCount: UInt16 = 0
    var reserved: UInt16 = 0
    /// Indices of the first addresses in the block.
    var v4Start: UInt32 = 0
    var v6Start: UInt32 = 0

    /// More A records than this do not fit a message of 65,535 octets.
    static let maximumAddresses = 4095
}

/// A name that SRV records point to.
struct ServiceTarget {
    /// The group it is ranked with; `always` for a name that is itself ranked.
    var group: UInt16 = 0
    /// Families of its addresses: 1 for IPv4, 2 for IPv6.
    var families: UInt8 = 0
    var reserved: UInt8 = 0
    /// The position of the first target with the same name: a host may be in several groups.
    var number: UInt32 = 0
    /// From the block's start to the owner record whose name is the target.
    var ownerOffset: UInt32 = 0

    static let always = UInt16.max
}

/// An owner record in memory.
///
/// Premise of every access: the record was written by `BlockWriter` and passed
/// `ServiceAnswers.isSound`, and its block outlives the view: blocks are given back on the
/// catalog's queue, after every worker has said that it lost sight of them.
@unsafe
struct OwnerView {
    let base: UnsafeRawPointer

    @inline(__always)
    init(_ base: UnsafeRawPointer) { unsafe self.base = base }

    @inline(__always)
    var header: OwnerHeader { unsafe base.load(as: OwnerHeader.self) }

    @inline(__always)
    var flags: OwnerFlags {
        unsafe OwnerFlags(
            rawValue: base.load(
                fromByteOffset: MemoryLayout<OwnerHeader>.offset(of: \.flags) ?? 0,
                as: UInt8.self))
    }

    @inline(__always)
    var name: UnsafeRawPointer { unsafe base + MemoryLayout<OwnerHeader>.size }

    var nameOctets: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: name, count: Int(header.nameLength))
    }

    /// The hash that tables find the name by.
    func nameHash(_ hash: NameHash) -> UInt64 {
        unsafe hash.hash(name, count: Int(header.nameLength))
    }

    @inline(__always)
    var block: UnsafeRawPointer { unsafe base - Int(header.blockOffset) }

    @inline(__always)
    var groups: UnsafePointer<LocalityGroup> {
        unsafe (name + (Int(header.nameLength) &+ 7) & ~7)
            .assumingMemoryBound(to: LocalityGroup.self)
    }

    @inline(__always)
    var v4: UnsafePointer<UInt32> {
        unsafe (block + Int(header.v4Offset)).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    var v6: UnsafeRawPointer { unsafe block + Int(header.v6Offset) }

    /// Brings the first addresses of a family near.
    @inline(__always)
    func prefetchAddresses(isV6: Bool) {
        guard unsafe header.groupCount > 0 else { return }
        if isV6 {
            unsafe clinux_prefetch(v6 + Int(groups[0].v6Start) &* 16)
        } else {
            unsafe clinux_prefetch(v4 + Int(groups[0].v4Start))
        }
    }
}

/// An owner's groups under one asker's row of tiers.
@unsafe
struct OwnerGroups: LocalityGroups {
    let groups: UnsafePointer<LocalityGroup>
    let count: Int
    /// The tier of each locality; nil where all groups are the answer.
    let tiers: UnsafePointer<UInt8>?

    @inline(__always)
    func tier(of group: Int) -> UInt8 {
        guard let tiers = unsafe tiers else { return 0 }
        return unsafe tiers[Int(groups[group].locality)]
    }

    @inline(__always)
    func readyCount(of group: Int, family: AddressFamily) -> Int {
        switch family {
        case .v4: unsafe Int(groups[group].v4Count)
        case .v6: unsafe Int(groups[group].v6Count)
        }
    }
}
