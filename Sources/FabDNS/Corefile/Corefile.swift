// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Reads a Corefile, the configuration file of CoreDNS and of fab-dns, into a checked value.
///
/// Text -> words (`CorefileLexer`) -> words of all imports (`TokenSource`) -> blocks and lines
/// (`CorefileParser`) -> values (`ServerBlockReader` and one file per directive).
package enum Corefile {
    /// Where no port is written.
    package static let standardPort: UInt16 = 53

    /// The directives that have an effect, sorted.
    package static var directives: [String] { DirectiveTable.supported.sorted() }

    /// Reads the file at `path`; imports are looked up from its folder.
    package static func load(
        path: String, defaultPort: UInt16 = standardPort, environment: [String: String],
        files: CorefileFiles = .disk
    ) throws(ConfigurationError) -> ServerConfiguration {
        switch files.read(path) {
        case .success(let octets):
            try parse(
                text: String(decoding: octets, as: UTF8.self), file: path,
                defaultPort: defaultPort, environment: environment, files: files)
        case .failure(let error):
            throw ConfigurationError(file: path, "cannot be read: \(error.message)")
        }
    }

    /// Reads `text`; `file` names it in messages, and imports are looked up from its folder.
    package static func parse(
        text: String, file: String, defaultPort: UInt16 = standardPort,
        environment: [String: String] = [:], files: CorefileFiles = .disk
    ) throws(ConfigurationError) -> ServerConfiguration {
        let podAPI = PodAPI(environment: environment)
        let environment = Environment(variables: environment)
        var parser = CorefileParser(
            source: try TokenSource(
                text: text, file: file, environment: environment, files: files))
        let parsed = try parser.parse()
        guard !parsed.isEmpty else {
            throw ConfigurationError(file: file, "has no server block, expected as in . { … }")
        }
        return try ServerConfiguration(
            parsed, defaultPort: defaultPort, podAPI: podAPI, warnings: parser.source.warnings)
    }
}

extension ServerConfiguration {
    fileprivate init(
        _ parsed: [ParsedBlock], defaultPort: UInt16, podAPI: PodAPI?,
        warnings: [ConfigurationWarning]
    ) throws(ConfigurationError) {
        self.init(blocks: [], warnings: warnings)
        self.podAPI = podAPI
        var listeners = ListenerBook()
        var multisocket: MultisocketDirective?
        for block in parsed {
            let reader = try ServerBlockReader(block, defaultPort: defaultPort)
            self.warnings += reader.warnings
            for block in reader.blocks {
                try listeners.register(block)
                try block.fabdns?.requireSource(podAPI)
                blocks.append(block)
            }
            reload = reload ?? reader.reload
            if let directive = reader.multisocket {
                try multisocket?.requireSameCount(as: directive)
                multisocket = directive
            }
        }
        workerCount = multisocket?.count
    }
}
