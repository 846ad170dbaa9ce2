// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Takes the content of one request out of the octets as they come, whole or in chunks (RFC 9112
/// §7.1).
///
/// Chunk extensions and trailers are checked and dropped.
struct ContentParser {
    private enum State {
        /// Of the whole content, or of one chunk.
        case octets(left: Int)
        case chunkSize
        case chunkEnd
        case trailers
        case complete
    }

    /// Octets of a chunk's first line with its extensions.
    private static let maximumLine = 256
    private static let maximumTrailers = 4 << 10

    private let limit: Int
    private let isChunked: Bool
    private var state: State
    private(set) var content: [UInt8] = []

    /// Refuses at once what says that it is larger than `limit` octets.
    init(_ framing: HTTPFraming, limit: Int) throws(HTTPError) {
        self.limit = limit
        switch framing {
        case .length(let length):
            guard length <= limit else { throw .contentTooLarge }
            isChunked = false
            state = length == 0 ? .complete : .octets(left: length)
        case .chunked:
            isChunked = true
            state = .chunkSize
        }
    }

    var isComplete: Bool { if case .complete = state { true } else { false } }

    /// Takes what it can from the front of the octets: how many.
    ///
    /// What is left belongs to the next request, or is the beginning of a line.
    mutating func consume(_ octets: ArraySlice<UInt8>) throws(HTTPError) -> Int {
        var rest = octets
        while !isComplete, try step(&rest) {}
        return octets.count - rest.count
    }

    /// False when more octets are needed.
    private mutating func step(_ rest: inout ArraySlice<UInt8>) throws(HTTPError) -> Bool {
        switch state {
        case .octets(let left):
            let part = rest.prefix(left)
            content += part
            rest = rest.dropFirst(part.count)
            guard part.count == left else {
                state = .octets(left: left - part.count)
                return false
            }
            state = isChunked ? .chunkEnd : .complete
        case .chunkSize:
            guard let line = try line(&rest) else { return false }
            let size = try chunkSize(line)
            guard size <= limit - content.count else { throw .contentTooLarge }
            state = size == 0 ? .trailers : .octets(left: size)
        case .chunkEnd:
            let end: [UInt8] = [.carriageReturn, .lineFeed]
            guard end.starts(with: rest.prefix(2)) else { throw .badRequest }
            guard rest.count >= 2 else { return false }
            rest = rest.dropFirst(2)
            state = .chunkSize
        case .trailers:
            guard let trailers = try HeadParser.lines(rest, Self.maximumTrailers) else {
                return false
            }
            for line in trailers.lines {
                // Framing cannot change behind the content (RFC 9110 §6.5.1).
                let field = try HeadParser.field(line)
                guard field.name != "content-length", field.name != "transfer-encoding" else {
                    throw .badRequest
                }
            }
            rest = rest[trailers.end...]
            state = .complete
        case .complete:
            return false
        }
        return true
    }

    /// A whole line without its end; nil while it is not whole.
    private func line(_ rest: inout ArraySlice<UInt8>) throws(HTTPError) -> ArraySlice<UInt8>? {
        guard let end = rest.prefix(Self.maximumLine).firstIndex(of: .lineFeed) else {
            guard rest.count < Self.maximumLine else { throw .badRequest }
            return nil
        }
        let line = rest[..<end]
        guard line.last == .carriageReturn else { throw .badRequest }
        rest = rest[(end + 1)...]
        return line.dropLast()
    }

    /// Hexadecimal digits and `;NAME=VALUE` behind them, where no blank is taken.
    private func chunkSize(_ line: ArraySlice<UInt8>) throws(HTTPError) -> Int {
        let parts = line.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        let digits = parts[0].compactMap(\.hexadecimalDigit)
        guard (1...8).contains(digits.count), digits.count == parts[0].count,
            parts.dropFirst().allSatisfy(isExtension)
        else { throw .badRequest }
        return digits.reduce(0) { $0 << 4 | Int($1) }
    }

    private func isExtension(_ text: ArraySlice<UInt8>) -> Bool {
        let words = text.split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard !words[0].isEmpty, words[0].allSatisfy(\.isHTTPToken) else { return false }
        guard words.count == 2 else { return true }
        let quote = UInt8(ascii: "\"")
        if words[1].count >= 2, words[1].first == quote, words[1].last == quote {
            return words[1].dropFirst().dropLast().allSatisfy { $0.isHTTPToken || $0.isHTTPBlank }
        }
        return !words[1].isEmpty && words[1].allSatisfy(\.isHTTPToken)
    }
}
