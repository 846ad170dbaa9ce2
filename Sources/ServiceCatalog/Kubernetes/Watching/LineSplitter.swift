// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Cuts the stream of a watch into its lines.
struct LineSplitter {
    /// A line is an object and a few octets around it.
    static let maximumLine = ListSplitter.maximumItem + 1024

    private var line: [UInt8] = []

    /// Whether the stream so far ends between two lines.
    var isBetweenLines: Bool { line.isEmpty }

    /// Takes a chunk; false when a line is too long.
    mutating func add(_ chunk: [UInt8], _ deliver: ([UInt8]) -> Void) -> Bool {
        var rest = chunk[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            guard line.count + (end - rest.startIndex) <= Self.maximumLine else { return false }
            let whole = line + rest[..<end]
            line = []
            if !whole.isEmpty { deliver(whole) }
            rest = rest[(end + 1)...]
        }
        line += rest
        return line.count <= Self.maximumLine
    }
}
