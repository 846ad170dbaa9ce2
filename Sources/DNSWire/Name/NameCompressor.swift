// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Where in a message each end of a name was written for the first time.
///
/// Ends are compared octet by octet, with case: a name keeps the spelling it came with, at the cost
/// of some octets where a message mixes spellings.
struct NameCompressor {
    /// A pointer has 14 bits (RFC 1035 §4.1.4), so a name further back cannot be pointed to.
    private static let maximumOffset = 0x3FFF

    /// Keys are names in wire form, from some label on; the root alone is not worth a pointer.
    private var offsets: [ArraySlice<UInt8>: UInt16] = [:]

    /// The longest end of `name` that was written before: where it begins in the name's octets, and
    /// where in the message.
    func longestMatch(for name: DomainName) -> (suffixStart: Int, offset: UInt16)? {
        guard !offsets.isEmpty else { return nil }
        for start in name.labelOffsets {
            if let offset = offsets[name.wireOctets[start...]] { return (start, offset) }
        }
        return nil
    }

    /// Notes the ends of `name` that begin before `limit`; the others were written before.
    mutating func note(_ name: DomainName, at offset: Int, upTo limit: Int? = nil) {
        let limit = limit ?? name.wireOctets.count
        for start in name.labelOffsets where start < limit {
            guard offset + start <= Self.maximumOffset else { return }
            let suffix = name.wireOctets[start...]
            if offsets[suffix] == nil { offsets[suffix] = UInt16(offset + start) }
        }
    }

    mutating func forget(from offset: Int) {
        offsets = offsets.filter { $0.value < offset }
    }
}
