// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import JSON
import ServiceCatalog

/// `fabdns-query list`: the services of a catalog.
enum ListCommand {
    static let syntax = CommandSyntax<QueryOptions>(
        name: "fabdns-query list",
        summary: "Lists the services with their types, clusters and endpoints.",
        dashes: .two,
        options: [QueryOptions.output(.table, .wide, .json)] + QueryOptions.offline
            + [QueryOptions.color])

    static let command = Command(syntax, QueryOptions()) { options, _ in
        QueryProgram.running(options) { (printer) throws(QueryFailure) in
            let catalogs = try OfflineCatalogs(options)
            var names: Set<ServiceName> = []
            let services = catalogs.zones.flatMap(\.catalog.services)
                .filter { names.insert($0.name).inserted }
            let rows = services.map(Row.init)
            try printer.say(
                printer.isJSON
                    ? json(rows) : table(rows, isWide: options.format == .wide, printer.style))
            return .done
        }
    }

    /// What is told of a service.
    private struct Row {
        let service: ExportedService
        var clusters: [String] = []
        var v4 = 0
        var v6 = 0
        var ready = 0

        init(_ service: ExportedService) {
            self.service = service
            for endpoint in service.endpoints {
                if let cluster = endpoint.locality.cluster, !clusters.contains(cluster) {
                    clusters.append(cluster)
                }
                if endpoint.addresses.contains(where: { $0.family == .v4 }) { v4 += 1 }
                if endpoint.addresses.contains(where: { $0.family == .v6 }) { v6 += 1 }
                if endpoint.conditions.contains(.isReady) { ready += 1 }
            }
        }

        var ports: [String] {
            service.ports.map { port in
                (port.name.map { "\($0):" } ?? "") + "\(port.number)/\(port.transport.rawValue)"
            }
        }
    }

    private static func table(_ rows: [Row], isWide: Bool, _ style: Style) -> String {
        var columns = Columns(
            heading: ["NAMESPACE", "NAME", "TYPE", "CLUSTERS", "IPV4", "IPV6", "READY"]
                + (isWide ? ["PORTS", "IN"] : []))
        for row in rows {
            columns.append(
                [
                    row.service.name.namespace, row.service.name.name, row.service.type.rawValue,
                    "\(row.clusters.count)", "\(row.v4)", "\(row.v6)",
                    "\(row.ready)/\(row.service.endpoints.count)",
                ]
                    + (isWide
                        ? [
                            row.ports.isEmpty ? "-" : row.ports.joined(separator: ","),
                            row.clusters.joined(separator: ","),
                        ] : []))
        }
        return columns.text(style)
    }

    private static func json(_ rows: [Row]) -> String {
        JSONWriter.document { writer in
            writer.field("services", objects: rows) { writer, row in
                writer.field("namespace", row.service.name.namespace)
                writer.field("name", row.service.name.name)
                writer.field("type", row.service.type.rawValue)
                writer.field("clusters", texts: row.clusters)
                writer.field("ports", texts: row.ports)
                writer.field("endpoints", row.service.endpoints.count)
                writer.field("ready", row.ready)
                writer.field("ipv4", row.v4)
                writer.field("ipv6", row.v6)
            }
        }
    }
}
