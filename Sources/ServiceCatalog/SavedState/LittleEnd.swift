// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// Integers as a saved state has them: the little end first.

extension [UInt8] {
    func littleEnd16(at position: Int) -> UInt16 {
        UInt16(self[position]) | UInt16(self[position + 1]) << 8
    }

    func littleEnd32(at position: Int) -> UInt32 {
        UInt32(littleEnd16(at: position)) | UInt32(littleEnd16(at: position + 2)) << 16
    }

    func littleEnd64(at position: Int) -> UInt64 {
        UInt64(littleEnd32(at: position)) | UInt64(littleEnd32(at: position + 4)) << 32
    }

    mutating func append(littleEnd number: some FixedWidthInteger) {
        var rest = number
        for _ in 0..<(number.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func replace(at position: Int, littleEnd number: UInt64) {
        for octet in 0..<8 {
            self[position + octet] = UInt8(truncatingIfNeeded: number >> UInt64(8 * octet))
        }
    }
}
