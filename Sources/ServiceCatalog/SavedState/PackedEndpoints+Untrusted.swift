// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension PackedEndpoints {
    /// Packed endpoints as somebody else has written them down; nil unless `EndpointPacker` writes
    /// the same octets for what they say.
    ///
    /// A Node's name is a text without a rule, as feeds take it.
    init?(untrusted octets: ArraySlice<UInt8>, localities: [Locality]) {
        var check = RecordCheck(octets: octets, localityCount: localities.count)
        guard let count = check.recordCount() else { return nil }
        self.init(count: count, octets: Array(octets), localities: localities)
    }
}

/// Goes over packed endpoints whose octets are not trusted.
private struct RecordCheck {
    private let octets: ArraySlice<UInt8>
    private let localityCount: Int
    private var position: Int
    /// Localities stand in the order in which records name them first.
    private var seenLocalities = 0

    init(octets: ArraySlice<UInt8>, localityCount: Int) {
        self.octets = octets
        self.localityCount = localityCount
        position = octets.startIndex
    }

    /// How many records there are; nil if anything is wrong.
    mutating func recordCount() -> Int? {
        guard !octets.isEmpty else { return localityCount == 0 ? 0 : nil }
        // The first record follows the table, so its offset tells the table's size.
        guard octets.count >= 4 else { return nil }
        let tableSize = tableEntry(0)
        guard tableSize > 0, tableSize % 4 == 0, tableSize <= octets.count else { return nil }
        let count = tableSize / 4
        position += tableSize
        for index in 0..<count {
            guard tableEntry(index) == position - octets.startIndex, skipRecord() else {
                return nil
            }
        }
        return position == octets.endIndex && seenLocalities == localityCount ? count : nil
    }

    private func tableEntry(_ index: Int) -> Int {
        (0..<4).reduce(0) { entry, octet in
            entry | Int(octets[octets.startIndex + 4 * index + octet]) << (8 * octet)
        }
    }

    private mutating func skipRecord() -> Bool {
        guard let conditions = octet(), conditions <= 7, let locality = number(),
            locality <= seenLocalities, locality < localityCount, let addresses = number(),
            addresses > 0
        else { return false }
        if locality == seenLocalities { seenLocalities += 1 }
        // Each takes octets, of which there is an end.
        for _ in 0..<addresses {
            guard let length = octet(), length == 4 || length == 16, skip(Int(length)) != nil else {
                return false
            }
        }
        guard let hostname = text(), hostname.isEmpty || NameRule.isRFC1123Label(hostname),
            let nodeName = text()
        else { return false }
        return nodeName.allSatisfy { $0 < 0x80 }
            || String(validating: nodeName, as: UTF8.self) != nil
    }

    private mutating func octet() -> UInt8? {
        guard position < octets.endIndex else { return nil }
        defer { position += 1 }
        return octets[position]
    }

    /// A LEB128 number in its shortest form; none that counts octets has more than five.
    private mutating func number() -> Int? {
        var value = 0
        for place in 0..<5 {
            guard let part = octet() else { return nil }
            value |= Int(part & 0x7F) << (7 * place)
            if part < 0x80 { return part == 0 && place > 0 ? nil : value }
        }
        return nil
    }

    private mutating func text() -> ArraySlice<UInt8>? {
        number().flatMap { skip($0) }
    }

    private mutating func skip(_ length: Int) -> ArraySlice<UInt8>? {
        guard length <= octets.endIndex - position else { return nil }
        defer { position += length }
        return octets[position..<position + length]
    }
}
