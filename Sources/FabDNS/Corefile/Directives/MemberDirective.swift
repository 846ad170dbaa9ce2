// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `member NAME { kubeconfig FILE [CONTEXT]; masterurl URL; zone NAME; region NAME; namespaces
/// NAME…; labels SELECTOR; initial list|stream; stale … }`: a cluster whose API is watched.
package struct MemberDirective: Sendable, Hashable {
    /// How the first list comes.
    package enum Initial: String, Sendable, CaseIterable {
        case list, stream
    }

    /// The cluster's id: one RFC 1123 label, or two.
    package var name: String
    package var kubeconfig: String?
    package var context: String?
    package var masterURL: String?
    package var zone: String?
    package var region: String?
    /// Nil: all namespaces may export.
    package var namespaces: [String]?
    /// Nil: fab-dns's label.
    package var labelSelector: String?
    package var initial: Initial?
    /// Nil: as the block says.
    package var stale: StaleDirective?
    package var location: SourceLocation

    package init(name: String, location: SourceLocation) {
        self.name = name
        self.location = location
    }

    private static let properties = [
        "initial", "kubeconfig", "labels", "masterurl", "namespaces", "region", "stale", "zone",
    ]

    init(
        _ statement: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        try statement.requireArguments(1...1, usage: "member NAME { … }")
        let argument = statement.arguments[0]
        guard Self.isClusterID(argument.text) else {
            throw argument.error(
                "'\(argument.text)' is not a cluster's id, expected one or two RFC 1123 labels "
                    + "in lower case")
        }
        self.init(name: argument.text, location: argument.location)
        var seen: Set<String> = []
        for property in statement.body ?? [] {
            if !seen.insert(property.name.text).inserted {
                throw property.name.error("'\(property.name.text)' is given twice")
            }
            try read(property, warnings: &warnings)
        }
        guard kubeconfig != nil || masterURL != nil else {
            throw statement.name.error("expected 'kubeconfig FILE' or 'masterurl URL' in a member")
        }
    }

    private mutating func read(
        _ property: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        switch property.name.text {
        case "kubeconfig":
            try property.requireNoBody()
            try property.requireArguments(1...2, usage: "kubeconfig FILE [CONTEXT]")
            kubeconfig = try property.arguments[0].nonempty("the name of a file")
            if property.arguments.count == 2 {
                context = try property.arguments[1].nonempty("the name of a context")
            }
        case "masterurl":
            masterURL = try property.onlyArgument(usage: "masterurl URL").apiServerURL()
        case "zone": zone = try property.topologyName(warnings: &warnings)
        case "region": region = try property.topologyName(warnings: &warnings)
        case "namespaces":
            try property.requireNoBody()
            try property.requireArguments(1...1000, usage: "namespaces NAME…")
            namespaces = property.arguments.map(\.text)
        case "labels":
            labelSelector = try property.onlyArgument(usage: "labels SELECTOR")
                .nonempty("a label selector")
        case "initial":
            let word = try property.onlyArgument(usage: "initial list|stream")
            guard let initial = Initial(rawValue: word.text) else {
                throw word.error("'\(word.text)': expected list or stream")
            }
            self.initial = initial
        case "stale": stale = try StaleDirective(property)
        default: throw property.unknownProperty(among: Self.properties)
        }
    }

    /// KEP-1645: a cluster's id is a DNS label, or two of them.
    private static func isClusterID(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return 1...2 ~= labels.count
            && labels.allSatisfy { label in
                1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                            || $0 == UInt8(ascii: "-")
                    }
            }
    }
}

extension Token {
    func nonempty(_ what: String) throws(ConfigurationError) -> String {
        guard !text.isEmpty else { throw error("expected \(what)") }
        return text
    }

    /// The address of an API server.
    func apiServerURL() throws(ConfigurationError) -> String {
        let isURL = ["https://", "http://"].contains { text.hasPrefix($0) && text != $0 }
        guard isURL, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw error("'\(text)' is not a URL, expected as in https://10.0.0.1:6443")
        }
        return text
    }
}

extension Statement {
    /// The name of a cluster, zone or region; an empty one, from an unset variable, is none.
    func topologyName(
        warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) -> String? {
        let argument = try onlyArgument(usage: "\(name.text) NAME")
        guard argument.text.isEmpty else { return argument.text }
        warnings.append(
            ConfigurationWarning(
                location: argument.location, message: "'\(name.text)' is empty and counts as unset")
        )
        return nil
    }
}
