// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An owner as the compiler describes it, before it has a place in memory.
struct OwnerDescription {
    var name: RelativeName
    var flags: OwnerFlags
    var groups: [LocalityGroup] = []
    /// The number among the block's groups of the first one.
    var firstGroup = 0
    var targets: Range<Int> = 0..<0
    var ports: Range<Int> = 0..<0
}

/// A target as the compiler describes it: the owner it names is a position in the list of owners.
struct TargetDescription {
    var group: UInt16
    var families: UInt8
    /// The position of the first target of the same owner.
    var number: Int
    var owner: Int
}

/// All that goes into one block.
struct BlockDescription {
    var v4: [UInt32] = []
    var v6: [(UInt64, UInt64)] = []
    /// For each address the index of the first that is equal; empty when none is repeated.
    var v4Firsts: [UInt32] = []
    var v6Firsts: [UInt32] = []
    var targets: [TargetDescription] = []
    var ports: [UInt16] = []
    var owners: [OwnerDescription] = []
}

/// Lays a block out as `OwnerRecord.swift` draws it.
struct BlockWriter {
    private var octets: [UInt8] = []
    /// What the answers of a service of a few endpoints take.
    private static let usualOctetCount = 1024

    static func write(_ block: BlockDescription) -> ServiceAnswers {
        var writer = BlockWriter()
        writer.octets.reserveCapacity(usualOctetCount)
        return writer.write(block)
    }

    private mutating func write(_ block: BlockDescription) -> ServiceAnswers {
        var header = BlockHeader()
        var ownerOffsets = [MemoryLayout<BlockHeader>.size]
        append(header)
        if let first = block.owners.first { append(first) }
        header.v4Offset = offset
        for address in block.v4 { append(address.bigEndian) }
        pad()
        header.v6Offset = offset
        for (high, low) in block.v6 {
            append(high.bigEndian)
            append(low.bigEndian)
        }
        header.firstsOffset = offset
        header.v4FirstCount = UInt32(block.v4Firsts.count)
        header.v6FirstCount = UInt32(block.v6Firsts.count)
        for first in block.v4Firsts + block.v6Firsts { append(first) }
        header.targetsOffset = offset
        header.targetCount = UInt32(block.targets.count)
        for target in block.targets {
            append(described(target, ownerOffset: 0))
        }
        header.portsOffset = offset
        header.portCount = UInt32(block.ports.count)
        for port in block.ports { append(port) }
        pad()
        header.othersOffset = offset
        header.ownerCount = UInt32(block.owners.count)
        for owner in block.owners.dropFirst() {
            ownerOffsets.append(octets.count)
            append(owner)
        }
        header.octetCount = offset
        finish(block, header, ownerOffsets)
        return ServiceAnswers(copying: octets)
    }

    /// Fills in what is known at the end only.
    private mutating func finish(
        _ block: BlockDescription, _ header: BlockHeader, _ ownerOffsets: [Int]
    ) {
        replace(at: 0, with: header)
        for start in ownerOffsets.prefix(block.owners.count) {
            replace(at: start + Self.offset(of: \.v4Offset), with: header.v4Offset)
            replace(at: start + Self.offset(of: \.v6Offset), with: header.v6Offset)
        }
        for (index, target) in block.targets.enumerated() {
            replace(
                at: Int(header.targetsOffset) + index * MemoryLayout<ServiceTarget>.stride,
                with: described(target, ownerOffset: ownerOffsets[target.owner]))
        }
    }

    private func described(_ target: TargetDescription, ownerOffset: Int) -> ServiceTarget {
        ServiceTarget(
            group: target.group, families: target.families, number: UInt32(target.number),
            ownerOffset: UInt32(ownerOffset))
    }

    private static func offset(of field: PartialKeyPath<OwnerHeader>) -> Int {
        MemoryLayout<OwnerHeader>.offset(of: field) ?? 0
    }

    private mutating func append(_ owner: OwnerDescription) {
        let start = octets.count
        var header = OwnerHeader()
        header.blockOffset = offset
        header.nameLength = UInt8(owner.name.octets.count)
        header.flags = owner.flags
        header.groupCount = UInt16(owner.groups.count)
        header.targetStart = UInt32(owner.targets.lowerBound)
        header.targetCount = UInt32(owner.targets.count)
        header.portStart = UInt16(owner.ports.lowerBound)
        header.portCount = UInt16(owner.ports.count)
        header.firstGroup = UInt32(owner.firstGroup)
        append(header)
        octets += owner.name.octets
        pad()
        for group in owner.groups { append(group) }
        pad()
        header.octetCount = UInt32(octets.count - start)
        replace(at: start, with: header)
    }

    private var offset: UInt32 { UInt32(octets.count) }

    private mutating func pad() {
        while octets.count % 8 != 0 { octets.append(0) }
    }

    private mutating func append<Value: BitwiseCopyable>(_ value: Value) {
        unsafe withUnsafeBytes(of: value) { unsafe octets.append(contentsOf: $0) }
    }

    private mutating func replace<Value: BitwiseCopyable>(at start: Int, with value: Value) {
        unsafe withUnsafeBytes(of: value) { value in
            for index in 0..<value.count { octets[start + index] = unsafe value[index] }
        }
    }
}
