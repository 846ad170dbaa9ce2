// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import JSON
import ServiceCatalog
internal import Suggestion

/// `fabdns-query matrix SERVICE`: what each place that the catalog knows is answered.
enum MatrixCommand {
    static let syntax = CommandSyntax<QueryOptions>(
        name: "fabdns-query matrix",
        summary: "Tells for an asker in each known cluster which endpoints of SERVICE are chosen.",
        details: "SERVICE is namespace/name, or a domain name of it.",
        dashes: .two,
        options: [QueryOptions.output(.table, .json)] + QueryOptions.offline + [QueryOptions.color],
        operands: [.init("SERVICE")])

    static let command = Command(syntax, QueryOptions()) { options, operands in
        QueryProgram.running(options) { (printer) throws(QueryFailure) in
            let catalogs = try OfflineCatalogs(options)
            let (service, catalog) = try find(operands[0], in: catalogs)
            let rows = catalog.localities.filter { $0.cluster != nil }.map {
                Explanation(ServedName(service), from: Place($0))
            }
            try printer.say(printer.isJSON ? json(service, rows) : table(rows, printer.style))
            return rows.contains { $0.exists } ? .done : .nothing
        }
    }

    /// By `namespace/name` or by one of its domain names.
    static func find(
        _ text: String, in catalogs: OfflineCatalogs
    ) throws(QueryFailure) -> (ExportedService, CatalogView) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 {
            let name = ServiceName(namespace: parts[0], name: parts[1])
            for zone in catalogs.zones {
                if let service = zone.catalog[name] { return (service, zone.catalog) }
            }
        } else if let found = catalogs.zone(of: text),
            let name = ServedName.service(of: found.labels),
            let service = found.zone.catalog[name]
        {
            return (service, found.zone.catalog)
        }
        let names = catalogs.zones.flatMap { $0.catalog.services.map { "\($0.name)" } }
        throw QueryFailure(
            .nothing,
            "no service is '\(text)'"
                + (nearest(to: text, among: names).map { ", did you mean '\($0)'?" } ?? ""))
    }

    private static func table(_ rows: [Explanation], _ style: Style) -> String {
        var columns = Columns(heading: ["CLUSTER", "ZONE", "REGION", "TYPE", "TIER", "ADDRESSES"])
        for row in rows {
            for family in row.families {
                columns.append([
                    row.place.cluster ?? "-", row.place.zone ?? "-", row.place.region ?? "-",
                    family.family.typeText,
                    family.chosenTier.map { row.policy.word(of: $0) } ?? family.status.rawValue,
                    family.addresses.map(\.description).joined(separator: " "),
                ])
            }
        }
        return columns.text(style)
    }

    private static func json(_ service: ExportedService, _ rows: [Explanation]) -> String {
        JSONWriter.document { writer in
            writer.field("service", "\(service.name)")
            writer.field("type", service.type.rawValue)
            writer.field("askers", objects: rows) { writer, row in
                row.place.write(into: &writer)
                writer.field("families", objects: row.families) { writer, family in
                    writer.field("type", family.family.typeText)
                    writer.field("status", family.status.rawValue)
                    writer.field("tier", family.chosenTier.map { row.policy.word(of: $0) })
                    writer.field("addresses", texts: family.addresses.map(\.description))
                }
            }
        }
    }
}
