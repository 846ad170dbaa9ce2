// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `stale hold|demote|drop [after DURATION]`: what becomes of a cluster's endpoints while its API
/// is not heard.
package struct StaleDirective: Sendable, Hashable {
    package enum Action: String, Sendable, CaseIterable {
        case hold, demote, drop
    }

    package var action: Action
    /// How long the API may be silent before that.
    package var afterMilliseconds: Int

    package init(_ action: Action = .hold, afterMilliseconds: Int = 0) {
        self.action = action
        self.afterMilliseconds = afterMilliseconds
    }

    private static let usage = "stale hold|demote|drop [after DURATION]"
    /// A day in front of which a weekend still lies.
    private static let bounds = 0...30 * 86_400_000

    init(_ property: Statement) throws(ConfigurationError) {
        try property.requireNoBody()
        guard [1, 3].contains(property.arguments.count) else {
            throw property.name.error("wrong argument count, expected: \(Self.usage)")
        }
        let word = property.arguments[0]
        guard let action = Action(rawValue: word.text) else {
            throw word.error("'\(word.text)': expected hold, demote or drop")
        }
        self.init(action)
        guard property.arguments.count == 3 else { return }
        guard property.arguments[1].text == "after" else {
            throw property.arguments[1].error("expected: \(Self.usage)")
        }
        guard action != .hold else {
            throw property.arguments[1].error("'hold' is for ever, expected no duration")
        }
        afterMilliseconds = try property.arguments[2].milliseconds(Self.bounds)
    }
}
