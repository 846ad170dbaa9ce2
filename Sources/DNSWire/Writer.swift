// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A DNS message that grows octet by octet, and the names in it that later ones may point to.
struct Writer {
    private(set) var octets: [UInt8] = []
    private var compressor: NameCompressor?

    /// Makes an empty writer, which points to names in a message and not in octets that stand
    /// alone.
    init(compressesNames: Bool) {
        compressor = compressesNames ? NameCompressor() : nil
    }

    mutating func append(_ value: UInt8) {
        octets.append(value)
    }

    /// Appends two octets in network order.
    mutating func append(_ value: UInt16) {
        octets.append(UInt8(value >> 8))
        octets.append(UInt8(value & 0xFF))
    }

    /// Appends four octets in network order.
    mutating func append(_ value: UInt32) {
        append(UInt16(value >> 16))
        append(UInt16(value & 0xFFFF))
    }

    mutating func append(contentsOf more: [UInt8]) {
        octets.append(contentsOf: more)
    }

    /// Appends every label of `name`, for record data in which pointers are not allowed (RFC 3597
    /// §4).
    ///
    /// A later name may point into it all the same.
    mutating func append(uncompressed name: DomainName) {
        compressor?.note(name, at: octets.count)
        append(contentsOf: name.wireOctets)
    }

    /// Appends `name`, its longest already written end as a pointer (RFC 1035 §4.1.4).
    mutating func append(compressed name: DomainName) {
        let match = compressor?.longestMatch(for: name)
        compressor?.note(name, at: octets.count, upTo: match?.suffixStart)
        guard let match else { return append(contentsOf: name.wireOctets) }
        octets.append(contentsOf: name.wireOctets[..<match.suffixStart])
        append(0xC000 | match.offset)
    }

    /// Appends what `body` appends behind its length in two octets.
    ///
    /// A body of more than 65,535 octets gets a wrong length. It is also more than a message may
    /// have, so the caller, who checks the size of the whole, takes it back.
    mutating func appendWithLength(_ body: (inout Writer) -> Void) {
        let lengthOffset = octets.count
        append(UInt16(0))
        body(&self)
        let length = octets.count - lengthOffset - 2
        overwrite(UInt16(truncatingIfNeeded: length), at: lengthOffset)
    }

    /// Replaces two octets that were written before.
    mutating func overwrite(_ value: UInt16, at offset: Int) {
        octets[offset] = UInt8(value >> 8)
        octets[offset + 1] = UInt8(value & 0xFF)
    }

    /// Takes back everything from `count` on, and forgets the names written there.
    mutating func truncate(to count: Int) {
        octets.removeSubrange(count...)
        compressor?.forget(from: count)
    }
}
