// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// CRC-64/XZ: the reflected polynomial of ECMA-182, begun and ended with all bits inverted.
///
/// It sees every burst of errors of up to 64 bits.
enum CRC64 {
    private static let polynomial: UInt64 = 0xC96C_5795_D787_0F42

    /// Eight tables of 256: eight octets are taken at once.
    private static let tables: [UInt64] = {
        var tables = (0..<256).map { octet in
            (0..<8).reduce(UInt64(octet)) { rest, _ in
                rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ polynomial
            }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()

    /// The checksum of the octets from `start` on.
    static func checksum(of octets: [UInt8], from start: Int = 0) -> UInt64 {
        let tables = tables
        var rest = ~UInt64(0)
        var position = start
        while position + 8 <= octets.count {
            let word = rest ^ octets.littleEnd64(at: position)
            rest = 0
            for octet in 0..<8 {
                rest ^= tables[(7 - octet) << 8 | Int(word >> UInt64(8 * octet) & 0xFF)]
            }
            position += 8
        }
        while position < octets.count {
            rest = rest >> 8 ^ tables[Int((rest ^ UInt64(octets[position])) & 0xFF)]
            position += 1
        }
        return ~rest
    }
}
