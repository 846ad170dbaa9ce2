// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The hash of names in lower case, keyed once per process: names are chosen by tenants, who must
/// not be able to make them collide.
struct NameHash: Sendable {
    private let start: UInt64
    private let multiplier: UInt64

    init(using generator: inout some RandomNumberGenerator) {
        start = generator.next()
        multiplier = generator.next() | 1
    }

    /// The hash of `count` octets in lower case at `octets`.
    ///
    /// Premise: at least 7 readable octets follow them; what they hold has no influence.
    @unsafe @inline(__always)
    func hash(_ octets: UnsafeRawPointer, count: Int) -> UInt64 {
        var hash = start ^ UInt64(truncatingIfNeeded: count)
        var offset = 0
        while offset &+ 8 <= count {
            unsafe mix(&hash, octets.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        if offset < count {
            let word = unsafe octets.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            mix(&hash, word & Self.mask(count &- offset))
        }
        return hash
    }

    @inline(__always)
    private func mix(_ hash: inout UInt64, _ word: UInt64) {
        let product = (hash ^ word).multipliedFullWidth(by: multiplier)
        hash = product.high ^ product.low
    }

    /// Keeps the first `count` octets of a word, 1...7.
    @inline(__always)
    static func mask(_ count: Int) -> UInt64 {
        (1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1
    }
}

/// The lower case of eight octets at once: 'A'...'Z' become 'a'...'z', everything else stays (RFC
/// 4343 §3).
@inline(__always)
func lowercased(_ word: UInt64) -> UInt64 {
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    let aboveZ = low &+ 0x2525_2525_2525_2525
    let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
    let isUpper = ~word & 0x8080_8080_8080_8080 & (fromA ^ aboveZ)
    return word | (isUpper &>> 2)
}
