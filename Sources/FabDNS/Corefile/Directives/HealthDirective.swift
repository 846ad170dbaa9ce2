// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `health [ADDRESS] { lameduck DURATION }`: a page that says that the process lives.
package struct HealthDirective: Sendable, Equatable {
    package var address: HTTPAddress
    /// How long the server goes on after it was asked to end.
    package var lameduckMilliseconds: Int

    package init(
        address: HTTPAddress = HTTPAddress(host: "", port: 8080), lameduckMilliseconds: Int = 0
    ) {
        self.address = address
        self.lameduckMilliseconds = lameduckMilliseconds
    }

    init(_ statement: Statement) throws(ConfigurationError) {
        self.init()
        try statement.requireArguments(0...1, usage: "health [ADDRESS]")
        if let argument = statement.arguments.first { address = try HTTPAddress(argument) }
        for option in statement.body ?? [] {
            guard option.name.text == "lameduck" else {
                throw option.unknownProperty(among: ["lameduck"])
            }
            let duration = try option.onlyArgument(usage: "lameduck DURATION")
            lameduckMilliseconds = try duration.milliseconds(0...3_600_000)
        }
    }
}

/// `ready [ADDRESS] { monitor until-ready|continuously }`: a page that says whether there is
/// something to answer from.
package struct ReadyDirective: Sendable, Equatable {
    package var address: HTTPAddress

    package init(address: HTTPAddress = HTTPAddress(host: "", port: 8181)) {
        self.address = address
    }

    init(_ statement: Statement) throws(ConfigurationError) {
        self.init()
        try statement.requireArguments(0...1, usage: "ready [ADDRESS]")
        if let argument = statement.arguments.first { address = try HTTPAddress(argument) }
        for option in statement.body ?? [] {
            guard option.name.text == "monitor" else {
                throw option.unknownProperty(among: ["monitor"])
            }
            // A server that is ready stays so: it keeps its catalog. Both words mean the same.
            let mode = try option.onlyArgument(usage: "monitor until-ready|continuously")
            guard ["until-ready", "continuously"].contains(mode.text) else {
                throw mode.error("'\(mode.text)': expected until-ready or continuously")
            }
        }
    }
}
