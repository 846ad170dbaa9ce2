// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How the octets behind a head are delimited (RFC 9112 §6).
enum HTTPFraming: Equatable {
    case length(Int)
    case chunked
}

/// A head, and what it says about the connection.
struct ParsedHead: Equatable {
    var head: HTTPRequestHead
    var framing = HTTPFraming.length(0)
    /// Whether another request may follow.
    var keepsAlive: Bool
    var expectsContinue = false
    let isVersion11: Bool
}

/// Reads the head of a request (RFC 9112 §2 to §6), strictly: what two readers could take for two
/// things is refused.
enum HeadParser {
    static let maximumOctets = 16 << 10
    private static let maximumTarget = 8 << 10
    private static let maximumFields = 100

    /// The head at the front of the octets and how many it takes; nil while it is not whole.
    static func parse(
        _ octets: ArraySlice<UInt8>
    ) throws(HTTPError) -> (head: ParsedHead, count: Int)? {
        // Empty lines before a request are passed over (RFC 9112 §2.2).
        var rest = octets
        while rest.starts(with: [.carriageReturn, .lineFeed]) { rest = rest.dropFirst(2) }
        guard let first = rest.first else { return nil }
        if rest.count == 1, first == .carriageReturn { return nil }
        // What is no HTTP at all is told at once.
        guard first.isHTTPToken else { throw .badRequest }
        guard let lines = try lines(rest, maximumOctets) else { return nil }
        let head = try head(lines.lines)
        return (head, lines.end - octets.startIndex)
    }

    /// The lines up to an empty one, without their ends; nil while that is missing.
    static func lines(
        _ octets: ArraySlice<UInt8>, _ maximum: Int
    ) throws(HTTPError) -> (lines: [ArraySlice<UInt8>], end: Int)? {
        var lines: [ArraySlice<UInt8>] = []
        var start = octets.startIndex
        while let end = octets[start...].firstIndex(of: .lineFeed) {
            guard end > start, octets[end - 1] == .carriageReturn else { throw .badRequest }
            guard end < octets.startIndex + maximum else { break }
            if end == start + 1 { return (lines, end + 1) }
            guard lines.count <= maximumFields else { throw .fieldsTooLarge }
            lines.append(octets[start..<(end - 1)])
            start = end + 1
        }
        guard octets.count >= maximum else { return nil }
        throw lines.isEmpty ? .targetTooLong : .fieldsTooLarge
    }

    private static func head(_ lines: [ArraySlice<UInt8>]) throws(HTTPError) -> ParsedHead {
        guard let requestLine = lines.first else { throw .badRequest }
        var parsed = try self.requestLine(requestLine)
        for line in lines.dropFirst() { parsed.head.fields.append(try field(line)) }
        try interpret(&parsed)
        return parsed
    }

    // MARK: The request line

    private static func requestLine(_ line: ArraySlice<UInt8>) throws(HTTPError) -> ParsedHead {
        let words = line.split(separator: .space, omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(\.isHTTPToken),
            !words[1].isEmpty, words[1].allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .badRequest }
        let isVersion11 = try isVersion11(words[2])
        guard words[1].count <= maximumTarget else { throw .targetTooLong }
        let method = String(decoding: words[0], as: UTF8.self)
        let (path, query) = try target(words[1], method: method)
        let head = HTTPRequestHead(method: method, path: path, query: query, fields: [])
        return ParsedHead(head: head, keepsAlive: isVersion11, isVersion11: isVersion11)
    }

    private static func isVersion11(_ word: ArraySlice<UInt8>) throws(HTTPError) -> Bool {
        if word.elementsEqual("HTTP/1.1".utf8) { return true }
        if word.elementsEqual("HTTP/1.0".utf8) { return false }
        let isOther =
            word.count == 8 && word.starts(with: "HTTP/".utf8) && isDigit(word[word.startIndex + 5])
            && word[word.startIndex + 6] == UInt8(ascii: ".") && isDigit(word[word.startIndex + 7])
        throw isOther ? .unknownVersion : .badRequest
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    /// The four forms of RFC 9112 §3.2, of which CONNECT's is not implemented.
    private static func target(
        _ target: ArraySlice<UInt8>, method: String
    ) throws(HTTPError) -> (path: String, query: String?) {
        guard method != "CONNECT" else { throw .notImplemented }
        if target.elementsEqual([UInt8(ascii: "*")]) {
            guard method == "OPTIONS" else { throw .badRequest }
            return ("*", nil)
        }
        let origin = try origin(target)
        let mark = origin.firstIndex(of: UInt8(ascii: "?"))
        guard !origin.contains(UInt8(ascii: "#")),
            let path = origin[..<(mark ?? origin.endIndex)].percentDecoded
        else { throw .badRequest }
        let query = mark.map { String(decoding: origin[($0 + 1)...], as: UTF8.self) }
        return (path, query)
    }

    /// The target from its path on: without the scheme and authority of an absolute one.
    private static func origin(
        _ target: ArraySlice<UInt8>
    ) throws(HTTPError) -> ArraySlice<UInt8> {
        let slash = UInt8(ascii: "/")
        if target.first == slash { return target }
        for scheme in ["http://", "https://"]
        where target.prefix(scheme.utf8.count).map({ $0 | 0x20 }).elementsEqual(
            scheme.utf8.map { $0 | 0x20 })
        {
            let rest = target.dropFirst(scheme.utf8.count)
            guard let path = rest.firstIndex(of: slash), path > rest.startIndex,
                rest[..<path].allSatisfy(isAuthority)
            else { break }
            return rest[path...]
        }
        throw .badRequest
    }

    /// A host and a port; neither user nor anything escaped.
    private static func isAuthority(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._:[]".utf8.contains(octet)
        }
    }

    // MARK: Fields

    /// A field line (RFC 9112 §5); neither folded nor with a space before the colon.
    static func field(_ line: ArraySlice<UInt8>) throws(HTTPError) -> HTTPField {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isHTTPToken)
        else { throw .badRequest }
        let value = line[(colon + 1)...].trimmed
        guard value.allSatisfy(\.isHTTPText) else { throw .badRequest }
        return HTTPField(
            String(decoding: line[..<colon], as: UTF8.self).lowercased(),
            String(decoding: value, as: UTF8.self))
    }

    /// What the fields say about framing and connection: what contradicts itself is refused.
    private static func interpret(_ parsed: inout ParsedHead) throws(HTTPError) {
        var hosts = 0
        var lengths = 0
        var isChunked = false
        for field in parsed.head.fields {
            switch field.name {
            case "host":
                hosts += 1
            case "content-length":
                lengths += 1
                parsed.framing = .length(try length(field.value))
            case "transfer-encoding":
                guard !isChunked, parsed.isVersion11 else { throw .badRequest }
                guard field.value.lowercased() == "chunked" else { throw .notImplemented }
                isChunked = true
            case "expect":
                guard field.value.lowercased() == "100-continue" else { throw .unknownExpectation }
                parsed.expectsContinue = parsed.isVersion11
            case "connection":
                if says("close", field.value) { parsed.keepsAlive = false }
            default:
                break
            }
        }
        guard hosts == 1 || hosts == 0 && !parsed.isVersion11, lengths + (isChunked ? 1 : 0) <= 1
        else { throw .badRequest }
        if isChunked { parsed.framing = .chunked }
    }

    private static func length(_ text: String) throws(HTTPError) -> Int {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy(isDigit),
            let length = Int(text)
        else { throw .badRequest }
        return length
    }

    private static func says(_ option: String, _ value: String) -> Bool {
        value.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }.contains { $0 == option }
    }
}
