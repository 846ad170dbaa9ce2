// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import JSON
import ServiceCatalog

/// `fabdns-query lint CATALOG`: what is wrong or odd in a catalog file.
enum LintCommand {
    static let syntax = CommandSyntax<QueryOptions>(
        name: "fabdns-query lint",
        summary: "Tells what is wrong or odd in catalog files, with the line of each finding.",
        details: "The exit code is 1 where there is a finding.",
        dashes: .two,
        options: [QueryOptions.output(.table, .json), QueryOptions.color],
        operands: [.init("CATALOG", .file), .init("CATALOG", .file, .many)])

    static let command = Command(syntax, QueryOptions()) { options, files in
        QueryProgram.running(options) { (printer) throws(QueryFailure) in
            var all: [(file: String, finding: LintFinding)] = []
            for file in files {
                all += try findings(of: file).map { (file: file, finding: $0) }
            }
            if printer.isJSON {
                try printer.say(json(all))
            } else {
                try printer.say(
                    all.map { $0.finding.text($0.file, printer.style) }.joined())
            }
            return all.isEmpty ? .done : .nothing
        }
    }

    /// A file that the server would refuse is a finding; one that cannot be read is a failure.
    private static func findings(of file: String) throws(QueryFailure) -> [LintFinding] {
        do throws(CatalogFileError) {
            let progress = Progress("reading \(file)")
            defer { progress.end() }
            return CatalogLint(try CatalogFile.load(path: file, recordsLines: true)).findings
        } catch {
            guard case .invalid(_, let line, let column, let place, let problem) = error else {
                throw QueryFailure(.failed, "\(error)")
            }
            let message = "\(place.isEmpty ? problem : "\(place): \(problem)") (column \(column))"
            return [LintFinding(code: .unreadable, line: line, message: message)]
        }
    }

    private static func json(_ all: [(file: String, finding: LintFinding)]) -> String {
        JSONWriter.document { writer in
            writer.field("findings", objects: all) { writer, entry in
                writer.field("code", entry.finding.code.rawValue)
                writer.field("severity", entry.finding.code.severity.rawValue)
                writer.field("file", entry.file)
                writer.field("line", entry.finding.line)
                writer.field("message", entry.finding.message)
            }
        }
    }
}
