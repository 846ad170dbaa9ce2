// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A duration as Go writes it, the form of every duration in a Corefile: `300ms`, `5s`, `1m30s`,
/// `1.5h`.
enum GoDuration {
    private static let nanosecondsPerUnit: [String: Int64] = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    /// Nil for anything else, also for a number without a unit (except 0) and for more than 292
    /// years.
    static func nanoseconds(_ text: String) -> Int64? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: Double = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0 == "." || isDigit($0) }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { $0 != "." && !isDigit($0) }
            rest = rest[unit.endIndex...]
            guard number.contains(where: isDigit), number.filter({ $0 == "." }).count <= 1,
                let factor = nanosecondsPerUnit[String(unit)],
                let value = Double("0" + number + "0")
            else { return nil }
            total += number.contains(".") ? value * Double(factor) : value / 10 * Double(factor)
        }
        // Every value below 2^63 that a Double holds is an Int64.
        guard total < 0x1p63 else { return nil }
        return isNegative ? -Int64(total) : Int64(total)
    }

    /// The short form of a duration in milliseconds, in one unit.
    static func text(_ milliseconds: Int) -> String {
        for (unit, factor) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        where milliseconds >= factor && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    private static func isDigit(_ character: Character) -> Bool {
        "0"..."9" ~= character && character.isASCII
    }
}
