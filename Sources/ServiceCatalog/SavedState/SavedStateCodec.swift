// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The file format of a saved state; docs/catalog-path.md has it as a table.
///
/// The same services make the same octets, whatever order they come in: texts are sorted, then
/// localities and services by the indices of their texts.
enum SavedStateCodec {
    static let magic: [UInt8] = Array("FABDNS\0S".utf8)
    static let version: UInt32 = 1
    /// Magic, version, four octets of zero, the length of what follows, its checksum.
    static let headerSize = 32
    /// The moment, and ten numbers.
    static let countsSize = 48
    /// Stands for a text that there is none of.
    static let noText: UInt32 = 0
    /// The bits of a time that is not known.
    static let noSeconds = UInt64.max
    static let portSize = 12
    /// Beside a service's type: the shrink brake kept it.
    static let heldBit: UInt8 = 0x80

    static func encode(_ feed: SavedFeed) -> [UInt8] {
        var octets = magic
        octets.append(littleEnd: version)
        octets.append(contentsOf: repeatElement(0, count: headerSize - octets.count))
        SavedStateEncoder(feed).append(to: &octets)
        seal(&octets)
        return octets
    }

    /// Writes the length and the checksum of what follows the header.
    static func seal(_ octets: inout [UInt8]) {
        octets.replace(at: 16, littleEnd: UInt64(octets.count - headerSize))
        octets.replace(at: 24, littleEnd: CRC64.checksum(of: octets, from: headerSize))
    }

    /// `path` is for the error.
    static func decode(_ octets: [UInt8], path: String) throws(SavedStateError) -> SavedFeed {
        func refused(_ reason: String) -> SavedStateError {
            SavedStateError(path: path, reason: reason)
        }
        guard octets.count >= headerSize, octets.starts(with: magic) else {
            throw refused("expected the saved state of a feed")
        }
        let written = octets.littleEnd32(at: 8)
        guard written <= version else {
            throw refused(
                "written by a newer version (\(written), this one reads up to \(version))")
        }
        guard written == version, octets.littleEnd32(at: 12) == 0 else {
            throw refused("its header is damaged")
        }
        guard octets.littleEnd64(at: 16) == UInt64(octets.count - headerSize) else {
            throw refused("its length is wrong")
        }
        guard octets.littleEnd64(at: 24) == CRC64.checksum(of: octets, from: headerSize) else {
            throw refused("the checksum is wrong")
        }
        do throws(SavedStateFault) {
            var decoder = try SavedStateDecoder(octets)
            return try decoder.feed()
        } catch {
            throw refused("damaged in spite of its checksum: \(error.problem)")
        }
    }
}

/// What is wrong with the content of a saved state whose checksum is right.
struct SavedStateFault: Error {
    let problem: String
}
