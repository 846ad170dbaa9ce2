// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `acl [ZONES...] { allow|block|filter|drop [type QTYPE...] [net SOURCE...] }`: who may ask what;
/// may be repeated, and the first rule that matches decides.
package struct AccessDirective: Sendable, Equatable {
    /// What becomes of a query.
    package enum Action: String, Sendable, CaseIterable {
        case allow
        /// Answered with REFUSED.
        case block
        /// Answered with nothing and NOERROR.
        case filter
        /// Not answered.
        case drop
    }

    package struct Rule: Sendable, Equatable {
        package let action: Action
        /// Upper-case mnemonics of QTYPEs; empty for all.
        package fileprivate(set) var types: [String] = []
        /// Of the asker; empty for all.
        package fileprivate(set) var networks: [Network] = []
        package let location: SourceLocation
    }

    /// Domain names in lower case with the final dot; empty for those of the server block.
    package let zones: [String]
    package let rules: [Rule]

    private static let actions = Action.allCases.map(\.rawValue)

    init(_ statement: Statement) throws(ConfigurationError) {
        zones = try ZoneName.zones(statement.arguments)
        var rules: [Rule] = []
        for line in statement.body ?? [] { rules.append(try Self.rule(line)) }
        guard !rules.isEmpty else {
            throw statement.name.error(
                "expected at least one rule: allow|block|filter|drop [type QTYPE...] "
                    + "[net SOURCE...]"
            )
        }
        self.rules = rules
    }

    private static func rule(_ line: Statement) throws(ConfigurationError) -> Rule {
        guard let action = Action(rawValue: line.name.text) else {
            throw line.unknownProperty(among: actions)
        }
        try line.requireNoBody()
        var rule = Rule(action: action, location: line.name.location)
        var rest = line.arguments[...]
        while let keyword = rest.popFirst() {
            let values = rest.prefix { !["type", "net"].contains($0.text) }
            rest = rest[values.endIndex...]
            guard !values.isEmpty || !["type", "net"].contains(keyword.text) else {
                throw keyword.error("expected a value behind '\(keyword.text)', as in type A net *")
            }
            switch keyword.text {
            case "type":
                rule.types += values.map { $0.text.uppercased() }
                if values.contains(where: { $0.text == "*" }) { rule.types = [] }
            case "net":
                for value in values where value.text != "*" {
                    rule.networks.append(try network(value))
                }
                if values.contains(where: { $0.text == "*" }) { rule.networks = [] }
            default:
                throw keyword.error(
                    "'\(keyword.text)': expected 'type QTYPE...' or 'net SOURCE...'")
            }
        }
        return rule
    }

    private static func network(_ token: Token) throws(ConfigurationError) -> Network {
        let isAddress = !token.text.contains("/")
        let text = isAddress ? token.text + (token.text.contains(":") ? "/128" : "/32") : token.text
        guard let network = Network(text) else {
            throw token.error(
                "'\(token.text)' is neither an address nor a network, expected as in 10.0.0.0/24, "
                    + "10.0.0.1, fd00::/8 or *")
        }
        return network
    }
}
