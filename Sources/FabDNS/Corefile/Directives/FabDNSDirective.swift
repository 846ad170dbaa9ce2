// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// `fabdns [ZONES...] { catalog FILE; names fabdns; masterurl URL; kubeconfig FILE;
// member NAME { … }; member-secrets NAMESPACE; stale …; brake release after DURATION;
// state DIR [every DURATION]; admin [ADDRESS]; cluster NAME; zone NAME; region NAME; ttl SECONDS;
// fallthrough [ZONES...] }`

extension FabDNSBlock {
    private static let properties = [
        "admin", "brake", "catalog", "cluster", "fallthrough", "kubeconfig", "masterurl", "member",
        "member-secrets", "names", "region", "stale", "state", "ttl", "zone",
    ]

    /// RFC 2181 §8 would allow more; fab-dns does not.
    private static let ttlBounds = 0...3600

    /// Reads the directive; without zones of its own it answers for those of its server block.
    init(
        _ statement: Statement, serverZones: [String], warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        self.init(
            zones: statement.arguments.isEmpty
                ? serverZones : try ZoneName.zones(statement.arguments),
            location: statement.name.location)
        for zone in zones where !serverZones.contains(where: { overlap(zone, $0) }) {
            warnings.append(
                ConfigurationWarning(
                    location: location,
                    message:
                        "no query for '\(zone)' arrives here: the server block does not take it"))
        }
        var seen: Set<String> = []
        for property in statement.body ?? [] {
            let name = property.name.text
            if name != "member", !seen.insert(name).inserted {
                warnings.append(
                    ConfigurationWarning(
                        location: property.name.location,
                        message: "'\(name)' is given twice, the last one counts"))
            }
            try read(property, warnings: &warnings)
        }
    }

    /// Something has to say what there is.
    func requireSource(_ podAPI: PodAPI?) throws(ConfigurationError) {
        guard memberSecrets == nil || kubeconfig != nil || masterURL != nil || podAPI != nil else {
            throw ConfigurationError(
                location,
                "expected 'kubeconfig FILE' or 'masterurl URL' beside 'member-secrets': outside of "
                    + "a Pod there is no API to ask")
        }
        guard catalogFile == nil, members.isEmpty, kubeconfig == nil, masterURL == nil,
            podAPI == nil
        else { return }
        throw ConfigurationError(
            location,
            "expected 'catalog FILE', 'member NAME', 'kubeconfig FILE' or 'masterurl URL' in this "
                + "block: outside of a Pod there is no API to ask")
    }

    private mutating func read(
        _ property: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        switch property.name.text {
        case "catalog":
            catalogFile = try property.onlyArgument(usage: "catalog FILE")
                .nonempty("the name of a file")
        case "names":
            names = try Self.nameForms(property)
        case "masterurl":
            masterURL = try property.onlyArgument(usage: "masterurl URL").apiServerURL()
        case "kubeconfig":
            kubeconfig = try property.onlyArgument(usage: "kubeconfig FILE")
                .nonempty("the name of a file")
        case "member":
            let member = try MemberDirective(property, warnings: &warnings)
            guard !members.contains(where: { $0.name == member.name }) else {
                throw property.arguments[0].error("member '\(member.name)' is given twice")
            }
            members.append(member)
        case "member-secrets":
            memberSecrets = try property.onlyArgument(usage: "member-secrets NAMESPACE")
                .nonempty("a namespace")
        case "stale": stale = try StaleDirective(property)
        case "brake": brakeMilliseconds = try Self.brake(property)
        case "state": state = try StateDirective(property)
        case "admin": admin = try Self.admin(property)
        case "cluster": cluster = try property.topologyName(warnings: &warnings)
        case "zone": zone = try property.topologyName(warnings: &warnings)
        case "region": region = try property.topologyName(warnings: &warnings)
        case "ttl": ttlSeconds = try Self.ttl(property)
        case "fallthrough":
            try property.requireNoBody()
            fallthroughZones =
                property.arguments.isEmpty ? ["."] : try ZoneName.zones(property.arguments)
        default:
            throw property.unknownProperty(among: Self.properties)
        }
    }

    private static func nameForms(_ property: Statement) throws(ConfigurationError) -> NameForms {
        let word = try property.onlyArgument(usage: NameForms.usage)
        guard let names = NameForms(rawValue: word.text) else {
            throw word.error("unknown name forms '\(word.text)', expected '\(NameForms.usage)'")
        }
        return names
    }

    private static func brake(_ property: Statement) throws(ConfigurationError) -> Int {
        let usage = "brake release after DURATION"
        try property.requireNoBody()
        try property.requireArguments(3...3, usage: usage)
        for (index, word) in ["release", "after"].enumerated()
        where property.arguments[index].text != word {
            throw property.arguments[index].error("expected: \(usage)")
        }
        return try property.arguments[2].milliseconds(1000...30 * 86_400_000)
    }

    private static func admin(_ property: Statement) throws(ConfigurationError) -> HTTPAddress {
        try property.requireNoBody()
        try property.requireArguments(0...1, usage: "admin [ADDRESS]")
        guard let argument = property.arguments.first else {
            return HTTPAddress(host: "127.0.0.1", port: 9154)
        }
        return try HTTPAddress(argument)
    }

    private static func ttl(_ property: Statement) throws(ConfigurationError) -> UInt32 {
        let argument = try property.onlyArgument(usage: "ttl SECONDS")
        guard let seconds = Int(argument.text) else {
            throw argument.error("'\(argument.text)' is not a ttl, expected a number of seconds")
        }
        guard ttlBounds ~= seconds else {
            throw argument.error(
                "ttl \(seconds) is out of range [0, 3600], default ttl is 5 if not configured")
        }
        return UInt32(seconds)
    }
}

/// Whether a query can be in both zones: one lies in the other.
private func overlap(_ first: String, _ second: String) -> Bool {
    first == "." || second == "." || first == second || first.hasSuffix("." + second)
        || second.hasSuffix("." + first)
}
