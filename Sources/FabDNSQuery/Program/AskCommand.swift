// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
internal import Suggestion

/// `fabdns-query NAME [TYPE] [@SERVER]`: asks, and prints what comes.
enum AskCommand {
    private static let types = [
        "A", "AAAA", "SRV", "TXT", "PTR", "NS", "SOA", "CNAME", "MX", "HINFO", "SVCB", "ANY",
    ]

    static let syntax = CommandSyntax<QueryOptions>(
        name: "fabdns-query", usage: ["NAME [TYPE] [CLASS] [@SERVER]", "-x ADDRESS [@SERVER]"],
        summary: "Asks a DNS server, and explains what FabDNS answers.",
        details: """
            The operands come in any order. Without a server those of resolv.conf are asked, as \
            they come. A reply that does not fit is asked for again over TCP. A name that is \
            also a command is written with a final dot.
            """,
        dashes: .two,
        options: [
            QueryOptions.output(.table, .json, .short, .dig),
            QueryOptions.Option("x", value: "ADDRESS", help: "ask for the name of an address") {
                $0.reverseAddress = $1
            },
        ] + QueryOptions.asking + [QueryOptions.color, QueryOptions.version],
        operands: [
            .init("NAME", .text, .optional), .init("TYPE", .offer(types), .optional),
            .init("CLASS", .text, .optional), .init("@SERVER", .text, .optional),
        ])

    static func run(
        _ options: QueryOptions, _ operands: [String], version: String
    ) throws(UsageError) -> Int32 {
        if options.asksForVersion {
            return QueryProgram.running(options) { (printer) throws(QueryFailure) in
                try printer.say("fabdns-query \(version)\n")
                return .done
            }
        }
        var words = operands
        let settings = try settings(options, &words)
        let question = try question(words, reverseAddress: options.reverseAddress)
        return QueryProgram.running(options) { (printer) throws(QueryFailure) in
            let asked = try Asker.ask(question, settings)
            switch options.format {
            case .table, .wide: try printer.say(asked.table)
            case .short: try printer.say(asked.short)
            case .dig: try printer.say(asked.dig(question))
            case .json: try printer.say(asked.json(question))
            }
            if [.table, .wide].contains(options.format), let talk = asked.talk(about: question) {
                Printer.talk(talk)
            }
            return asked.reply.exitCode
        }
    }

    /// Takes `@SERVER` out of the operands.
    static func settings(
        _ options: QueryOptions, _ operands: inout [String]
    ) throws(UsageError) -> AskSettings {
        var settings = options.settings
        let port = options.port ?? (settings.transport == .tls ? 853 : 53)
        let servers = operands.filter { $0.hasPrefix("@") }
        operands.removeAll { $0.hasPrefix("@") }
        guard servers.count < 2 else {
            throw UsageError("unexpected argument '\(servers[1])': one server is asked")
        }
        if let server = servers.first {
            let host = String(server.dropFirst())
            guard !host.isEmpty else { throw UsageError("'@' names no server") }
            settings.servers = [ServerName(host: host, port: port)]
        } else {
            settings.servers = ServerName.ofThisHost(port: port)
        }
        return settings
    }

    /// The first word that is neither a type nor a class is the name.
    static func question(
        _ words: [String], reverseAddress: String?
    ) throws(UsageError) -> Question {
        var rest = words
        let name: String
        if let address = reverseAddress {
            guard let reverse = LDNS.reverseName(of: address) else {
                throw UsageError("'\(address)' is not an address")
            }
            name = reverse
        } else {
            guard !words.isEmpty else { throw UsageError("NAME is missing") }
            let index =
                words.firstIndex { LDNS.type(named: $0) == nil && LDNS.class(named: $0) == nil }
            name = rest.remove(at: index ?? 0)
        }
        guard let spelled = LDNS.name(name) else {
            throw UsageError("'\(name)' is not a domain name")
        }
        var type = LDNS.type(named: reverseAddress == nil ? "A" : "PTR") ?? 1
        var number: UInt16 = 1
        for word in rest {
            if let found = LDNS.type(named: word) {
                type = found
            } else if let found = LDNS.class(named: word) {
                number = found
            } else {
                let close = nearest(to: word.uppercased(), among: types)
                throw UsageError(
                    "'\(word)' is neither a type nor a class"
                        + (close.map { ", did you mean '\($0)'?" } ?? ""))
            }
        }
        return Question(
            name: spelled, type: type, typeText: LDNS.typeText(type), class: number,
            classText: LDNS.classText(number))
    }
}
