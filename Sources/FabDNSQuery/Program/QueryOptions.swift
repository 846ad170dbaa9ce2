// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
internal import Terminal

/// What the options of all commands fill; each command's table says which of them it has.
struct QueryOptions: Sendable {
    enum Format: String, Sendable { case table, wide, json, short, dig }

    typealias Option = CommandSyntax<QueryOptions>.Option

    var format = Format.table
    var colors = Terminal.ColorChoice.auto
    var asksForVersion = false
    var port: UInt16?
    var reverseAddress: String?
    var settings = AskSettings()
    var catalog: String?
    var corefile: String?
    var cluster: String?
    var zone: String?
    var region: String?
    var asCluster: String?

    // MARK: Options

    static func output(_ formats: Format...) -> Option {
        Option(
            "o", "output", value: "FORMAT", .choice(formats.map(\.rawValue)),
            help: "how the result is printed (\(formats[0].rawValue))"
        ) { $0.format = Format(rawValue: $1) ?? .table }
    }

    static let color = Option(
        "color", value: "WHEN", .choice(Terminal.ColorChoice.allCases.map(\.rawValue)),
        help: "whether there are colors (auto)"
    ) { $0.colors = Terminal.ColorChoice(rawValue: $1) ?? .auto }

    static let version = Option("version", help: "say the version, and end") {
        $0.asksForVersion = true
    }

    /// How a server is asked.
    static let asking: [Option] = [
        Option("p", "port", value: "PORT", help: "the server's port (53, 853 with TLS)") {
            (options, text) throws(UsageError) in
            options.port = UInt16(try number(text, 1...65_535, "a port"))
        },
        Option("tcp", help: "ask over TCP") { $0.settings.transport = .tcp },
        Option("tls", help: "ask over TLS (RFC 7858)") { $0.settings.transport = .tls },
        Option("tls-ca", value: "FILE", .file, help: "trust these authorities, not the system's") {
            $0.settings.tlsAuthoritiesFile = $1
            $0.settings.transport = .tls
        },
        Option("tls-hostname", value: "NAME", help: "expect this name in the certificate") {
            $0.settings.tlsHostname = $1
            $0.settings.transport = .tls
        },
        Option("tls-insecure", help: "take any certificate") {
            $0.settings.isTLSVerified = false
            $0.settings.transport = .tls
        },
        Option("nsid", help: "ask which server it is (RFC 5001)") {
            $0.settings.asksForNameServerID = true
        },
        Option("bufsize", value: "OCTETS", help: "the largest UDP reply, 0 for no EDNS (1232)") {
            (options, text) throws(UsageError) in
            let size = try number(text, 0...65_535, "a size")
            guard size == 0 || size >= 512 else {
                throw UsageError("'\(text)' is not a size: expected 0, or 512 to 65535")
            }
            options.settings.udpSize = UInt16(size)
        },
        Option("timeout", value: "SECONDS", help: "how long a reply is waited for (3)") {
            (options, text) throws(UsageError) in
            guard let seconds = Double(text), 0.01...3600 ~= seconds else {
                throw UsageError("'\(text)' is not a time: expected 0.01 to 3600 seconds")
            }
            options.settings.timeoutMilliseconds = Int(seconds * 1000)
        },
        Option("tries", value: "NUMBER", help: "how often each server is asked (2)") {
            (options, text) throws(UsageError) in
            options.settings.tries = try number(text, 1...100, "a number of tries")
        },
    ]

    /// What is looked at without asking anybody.
    static let offline: [Option] = [
        Option("catalog", value: "FILE", .file, help: "the catalog file") { $0.catalog = $1 },
        Option("conf", value: "FILE", .file, help: "a Corefile: its zones, places and catalogs") {
            $0.corefile = $1
        },
    ]

    /// Where the asker is, in place of what the Corefile says.
    static let asker: [Option] = [
        Option("as-cluster", value: "NAME", help: "ask from this cluster, and where most of it is")
        {
            $0.asCluster = $1
        },
        Option("cluster", value: "NAME", help: "ask from this cluster") { $0.cluster = $1 },
        Option("zone", value: "NAME", help: "ask from this topology zone") { $0.zone = $1 },
        Option("region", value: "NAME", help: "ask from this region") { $0.region = $1 },
    ]

    static func number(
        _ text: String, _ range: ClosedRange<Int>, _ what: String
    ) throws(UsageError) -> Int {
        guard let number = Int(text), range ~= number else {
            throw UsageError(
                "'\(text)' is not \(what): expected \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
