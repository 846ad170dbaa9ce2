// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CommandLineOptions
import Corefile
internal import DNSWire
internal import Log
import Terminal

/// `fabdns zone FILE ZONE`: what the zone answers, as a zone file on standard output.
enum ZoneProgram {
    private static let syntax = CommandSyntax<Bool>(
        name: "fabdns zone",
        summary: "Prints what the Corefile FILE makes ZONE answer, as a zone file (RFC 1035).",
        options: [], operands: [.init("FILE", .file), .init("ZONE")])

    static let command = Command(syntax, false) { (_, operands) throws(UsageError) in
        try run(operands)
    }

    /// The exit code.
    private static func run(_ operands: [String]) throws(UsageError) -> Int32 {
        let zone = try name(operands[1])
        let log = Log { level, text in Output.error.write("[\(level.rawValue)] \(text)\n") }
        do throws(ServerError) {
            let configuration = try load(operands[0])
            let export = try ZoneExport(zone, of: configuration, log: log)
            return export.write { Output.standard.write($0) } ? 0 : 1
        } catch {
            Output.error.write("\(error)\n")
            return 1
        }
    }

    private static func name(_ text: String) throws(UsageError) -> DomainName {
        do throws(PresentationError) {
            return try DomainName(presentation: text.hasSuffix(".") ? text : text + ".")
        } catch {
            throw UsageError("'\(text)' is not a domain name: \(error)")
        }
    }

    private static func load(_ file: String) throws(ServerError) -> ServerConfiguration {
        do throws(ConfigurationError) {
            return try Corefile.load(path: file, environment: ProcessEnvironment.current())
        } catch {
            throw ServerError(description: "\(error)")
        }
    }
}
