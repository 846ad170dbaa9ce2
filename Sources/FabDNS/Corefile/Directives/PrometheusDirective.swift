// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `prometheus [ADDRESS] { runtime_metrics }`: a page of metrics.
package struct PrometheusDirective: Sendable, Equatable {
    package var address: HTTPAddress

    package init(address: HTTPAddress = HTTPAddress(host: "127.0.0.1", port: 9153)) {
        self.address = address
    }

    init(
        _ statement: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        self.init()
        try statement.requireArguments(0...1, usage: "prometheus [ADDRESS]")
        if let argument = statement.arguments.first { address = try HTTPAddress(argument) }
        for option in statement.body ?? [] {
            guard option.name.text == "runtime_metrics" else {
                throw option.unknownProperty(among: ["runtime_metrics"])
            }
            try option.requireArguments(0...0, usage: "runtime_metrics")
            try option.requireNoBody()
            warnings.append(
                ConfigurationWarning(
                    location: option.name.location,
                    message: "'runtime_metrics' has no effect in fabdns: there is no Go runtime"))
        }
    }
}
