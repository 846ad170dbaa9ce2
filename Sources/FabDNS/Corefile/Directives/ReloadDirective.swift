// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `reload [INTERVAL] [JITTER]`: how often the Corefile and its imports are looked at for a change.
package struct ReloadDirective: Sendable, Equatable {
    /// At least 2 seconds.
    package var intervalMilliseconds = 30_000
    /// Added or taken away by chance; at most half of the interval.
    package var jitterMilliseconds = 15_000

    package init() {}

    init(_ statement: Statement) throws(ConfigurationError) {
        let usage = "reload [INTERVAL] [JITTER]"
        try statement.requireArguments(0...2, usage: usage)
        try statement.requireNoBody()
        let longest = 24 * 3_600_000
        if let interval = statement.arguments.first {
            intervalMilliseconds = try interval.milliseconds(2_000...longest)
        }
        if statement.arguments.count == 2 {
            jitterMilliseconds = try statement.arguments[1].milliseconds(1_000...longest)
        }
        jitterMilliseconds = min(jitterMilliseconds, intervalMilliseconds / 2)
    }
}
