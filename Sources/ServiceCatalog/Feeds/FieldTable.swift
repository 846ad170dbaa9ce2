// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The fields an object may have, found by the octets of their names.
struct FieldTable<Field: CaseIterable & RawRepresentable & Hashable>
where Field.RawValue == String {
    /// Where objects of the kind stand, as `spec.ports[]`.
    let path: String
    /// Whether other fields are passed over in silence.
    let isOpen: Bool
    private let keys: [(key: FieldKey, field: Field)]

    init(path: String, isOpen: Bool = false) {
        self.path = path
        self.isOpen = isOpen
        keys = Field.allCases.map { (FieldKey(Array($0.rawValue.utf8)[...]), $0) }
    }

    subscript(name: ArraySlice<UInt8>) -> (index: Int, field: Field)? {
        let key = FieldKey(name)
        for index in keys.indices where keys[index].key == key {
            return (index, keys[index].field)
        }
        return nil
    }
}

/// A name of up to 24 octets in three integers and its length: exact for the names in tables, none
/// of which is longer.
private struct FieldKey: Equatable {
    private var low: UInt64 = 0
    private var middle: UInt64 = 0
    private var high: UInt64 = 0
    private let count: Int

    init(_ name: ArraySlice<UInt8>) {
        count = name.count
        guard count <= 24 else { return }
        for octet in name {
            high = high << 8 | middle >> 56
            middle = middle << 8 | low >> 56
            low = low << 8 | UInt64(octet)
        }
    }
}
