// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Cuts the text of one file into words.
///
/// Words are separated by white space; `#` outside quotes begins a comment to the end of the line,
/// also in the middle of a word. A word that begins with `"` runs to the next `"`, may span lines,
/// and knows one escape, `\"`. A quote inside a word is an ordinary character. A carriage return is
/// skipped wherever it stands outside quotes, a byte order mark at the start of the file.
struct CorefileLexer {
    /// The words of one file, and of all files and snippets together where they are used.
    static let maximumTokens = 200_000

    private let file: String
    private var rest: Substring.UnicodeScalarView
    private var line = 1
    private var column = 1
    private var tokens: [Token] = []
    /// The line on which the last word ended.
    private var lastLine = 0

    /// The words of `text`.
    static func tokens(of text: String, file: String) throws(ConfigurationError) -> [Token] {
        var lexer = CorefileLexer(text, file: file)
        while try lexer.readToken() {
            guard lexer.tokens.count <= maximumTokens else {
                throw ConfigurationError(lexer.location, "more than \(maximumTokens) words")
            }
        }
        return lexer.tokens
    }

    private init(_ text: String, file: String) {
        self.file = file
        rest = text[...].unicodeScalars
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
    }

    private var location: SourceLocation {
        SourceLocation(file: file, line: line, column: column)
    }

    /// Reads the next word; false at the end of the file.
    private mutating func readToken() throws(ConfigurationError) -> Bool {
        skipSpaceAndComments()
        guard let first = rest.first else { return false }
        let start = location
        let startsLine = line != lastLine
        let text = first == "\"" ? try readQuoted() : readBare()
        lastLine = line
        tokens.append(
            Token(text: text, location: start, isQuoted: first == "\"", startsLine: startsLine))
        return true
    }

    private mutating func skipSpaceAndComments() {
        var isComment = false
        while let scalar = rest.first, isComment || scalar == "#" || isSpace(scalar) {
            isComment = scalar == "#" || (isComment && scalar != "\n")
            advance()
        }
    }

    private mutating func readBare() -> String {
        var text = String.UnicodeScalarView()
        while let scalar = rest.first, scalar != "#", scalar == "\r" || !isSpace(scalar) {
            if scalar != "\r" { text.append(scalar) }
            advance()
        }
        return String(text)
    }

    private mutating func readQuoted() throws(ConfigurationError) -> String {
        let start = location
        var text = String.UnicodeScalarView()
        var isEscaped = false
        advance()
        while let scalar = rest.first {
            advance()
            if isEscaped {
                if scalar != "\"" { text.append("\\") }
                text.append(scalar)
                isEscaped = false
            } else if scalar == "\"" {
                return String(text)
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                text.append(scalar)
            }
        }
        throw ConfigurationError(start, "this quote has no end, expected a closing \"")
    }

    private mutating func advance() {
        if rest.removeFirst() == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace
    }
}
