// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Puts the words of a Corefile together to server blocks.
///
///     File        = { Import | Snippet | ServerBlock }
///     Snippet     = "(" name ")" "{" words "}"
///     ServerBlock = Address { Address } ( "{" { Statement } "}" | { Statement } )
///     Statement   = Import | name { argument } [ "{" { Statement } "}" ]
///
/// A statement ends with its line. A closing brace stands first on its line or right behind its
/// opening brace.
struct CorefileParser {
    /// Deeper than any directive nests its blocks.
    static let maximumNesting = 16
    static let bracesHint = "braces may be left out only if the file has a single server block"

    private(set) var source: TokenSource
    private var blocks: [ParsedBlock] = []

    init(source: TokenSource) {
        self.source = source
    }

    /// All server blocks of the file.
    mutating func parse() throws(ConfigurationError) -> [ParsedBlock] {
        while let first = try nextStatement() {
            let addresses = try readAddresses(first)
            if let name = addresses.first, addresses.count == 1, name.text.hasPrefix("("),
                name.text.hasSuffix(")")
            {
                try source.define(snippet: name, tokens: try readSnippet(name))
            } else {
                blocks.append(try readBlock(addresses, first: first))
            }
        }
        return blocks
    }

    /// Takes the next word where a statement may begin; imports before it are expanded.
    private mutating func nextStatement() throws(ConfigurationError) -> Token? {
        while source.peek()?.role == .importKeyword { try source.expandImport() }
        return try source.next()
    }

    /// Addresses up to the end of a line without a final comma, or to the brace.
    private mutating func readAddresses(_ first: Token) throws(ConfigurationError) -> [Token] {
        var addresses: [Token] = []
        var next: Token? = first
        while var token = next {
            guard token.role == .text || token.role == .importKeyword else {
                throw token.error(
                    "unexpected '\(token.text)', expected the address of a server block")
            }
            let expectsAnother = token.text.hasSuffix(",")
            if expectsAnother { token.text.removeLast() }
            if !token.text.isEmpty { addresses.append(token) }
            let following = source.peek()
            if expectsAnother {
                guard following?.role == .text else {
                    throw token.error("expected another address after the comma")
                }
            } else if following?.role == .openBrace || following?.startsLine ?? true {
                break
            }
            next = try source.next()
        }
        guard addresses.isEmpty else { return addresses }
        throw first.error("expected the address of a server block, this one is empty")
    }

    /// The words between the braces of a snippet, as written.
    private mutating func readSnippet(_ name: Token) throws(ConfigurationError) -> [Token] {
        guard source.peek()?.role == .openBrace, let brace = try source.next() else {
            throw name.error("expected '{' behind the snippet's name")
        }
        var tokens: [Token] = []
        var depth = 1
        while let token = source.peek() {
            _ = try source.next()
            if token.role == .openBrace { depth += 1 }
            if token.role == .closeBrace { depth -= 1 }
            if depth == 0 { return tokens }
            tokens.append(token)
        }
        throw brace.error("this '{' has no '}'")
    }

    private mutating func readBlock(
        _ addresses: [Token], first: Token
    ) throws(ConfigurationError) -> ParsedBlock {
        if source.peek()?.role == .openBrace, let brace = try source.next() {
            let directives = try readBody(openedBy: brace, nesting: 1)
            return ParsedBlock(addresses: addresses, directives: directives, hasBraces: true)
        }
        guard blocks.isEmpty else {
            throw first.error("expected '{' behind the addresses: \(Self.bracesHint)")
        }
        var directives: [Statement] = []
        while let name = try nextStatement() {
            guard name.role != .closeBrace else { throw name.error("this '}' has no '{'") }
            directives.append(try readStatement(name, nesting: 1))
        }
        return ParsedBlock(addresses: addresses, directives: directives, hasBraces: false)
    }

    /// The statements up to the closing brace.
    private mutating func readBody(
        openedBy brace: Token, nesting: Int
    ) throws(ConfigurationError) -> [Statement] {
        guard nesting <= Self.maximumNesting else {
            throw brace.error("blocks are nested more than \(Self.maximumNesting) deep")
        }
        var statements: [Statement] = []
        while let name = try nextStatement() {
            if name.role == .closeBrace { return statements }
            statements.append(try readStatement(name, nesting: nesting))
        }
        throw brace.error("this '{' has no '}'")
    }

    /// The rest of a line, and the block at its end.
    private mutating func readStatement(
        _ name: Token, nesting: Int
    ) throws(ConfigurationError) -> Statement {
        guard name.role != .openBrace else {
            throw name.error("'{' must stand on the line of the name that it belongs to")
        }
        var arguments: [Token] = []
        while source.peek()?.startsLine == false, let token = try source.next() {
            switch token.role {
            case .openBrace:
                let body = try readBody(openedBy: token, nesting: nesting + 1)
                if let surplus = source.peek(), !surplus.startsLine {
                    throw surplus.error("unexpected '\(surplus.text)', expected a new line")
                }
                return Statement(name: name, arguments: arguments, body: body)
            case .closeBrace:
                throw token.error("'}' must be the first word on its line")
            case .text, .importKeyword:
                arguments.append(token)
            }
        }
        return Statement(name: name, arguments: arguments, body: nil)
    }
}
