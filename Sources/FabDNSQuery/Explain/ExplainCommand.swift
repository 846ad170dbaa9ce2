// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import JSON
import ServiceCatalog

/// `fabdns-query explain NAME [@SERVER]`: why a name answers what it answers, and whether a server
/// agrees.
enum ExplainCommand {
    static let syntax = CommandSyntax<QueryOptions>(
        name: "fabdns-query explain",
        summary: "Tells which tier of endpoints answers NAME, and why each endpoint is in or out.",
        details: """
            It ranks the catalog of --catalog, or of the Corefile of --conf, as the server does. \
            With a server it also asks it, and the exit code is 1 where the server's addresses \
            are others.
            """,
        dashes: .two,
        options: [QueryOptions.output(.table, .json)] + QueryOptions.offline + QueryOptions.asker
            + QueryOptions.asking + [QueryOptions.color],
        operands: [.init("NAME"), .init("@SERVER", .text, .optional)])

    static let command = Command(syntax, QueryOptions()) {
        (options, operands) throws(UsageError) in
        var words = operands
        let asksServer = words.contains { $0.hasPrefix("@") }
        let settings = try AskCommand.settings(options, &words)
        guard let name = words.first.flatMap({ LDNS.name($0) }), words.count == 1 else {
            throw UsageError(
                words.isEmpty ? "NAME is missing" : "expected a domain name, found '\(words[0])'")
        }
        return QueryProgram.running(options) { (printer) throws(QueryFailure) in
            let catalogs = try OfflineCatalogs(options)
            let agreement = try asksServer ? Agreement(name, settings) : nil
            return try run(name, catalogs, agreement, printer)
        }
    }

    private static func run(
        _ name: String, _ catalogs: OfflineCatalogs, _ agreement: Agreement?, _ printer: Printer
    ) throws(QueryFailure) -> ExitCode {
        let found = catalogs.zone(of: name)
        let served = found.flatMap {
            ServedName(labels: $0.labels, names: $0.zone.names, in: $0.zone.catalog)
        }
        guard let found, let served else {
            let why = NameDiagnosis(name, catalogs)
            let lines = agreement?.lines(computed: nil) ?? []
            try printer.say(
                printer.isJSON
                    ? why.json : why.text(printer.style) + lines.map { $0 + "\n" }.joined())
            return why.exists ? .done : .nothing
        }
        let explanation = Explanation(served, from: found.zone.place)
        if printer.isJSON {
            try printer.say(
                JSONWriter.document { writer in
                    explanation.write(name, into: &writer)
                    writer.field("ttl", Int(found.zone.ttlSeconds))
                    writer.field("serverAgrees")
                    if let agreement {
                        writer.boolean(agreement.holds(explanation))
                    } else {
                        writer.null()
                    }
                })
        } else {
            let lines = agreement?.lines(computed: explanation) ?? []
            try printer.say(
                explanation.tree(name, printer.style) + lines.map { $0 + "\n" }.joined())
        }
        if let agreement, !agreement.holds(explanation) { return .nothing }
        return explanation.exists ? .done : .nothing
    }
}

/// What a server says of a name, for a comparison.
struct Agreement: Sendable {
    private let server: String
    private let addresses: [AddressFamily: Set<IPAddress>]

    /// Asks for both families.
    init(_ name: String, _ settings: AskSettings) throws(QueryFailure) {
        var addresses: [AddressFamily: Set<IPAddress>] = [:]
        var server = ""
        for (family, type) in [(AddressFamily.v4, UInt16(1)), (.v6, 28)] {
            let question = Question(
                name: name, type: type, typeText: family.typeText, class: 1, classText: "IN")
            let asked = try Asker.ask(question, settings)
            guard [0, 3].contains(asked.reply.responseCode) else {
                throw QueryFailure(
                    .refused, "\(asked.server) says \(asked.reply.status) to \(name)")
            }
            server = asked.server
            addresses[family] = Set(
                asked.reply.answer.filter { $0.type == family.typeText }.compactMap {
                    IPAddress($0.data)
                })
        }
        self.server = server
        self.addresses = addresses
    }

    func holds(_ explanation: Explanation) -> Bool {
        explanation.families.allSatisfy { family in
            addresses[family.family] == expected(family, explanation)
        }
    }

    /// What is different, in lines; one line where nothing is.
    func lines(computed explanation: Explanation?) -> [String] {
        let lines = AddressFamily.allCases.flatMap { family -> [String] in
            let computed = explanation.map { explanation in
                explanation.families.first { $0.family == family }
                    .map { expected($0, explanation) } ?? []
            }
            let said = addresses[family] ?? []
            return [
                ("only the server has", said.subtracting(computed ?? [])),
                ("the server lacks", (computed ?? []).subtracting(said)),
            ].filter { !$0.1.isEmpty }.map { what, set in
                let list = set.map(\.description).sorted().joined(separator: ", ")
                return "\(family.typeText): \(what) \(list)"
            }
        }
        return lines.isEmpty ? ["\(server) agrees"] : ["\(server) does not agree"] + lines
    }

    private func expected(
        _ family: Explanation.Family, _ explanation: Explanation
    ) -> Set<IPAddress> {
        explanation.served.hasAddresses ? Set(family.addresses) : []
    }
}
