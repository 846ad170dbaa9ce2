// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
internal import Corefile
internal import JSON
import ServiceCatalog
import Terminal

/// `fabdns check FILE`: what a Corefile would serve, and what is wrong with it.
///
/// 0 when the server would start, 1 when it would not.
enum CheckProgram {
    private struct Options: Sendable {
        var isJSON = false
        var port: UInt16 = 53
        var colors = Terminal.ColorChoice.auto
    }

    private static let syntax = CommandSyntax<Options>(
        name: "fabdns check",
        summary: "Says what the Corefile FILE would serve, with every warning, and exits 0 if the\n"
            + "server would start, else 1. No socket is opened.",
        options: [
            .init("o", "output", value: "FORMAT", .choice(["text", "json"]), help: "text or json") {
                $0.isJSON = $1 == "json"
            },
            .init("dns.port", "p", value: "PORT", help: "where the Corefile names no port (53)") {
                (options, value) throws(UsageError) in
                guard let port = UInt16(value) else {
                    throw UsageError("'\(value)' is not a port: expected 0 to 65535")
                }
                options.port = port
            },
            .init(
                "color", value: "WHEN", .choice(Terminal.ColorChoice.allCases.map(\.rawValue)),
                help: "auto, always or never"
            ) { $0.colors = Terminal.ColorChoice(rawValue: $1) ?? .auto },
        ], operands: [.init("FILE", .file, .optional)])

    static let command = Command(syntax, Options()) { (options, operands) throws(UsageError) in
        run(options, operands.first ?? "Corefile")
    }

    /// The exit code.
    private static func run(_ options: Options, _ file: String) -> Int32 {
        let environment = ProcessEnvironment.current()
        let check = ServerCheck(
            corefile: file, defaultPort: options.port, environment: environment)
        if options.isJSON {
            Output.standard.write(json(check, file))
        } else {
            let terminal = Terminal(.standard, environment: environment, colors: options.colors)
            Output.standard.write(CheckText(check, hasColors: terminal.hasColors).text)
        }
        return check.errors.isEmpty ? 0 : 1
    }

    private static func json(_ check: ServerCheck, _ file: String) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("corefile", file)
            json.field("ok") { $0.boolean(check.errors.isEmpty) }
            json.array("listeners", check.listeners) { listener, json in
                json.field("address", listener.address)
                json.field("transports") { json in
                    json.beginArray()
                    for transport in listener.transports { json.text(transport) }
                    json.endArray()
                }
                json.array("zones", listener.zones) { zone, json in
                    json.field("zone", zone.name)
                    json.field("answeredBy", zone.answeredBy)
                    guard zone.catalog != nil else { return }
                    json.field("catalog", zone.catalog)
                    json.field("cluster", zone.place.cluster)
                    json.field("topologyZone", zone.place.zone)
                    json.field("region", zone.place.region)
                    json.field("ttl") { $0.integer(Int(zone.ttlSeconds)) }
                }
            }
            json.array("catalogs", check.catalogs) { catalog, json in
                json.field("file", catalog.file)
                json.field("services") { $0.integer(catalog.serviceCount) }
                json.field("endpoints") { json in
                    json.object { json in
                        for (cluster, count) in catalog.endpointCounts.sorted(by: { $0 < $1 }) {
                            json.field(cluster) { $0.integer(count) }
                        }
                    }
                }
            }
            json.array("pages", check.pages) { page, json in
                json.field("address", page.address)
                json.field("path", page.path)
            }
            json.array("warnings", check.warnings, remark)
            json.array("errors", check.errors, remark)
        }
        return String(decoding: json.octets, as: UTF8.self) + "\n"
    }

    private static func remark(_ remark: ServerCheck.Remark, _ json: inout JSONWriter) {
        if let location = remark.location {
            json.field("file", location.file)
            json.field("line") { $0.integer(location.line) }
            json.field("column") { $0.integer(location.column) }
        }
        json.field("message", remark.message)
    }
}
