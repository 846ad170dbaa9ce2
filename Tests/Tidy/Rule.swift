// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

/// A house rule, with what proves that it can fail.
struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule as a sentence.
    let sentence: String
    /// Files that may break it; each must need the exemption.
    let exempt: Set<String>
    /// Trees that the rule must refuse, by path and text.
    let refused: [[String: String]]
    /// Their neighbors, which it must let pass.
    let accepted: [[String: String]]
    private let check: @Sendable (Tree) -> [Finding]

    init(
        _ sentence: String, exempt: Set<String> = [], refused: [[String: String]],
        accepted: [[String: String]], check: @escaping @Sendable (Tree) -> [Finding]
    ) {
        self.sentence = sentence
        self.exempt = exempt
        self.refused = refused
        self.accepted = accepted
        self.check = check
    }

    var testDescription: String { sentence }

    /// Where the rule does not hold, exempt files included.
    func allFindings(in tree: Tree) -> [Finding] { check(tree) }

    /// Where the rule does not hold and should.
    func findings(in tree: Tree) -> [Finding] { check(tree).filter { !exempt.contains($0.path) } }

    static let all = rooms + words + shapes + documents + leftovers
}
