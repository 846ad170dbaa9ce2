// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// Directives that say what the server does anyway, or nothing beyond their name.

extension Statement {
    /// A directive without arguments: `any`, `whoami`.
    func requireNameOnly() throws(ConfigurationError) {
        try requireArguments(0...0, usage: name.text)
        try requireNoBody()
    }
}

/// `loadbalance [round_robin]`: the first address of an answer changes from query to query, with
/// the directive and without it.
enum LoadbalanceDirective {
    static func check(_ statement: Statement) throws(ConfigurationError) {
        if let policy = statement.arguments.first, policy.text != "round_robin" {
            throw policy.error("'\(policy.text)' is not supported by fabdns, expected round_robin")
        }
        try statement.requireArguments(0...1, usage: "loadbalance [round_robin]")
        if let line = statement.body?.first {
            throw line.name.error(
                "'\(line.name.text)' is not supported by fabdns: nearness orders the answers")
        }
    }
}

/// `cache [TTL] [ZONES...] { … }`: accepted for its form, since answers already come from memory.
enum CacheDirective {
    static let reason = "answers already come from memory"
    private static let properties = [
        "denial", "disable", "keepttl", "prefetch", "serve_stale", "serve_stale_policy", "servfail",
        "success",
    ]

    static func check(_ statement: Statement) throws(ConfigurationError) {
        var zones = statement.arguments[...]
        if let first = zones.first, let seconds = Int(first.text) {
            guard seconds > 0 else {
                throw first.error("cache TTL can not be zero or negative: \(seconds)")
            }
            zones = zones.dropFirst()
        }
        _ = try ZoneName.zones(Array(zones))
        for line in statement.body ?? [] where !properties.contains(line.name.text) {
            throw line.unknownProperty(among: properties)
        }
    }
}
