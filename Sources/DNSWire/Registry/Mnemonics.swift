// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The mnemonics of one IANA registry, and a generic form for every value without one.
///
/// The generic form is a prefix and the value in decimal: TYPE65280 (RFC 3597 §5). Mnemonics are
/// read without case and written in capital letters.
struct Mnemonics: Sendable {
    private let prefix: String
    private let texts: [UInt16: String]
    private let values: [String: UInt16]

    /// The table's values and texts must each be different.
    init(prefix: String, _ table: KeyValuePairs<UInt16, String>) {
        self.prefix = prefix
        texts = Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0.value) })
        values = Dictionary(uniqueKeysWithValues: table.map { ($0.value, $0.key) })
    }

    func text(for value: UInt16) -> String {
        texts[value] ?? "\(prefix)\(value)"
    }

    /// The value that a text means; nil for anything else than a mnemonic or the generic form.
    func value(of text: some Collection<UInt8>) -> UInt16? {
        let small = UInt8(ascii: "a")...UInt8(ascii: "z")
        let capitals = text.map { small ~= $0 ? $0 & ~0x20 : $0 }
        if let value = values[String(decoding: capitals, as: UTF8.self)] { return value }
        guard capitals.starts(with: prefix.utf8) else { return nil }
        return UInt16(decimal: capitals.dropFirst(prefix.utf8.count))
    }
}
