// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions

/// What `fabdns` was told on its command line.
struct ServerOptions: Sendable {
    /// What to do beside serving.
    enum Request: Sendable {
        case serve
        case version
        case plugins
    }

    var request = Request.serve
    var corefile = "Corefile"
    /// Replaces 53 where a Corefile names no port.
    var port: UInt16 = 53
    var pidFile: String?
    var isQuiet = false

    /// The options of CoreDNS that make sense here, under the same names.
    static let syntax = CommandSyntax<ServerOptions>(
        name: "fabdns", usage: ["[-conf FILE] [-dns.port PORT] [-pidfile FILE] [-quiet]"],
        summary: "Answers the multi-cluster service names of a catalog, as a Corefile says.",
        options: [
            .init("conf", value: "FILE", .file, help: "the Corefile (default: Corefile)") {
                $0.corefile = $1
            },
            .init("dns.port", "p", value: "PORT", help: "where the Corefile names no port (53)") {
                (options, value) throws(UsageError) in
                guard let port = UInt16(value) else {
                    throw UsageError("'\(value)' is not a port: expected 0 to 65535")
                }
                options.port = port
            },
            .init("pidfile", value: "FILE", .file, help: "where to write the process id") {
                $0.pidFile = $1
            },
            .init("quiet", help: "do not say what is served") { $0.isQuiet = true },
            .init("plugins", help: "list the directives that a Corefile may use, and end") {
                $0.request = .plugins
            },
            .init("version", help: "say the version, and end") { $0.request = .version },
        ])
}
