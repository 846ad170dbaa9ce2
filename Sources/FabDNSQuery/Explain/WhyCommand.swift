// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions

/// `fabdns-query why NAME`: which label of a name fails.
enum WhyCommand {
    static let syntax = CommandSyntax<QueryOptions>(
        name: "fabdns-query why",
        summary: "Goes through NAME label by label and tells where it ceases to exist.",
        dashes: .two,
        options: [QueryOptions.output(.table, .json)] + QueryOptions.offline + [QueryOptions.color],
        operands: [.init("NAME")])

    static let command = Command(syntax, QueryOptions()) {
        (options, operands) throws(UsageError) in
        guard let name = LDNS.name(operands[0]) else {
            throw UsageError("'\(operands[0])' is not a domain name")
        }
        return QueryProgram.running(options) { (printer) throws(QueryFailure) in
            let diagnosis = NameDiagnosis(name, try OfflineCatalogs(options))
            try printer.say(printer.isJSON ? diagnosis.json : diagnosis.text(printer.style))
            return diagnosis.exists ? .done : .nothing
        }
    }
}
