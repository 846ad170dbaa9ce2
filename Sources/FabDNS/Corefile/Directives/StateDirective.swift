// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `state DIR [every DURATION]`: where what APIs have said outlives a restart.
package struct StateDirective: Sendable, Hashable {
    /// As written, relative to the working directory.
    package var folder: String
    /// Writes are so far apart, and a change waits so long at most.
    package var intervalMilliseconds: Int

    private static let usage = "state DIR [every DURATION]"

    package init(folder: String, intervalMilliseconds: Int = 30_000) {
        self.folder = folder
        self.intervalMilliseconds = intervalMilliseconds
    }

    init(_ property: Statement) throws(ConfigurationError) {
        try property.requireNoBody()
        guard [1, 3].contains(property.arguments.count) else {
            throw property.name.error("wrong argument count, expected: \(Self.usage)")
        }
        self.init(folder: try property.arguments[0].nonempty("the name of a folder"))
        guard property.arguments.count == 3 else { return }
        guard property.arguments[1].text == "every" else {
            throw property.arguments[1].error("expected: \(Self.usage)")
        }
        intervalMilliseconds = try property.arguments[2].milliseconds(1000...3_600_000)
    }
}
