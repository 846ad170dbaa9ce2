// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The words of a Corefile in order, with the words of imports in the place of the imports.
///
/// A stack of frames, one per file or snippet that is being read; the parser says where an import
/// may stand and calls `expandImport`. Every loop that a file could ask for is bounded: imports,
/// their depth, octets, words.
struct TokenSource {
    /// CoreDNS's bound for snippets, here for files too.
    static let maximumImports = 10_000
    /// Deeper nesting is a circle that goes through several files.
    static let maximumDepth = 64
    /// What all imports together may read: four files of the largest size.
    static let maximumOctets = 4 * CorefileFiles.maximumOctetsPerFile

    /// A file or a snippet and how far it was read.
    private struct Frame {
        /// The file's path or the snippet's name with its parentheses.
        let name: String
        let tokens: [Token]
        var index = 0
    }

    let environment: Environment
    private let files: CorefileFiles
    private var frames: [Frame]
    private var snippets: [String: [Token]] = [:]
    private var importCount = 0
    private var octetCount = 0
    private var tokenCount = 0
    private(set) var warnings: [ConfigurationWarning] = []

    init(
        text: String, file: String, environment: Environment, files: CorefileFiles
    ) throws(ConfigurationError) {
        self.environment = environment
        self.files = files
        frames = [Frame(name: file, tokens: try CorefileLexer.tokens(of: text, file: file))]
    }

    /// The next word as written; nil at the end.
    mutating func peek() -> Token? {
        while let frame = frames.last {
            if frame.index < frame.tokens.count { return frame.tokens[frame.index] }
            frames.removeLast()
        }
        return nil
    }

    /// Takes the next word, with references to the environment replaced.
    mutating func next() throws(ConfigurationError) -> Token? {
        guard var token = peek() else { return nil }
        frames[frames.count - 1].index += 1
        tokenCount += 1
        guard tokenCount <= CorefileLexer.maximumTokens else {
            throw token.error("more than \(CorefileLexer.maximumTokens) words with all imports")
        }
        token.text = environment.expand(token.text)
        return token
    }

    /// Defines a snippet; `tokens` are its body as written.
    mutating func define(snippet name: Token, tokens: [Token]) throws(ConfigurationError) {
        guard snippets.updateValue(tokens, forKey: name.text) == nil else {
            throw name.error("the snippet '\(name.text)' is defined twice")
        }
    }

    /// Replaces `import PATTERN`, whose keyword is the next word, by what it stands for.
    mutating func expandImport() throws(ConfigurationError) {
        guard let keyword = try next() else { return }
        guard let pattern = try argument(), !pattern.text.isEmpty else {
            throw keyword.error("import needs a snippet's name, a file or a pattern")
        }
        if let surplus = try argument() {
            throw surplus.error(
                "wrong argument count: import takes one, a snippet, file or pattern")
        }
        if let tokens = snippets["(\(pattern.text))"] {
            try push("(\(pattern.text))", tokens, importedBy: pattern)
        } else {
            try importFiles(pattern)
        }
    }

    /// The next word if it is on the same line of the same frame.
    private mutating func argument() throws(ConfigurationError) -> Token? {
        guard let frame = frames.last, frame.index < frame.tokens.count,
            !frame.tokens[frame.index].startsLine
        else { return nil }
        return try next()
    }

    private mutating func importFiles(_ pattern: Token) throws(ConfigurationError) {
        let path = absolute(pattern.text, relativeTo: pattern.location.file)
        guard path.utf8.contains(where: { "*?[".utf8.contains($0) }) else {
            return try push(path, try words(of: path, importedBy: pattern), importedBy: pattern)
        }
        guard path.filter({ $0 == "*" }).count == 1, !path.contains(where: { "?[".contains($0) })
        else {
            throw pattern.error(
                "'\(pattern.text)': a pattern may hold one '*' and no other wildcard")
        }
        let matches = files.matches(path)
        if matches.isEmpty {
            warnings.append(
                ConfigurationWarning(
                    location: pattern.location,
                    message: "no file matches the pattern '\(pattern.text)'"))
        }
        var tokens: [Token] = []
        for match in matches {
            tokens += try words(of: match, importedBy: pattern)
        }
        try push(path, tokens, importedBy: pattern)
    }

    private mutating func words(
        of path: String, importedBy pattern: Token
    ) throws(ConfigurationError) -> [Token] {
        importCount += 1
        switch files.read(path) {
        case .failure(let error):
            throw pattern.error("cannot import '\(pattern.text)': \(path): \(error.message)")
        case .success(let octets):
            octetCount += octets.count
            guard octetCount <= Self.maximumOctets else {
                throw pattern.error("imports of more than \(Self.maximumOctets) octets together")
            }
            return try CorefileLexer.tokens(
                of: String(decoding: octets, as: UTF8.self), file: path)
        }
    }

    private mutating func push(
        _ name: String, _ tokens: [Token], importedBy pattern: Token
    ) throws(ConfigurationError) {
        guard !frames.contains(where: { $0.name == name }) else {
            throw pattern.error("'\(pattern.text)' imports itself")
        }
        importCount += 1
        guard importCount <= Self.maximumImports else {
            throw pattern.error("more than \(Self.maximumImports) imports")
        }
        guard frames.count < Self.maximumDepth else {
            throw pattern.error("imports are nested more than \(Self.maximumDepth) deep")
        }
        frames.append(Frame(name: name, tokens: tokens))
    }
}

/// A path as seen from the folder of the file that names it.
private func absolute(_ path: String, relativeTo file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
}
