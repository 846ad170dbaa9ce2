// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation

/// The head of a request as a fake server reads it: well enough for clients that behave.
struct FakeRequestHead {
    let method: String
    let path: String
    let query: [String: String]
    let headers: [String: String]

    /// Reads what stands before the empty line.
    init?(_ text: String) {
        let lines = text.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        method = words[0]
        let target = words[1].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = Self.decode(target[0])
        query = target.count == 2 ? Self.query(target[1]) : [:]
        headers = Self.headers(lines.dropFirst())
    }

    private static func query(_ text: Substring) -> [String: String] {
        let fields = text.split(separator: "&").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        return Dictionary(
            fields.map { (decode($0[0]), decode($0.count == 2 ? $0[1] : "")) },
            uniquingKeysWith: { $1 })
    }

    private static func headers(_ lines: ArraySlice<String>) -> [String: String] {
        let fields = lines.compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (
                line[..<colon].lowercased(),
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            )
        }
        return Dictionary(fields, uniquingKeysWith: { "\($0), \($1)" })
    }

    private static func decode(_ text: Substring) -> String {
        let spaced = String(text).replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
