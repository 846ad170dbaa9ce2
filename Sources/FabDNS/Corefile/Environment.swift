// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The variables that `{$NAME}` and `{%NAME%}` stand for.
///
/// They are replaced inside words, after the text was cut into words, so a value is never cut
/// again; a value is not searched for further references either. An unset variable is empty; `{$}`
/// stays as it is.
struct Environment: Sendable {
    let variables: [String: String]

    func expand(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        let octets = Array(text.utf8)
        let references = References(octets)
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            if let reference = references.reference(at: index) {
                result += (variables[reference.name] ?? "").utf8
                index = reference.end
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Finds references in one word; the places of the last closing marks keep the search linear.
private struct References {
    let octets: [UInt8]
    private let lastBrace: Int
    private let lastPercentBrace: Int

    init(_ octets: [UInt8]) {
        self.octets = octets
        lastBrace = octets.lastIndex(of: UInt8(ascii: "}")) ?? -1
        lastPercentBrace =
            octets.indices.dropLast().last {
                octets[$0] == UInt8(ascii: "%") && octets[$0 + 1] == UInt8(ascii: "}")
            } ?? -1
    }

    /// The reference that begins at `index`, if one does; `end` is behind its closing mark.
    func reference(at index: Int) -> (name: String, end: Int)? {
        let start = index + 2
        guard start < octets.count, octets[index] == UInt8(ascii: "{") else { return nil }
        let isPercent: Bool
        switch octets[index + 1] {
        case UInt8(ascii: "$"): isPercent = false
        case UInt8(ascii: "%"): isPercent = true
        default: return nil
        }
        guard start <= (isPercent ? lastPercentBrace : lastBrace) else { return nil }
        var end = start
        while !isClose(end, isPercent: isPercent) { end += 1 }
        guard end > start else { return nil }
        return (
            String(decoding: octets[start..<end], as: UTF8.self), end + (isPercent ? 2 : 1)
        )
    }

    /// The caller knows that a closing mark lies at or behind `index`.
    private func isClose(_ index: Int, isPercent: Bool) -> Bool {
        isPercent
            ? octets[index] == UInt8(ascii: "%") && octets[index + 1] == UInt8(ascii: "}")
            : octets[index] == UInt8(ascii: "}")
    }
}
