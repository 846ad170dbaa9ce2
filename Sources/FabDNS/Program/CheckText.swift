// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
import ServiceCatalog

/// What `fabdns check` says to people.
struct CheckText {
    private let check: ServerCheck
    private let hasColors: Bool

    init(_ check: ServerCheck, hasColors: Bool) {
        self.check = check
        self.hasColors = hasColors
    }

    private enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    var text: String {
        var lines: [String] = []
        for listener in check.listeners {
            lines.append("\(listener.address) over \(listener.transports.joined(separator: ", "))")
            lines += listener.zones.map { "  \($0.name) \(Self.answer($0))" }
        }
        for catalog in check.catalogs {
            let clusters = catalog.endpointCounts.sorted { $0 < $1 }.map { "\($0) \($1)" }
            let total = catalog.endpointCounts.values.reduce(0, +)
            lines.append(
                "\(catalog.file): \(catalog.serviceCount) services, \(total) endpoints"
                    + (clusters.isEmpty ? "" : " (\(clusters.joined(separator: ", ")))"))
        }
        lines += check.pages.map { "http://\($0.address)\($0.path)" }
        lines += check.warnings.map { colored("warning", .yellow) + ": \(Self.text($0))" }
        lines += check.errors.map { colored("error", .red) + ": \(Self.text($0))" }
        lines.append(
            check.errors.isEmpty
                ? colored("the server would start", .green)
                : colored("the server would not start", .red))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func answer(_ zone: ServerCheck.Zone) -> String {
        guard let catalog = zone.catalog else {
            return zone.answeredBy.map { "answered by \($0)" } ?? "refused: nothing answers it"
        }
        let parts = [
            ("cluster", zone.place.cluster), ("zone", zone.place.zone),
            ("region", zone.place.region),
        ].compactMap { name, value in value.map { "\(name) \($0)" } }
        let place = parts.isEmpty ? "no place" : parts.joined(separator: ", ")
        return "from \(catalog) for \(place); ttl \(zone.ttlSeconds)"
    }

    private static func text(_ remark: ServerCheck.Remark) -> String {
        remark.location.map { "\($0): \(remark.message)" } ?? remark.message
    }

    private func colored(_ text: String, _ color: Color) -> String {
        hasColors ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}
