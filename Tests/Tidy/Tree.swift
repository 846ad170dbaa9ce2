// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The files of a repository as the house rules see them.
struct Tree: Sendable {
    /// In the order of their paths.
    let files: [TextFile]

    init(_ texts: [String: String]) {
        files = texts.map { TextFile(path: $0.key, text: $0.value) }
            .sorted { $0.path < $1.path }
    }

    /// The files with one of these endings, and no others.
    func files(ending endings: String...) -> [TextFile] {
        files.filter { file in endings.contains { file.path.hasSuffix($0) } }
    }

    /// The files in one of these folders, and no others.
    func files(in folders: String...) -> [TextFile] {
        files.filter { file in folders.contains { file.path.hasPrefix($0 + "/") } }
    }

    /// Whether a file or a folder has this path.
    func holds(_ path: String) -> Bool {
        files.contains { $0.path == path || $0.path.hasPrefix(path + "/") }
    }

    subscript(path: String) -> TextFile? { files.first { $0.path == path } }
}

/// One file, cut into lines.
struct TextFile: Sendable {
    /// From the top of the repository, with slashes.
    let path: String
    let text: String
    let lines: [Substring]
    private let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        self.lines = lines
        code = path.hasSuffix(".swift") ? lines.map(Self.code) : []
    }

    /// Each line with its number, counted from 1.
    var numberedLines: some Sequence<(number: Int, line: Substring)> {
        lines.enumerated().lazy.map { (number: $0.offset + 1, line: $0.element) }
    }

    /// Each line of Swift with its number, without what stands in string literals and comments.
    var numberedCode: some Sequence<(number: Int, line: String)> {
        code.enumerated().lazy.map { (number: $0.offset + 1, line: $0.element) }
    }

    func finding(at line: Int? = nil, _ message: String) -> Finding {
        Finding(path: path, line: line, message: message)
    }

    /// A line without its comment and with empty string literals.
    ///
    /// The lines within a multi-line literal count as code.
    private static func code(of line: Substring) -> String {
        var kept: [UInt8] = []
        var isInLiteral = false
        var previous: UInt8 = 0
        for octet in line.utf8 {
            let isEscaped = previous == UInt8(ascii: "\\")
            switch octet {
            case UInt8(ascii: "\"") where !isEscaped:
                isInLiteral.toggle()
                kept.append(octet)
            case _ where isInLiteral:
                break
            case UInt8(ascii: "/") where previous == UInt8(ascii: "/"):
                return String(decoding: kept.dropLast(), as: UTF8.self)
            default:
                kept.append(octet)
            }
            // A backslash that is escaped itself escapes nothing.
            previous = isEscaped && octet == UInt8(ascii: "\\") ? 0 : octet
        }
        return String(decoding: kept, as: UTF8.self)
    }
}

/// A place where a rule does not hold.
struct Finding: Sendable, CustomStringConvertible {
    let path: String
    let line: Int?
    let message: String

    var description: String {
        "\(path)\(line.map { ":\($0)" } ?? ""): \(message)"
    }
}
