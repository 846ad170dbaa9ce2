// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `multisocket [N]`: the number of workers, each with sockets of its own.
struct MultisocketDirective {
    /// CoreDNS's bound.
    static let maximumCount = 1024

    /// Nil for one worker per core.
    let count: Int?
    private let name: Token

    init(_ statement: Statement) throws(ConfigurationError) {
        try statement.requireArguments(0...1, usage: "multisocket [N]")
        try statement.requireNoBody()
        name = statement.name
        guard let argument = statement.arguments.first else {
            count = nil
            return
        }
        guard let count = Int(argument.text), 1...Self.maximumCount ~= count else {
            throw argument.error(
                "'\(argument.text)' is not a number of sockets, expected 1 to \(Self.maximumCount)")
        }
        self.count = count
    }

    /// Workers serve every block, so their number can be one only.
    func requireSameCount(as other: MultisocketDirective) throws(ConfigurationError) {
        guard count == other.count else {
            throw other.name.error(
                "multisocket must be the same in every server block, unlike at \(name.location)"
            )
        }
    }
}
