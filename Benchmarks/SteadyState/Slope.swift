// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CostCounter

/// What one more iteration costs, exactly: the difference of two counted runs of different length.
///
/// What happens once per run (setting up, the first growth of a buffer) cancels out.
struct Slope: Equatable {
    /// Per `iterations`, in the order of `Slope.titles`.
    var counts: [Int]
    var iterations: Int

    static let titles = ["objects", "retains", "releases", "mallocs", "frees", "locks"]

    var isZero: Bool { counts.allSatisfy { $0 == 0 } }

    /// Counts `body(shorter)` and `body(longer)`, after one uncounted run.
    static func measure(shorter: Int, longer: Int, _ body: (Int) -> Void) -> Slope {
        body(shorter)
        let few = counted { body(shorter) }
        let many = counted { body(longer) }
        return Slope(
            counts: zip(many, few).map { $0 - $1 }, iterations: longer - shorter)
    }

    /// One line of a table, per iteration.
    func row(_ title: String) -> String {
        let cells = counts.map { count in
            count.isMultiple(of: iterations)
                ? "\(count / iterations)" : "\(Double(count) / Double(iterations))"
        }
        return "| \(title) | \(cells.joined(separator: " | ")) |"
    }

    static var header: String {
        "| per iteration | \(titles.joined(separator: " | ")) |\n"
            + "|-|\(titles.map { _ in "-|" }.joined())"
    }

    private static func counted(_ body: () -> Void) -> [Int] {
        cost_counter_start()
        body()
        let counts = cost_counter_stop()
        return [
            counts.objects, counts.retains, counts.releases, counts.mallocs, counts.frees,
            counts.locks,
        ].map { Int($0) }
    }
}
