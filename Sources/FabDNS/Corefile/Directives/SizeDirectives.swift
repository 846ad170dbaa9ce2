// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `bufsize [OCTETS]`: the largest reply over UDP; an asker that takes less gets less.
enum BufsizeDirective {
    /// What passes every path without fragments (DNS flag day 2020), and the most that is sent.
    static let standardOctets: UInt16 = 1232
    static let bounds: ClosedRange<UInt16> = 512...4096

    static func octets(
        _ statement: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) -> UInt16 {
        try statement.requireArguments(0...1, usage: "bufsize [OCTETS]")
        try statement.requireNoBody()
        guard let argument = statement.arguments.first else { return standardOctets }
        guard let octets = UInt16(argument.text), bounds ~= octets else {
            throw argument.error(
                "'\(argument.text)' is out of bounds, expected \(bounds.lowerBound) to "
                    + "\(bounds.upperBound)")
        }
        if octets > standardOctets {
            warnings.append(
                ConfigurationWarning(
                    location: argument.location,
                    message: "a reply over UDP has at most \(standardOctets) octets, so that no "
                        + "path has to cut it in pieces"))
        }
        return min(octets, standardOctets)
    }
}

/// `timeouts { read DURATION; write DURATION; idle DURATION; maxtcpqueries N }`: the patience with
/// clients of TCP and TLS.
package struct TimeoutsDirective: Sendable, Equatable {
    /// From the first octet of a query to its last, and for a handshake.
    package var readMilliseconds = 5_000
    /// How long a client may take nothing of its answers.
    package var writeMilliseconds = 5_000
    /// Between queries.
    package var idleMilliseconds = 10_000
    /// After so many queries the connection is closed; nil for no end.
    package var maximumQueries: Int?

    package init() {}

    private static let bounds = 1_000...86_400_000

    init(_ statement: Statement) throws(ConfigurationError) {
        try statement.requireArguments(0...0, usage: "timeouts { … }")
        guard let body = statement.body, !body.isEmpty else {
            throw statement.name.error("expected at least one of read, write, idle, maxtcpqueries")
        }
        for line in body {
            switch line.name.text {
            case "read": readMilliseconds = try Self.duration(line)
            case "write": writeMilliseconds = try Self.duration(line)
            case "idle": idleMilliseconds = try Self.duration(line)
            case "maxtcpqueries": maximumQueries = try Self.count(line)
            default:
                throw line.unknownProperty(among: ["idle", "maxtcpqueries", "read", "write"])
            }
        }
    }

    private static func duration(_ line: Statement) throws(ConfigurationError) -> Int {
        try line.onlyArgument(usage: "\(line.name.text) DURATION").milliseconds(bounds)
    }

    private static func count(_ line: Statement) throws(ConfigurationError) -> Int? {
        let argument = try line.onlyArgument(usage: "maxtcpqueries N|-1")
        guard let count = Int(argument.text), count == -1 || count > 0 else {
            throw argument.error("'\(argument.text)': expected a number above 0, or -1 for no end")
        }
        return count == -1 ? nil : count
    }
}
