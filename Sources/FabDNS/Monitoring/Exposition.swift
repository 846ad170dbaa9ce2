// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Text in Prometheus's exposition format 0.0.4.
struct Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    typealias Labels = KeyValuePairs<String, String>

    private(set) var text = ""
    private var name = ""

    /// Begins a metric; its samples follow.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ value: UInt64) { sample([:], value) }

    mutating func sample(_ value: Double) { sample([:], value) }

    mutating func sample(_ labels: Labels, _ value: UInt64) {
        line("", Self.text(labels), "\(value)")
    }

    mutating func sample(_ labels: Labels, _ value: Double) {
        line("", Self.text(labels), Self.text(value))
    }

    /// `counts` by bucket, the last one above all bounds.
    mutating func histogram(
        _ labels: Labels, bounds: [Double], counts: [UInt64], sum: Double
    ) {
        let common = Self.text(labels)
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? Self.text(bounds[index]) : "+Inf"
            line("_bucket", "\(common),le=\"\(bound)\"", "\(total)")
        }
        line("_sum", common, Self.text(sum))
        line("_count", common, "\(total)")
    }

    private mutating func line(_ suffix: String, _ labels: String, _ value: String) {
        text +=
            labels.isEmpty
            ? "\(name)\(suffix) \(value)\n" : "\(name)\(suffix){\(labels)} \(value)\n"
    }

    private static func text(_ labels: Labels) -> String {
        labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
    }

    /// Whole numbers without a fraction.
    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
