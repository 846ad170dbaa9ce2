// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile

/// How the queries of a node are logged.
struct LogRule: Hashable, Sendable {
    let directive: LogDirective
    /// The address that is listened on.
    let local: String
}

/// The numbers of log rules: a record that waits in a ring over a reload is written by the rule it
/// was recorded under.
struct LogBook: Sendable {
    /// Stands for none.
    static let none = UInt16.max
    /// What exceeds the bound is not logged.
    static let maximumCount = 4096

    private(set) var rules: [LogRule] = []
    private var numbers: [LogRule: UInt16] = [:]

    mutating func number(of rule: LogRule) -> UInt16 {
        if let number = numbers[rule] { return number }
        guard rules.count < Self.maximumCount else { return Self.none }
        let number = UInt16(rules.count)
        rules.append(rule)
        numbers[rule] = number
        return number
    }
}
