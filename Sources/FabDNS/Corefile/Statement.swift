// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A line of a block: a name, its arguments, and the lines between the braces at its end.
struct Statement: Sendable {
    let name: Token
    let arguments: [Token]
    /// Nil without braces.
    let body: [Statement]?

    /// Checks the number of arguments; `usage` names them in the message.
    func requireArguments(
        _ counts: ClosedRange<Int>, usage: String
    ) throws(ConfigurationError) {
        guard !(counts ~= arguments.count) else { return }
        let place = arguments.count > counts.upperBound ? arguments[counts.upperBound] : name
        throw place.error("wrong argument count, expected: \(usage)")
    }

    /// Refuses `{ … }` behind a line that has none.
    func requireNoBody() throws(ConfigurationError) {
        guard body == nil else { throw name.error("'\(name.text)' takes no block in braces") }
    }

    /// The only argument of a property; `usage` names it in the message.
    func onlyArgument(usage: String) throws(ConfigurationError) -> Token {
        try requireArguments(1...1, usage: usage)
        try requireNoBody()
        return arguments[0]
    }

    /// An error about this line's name, with the nearest of the names that are known.
    func unknownProperty(among known: [String]) -> ConfigurationError {
        let suggestion = DirectiveTable.suggestion(for: name.text, among: known)
        return name.error("unknown property '\(name.text)'\(suggestion)")
    }
}

/// A server block as written: its addresses and its directives.
struct ParsedBlock: Sendable {
    let addresses: [Token]
    let directives: [Statement]
    let hasBraces: Bool
}
