// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Fuzzing
@testable internal import HTTP

let maximumContent = 1000

/// What a reader made of the octets; `cut` tells where the second of two parts begins.
func read(_ octets: [UInt8], cut: Int) -> String {
    do throws(HTTPError) {
        guard let (parsed, count) = try HeadParser.parse(octets[...]) else { return "more" }
        require(parsed.head.fields.count <= 100, "too many fields")
        require(parsed.head.path.first == "/" || parsed.head.path == "*", "no path")
        var parser = try ContentParser(parsed.framing, limit: maximumContent)
        let middle = max(count, min(cut, octets.count))
        let used = try parser.consume(octets[count..<middle])
        let more = try parser.consume(octets[(count + used)...])
        require(parser.content.count <= maximumContent, "too much content")
        require(parser.isComplete || used + more <= octets.count - count, "read past the end")
        return parser.isComplete ? "\(parsed) \(parser.content)" : "more"
    } catch {
        return "\(error.status)"
    }
}

fuzz { octets in
    let whole = read(octets, cut: 0)
    let cut = octets.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % (octets.count + 1)
    require(read(octets, cut: cut) == whole, "two parts are read otherwise")
    return .kept
}
