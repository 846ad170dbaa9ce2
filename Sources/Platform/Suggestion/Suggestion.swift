// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The candidate a mistyped word was most likely meant to be; nil when none is near enough.
///
/// Near enough is one edit, or one edit per three characters of the word. Case does not count. The
/// first of several equally near candidates is taken.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    guard 1...longestSuggestedWord ~= word.count else { return nil }
    let limit = max(1, word.count / 3)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where abs(candidate.count - word.count) <= limit {
        let distance = editDistance(word.lowercased(), candidate.lowercased())
        if distance <= limit, distance < (best?.distance ?? .max) {
            best = (candidate, distance)
        }
    }
    return best?.candidate
}

/// No option or directive is longer; the cost grows with the square of the length.
private let longestSuggestedWord = 64

/// The number of insertions, deletions, replacements and swaps of neighbors that turn one word into
/// the other (optimal string alignment), from the three rows of the table that a cell depends on.
package func editDistance(_ first: String, _ second: String) -> Int {
    let first = Array(first)
    let second = Array(second)
    var beforePrevious: [Int] = []
    var previous = Array(0...second.count)
    for row in first.indices {
        var current = [row + 1]
        for column in second.indices {
            let replacement = previous[column] + (first[row] == second[column] ? 0 : 1)
            var least = min(replacement, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, first[row] == second[column - 1],
                first[row - 1] == second[column]
            {
                least = min(least, beforePrevious[column - 1] + 1)
            }
            current.append(least)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[second.count]
}
