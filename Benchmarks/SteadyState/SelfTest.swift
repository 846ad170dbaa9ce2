// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CostCounter

/// Proves the counter before it is trusted: loops whose cost is known count exactly that, and a
/// clean loop nothing.
enum SelfTest {
    private final class Cell {
        let value: Int
        init(_ value: Int) { self.value = value }
    }

    /// Where loops leave their objects, so that the optimizer cannot do without them.
    private final class Shelf {
        var newest = Cell(1)
        var copy = Cell(2)
    }

    /// Prints a table; false when a loop was counted wrongly.
    static func passes() -> Bool {
        let shelf = Shelf()
        var sum = 0
        // objects, retains, releases, mallocs, frees, locks
        let cases: [(title: String, expected: [Int], body: (Int) -> Void)] = [
            ("clean loop", [0, 0, 0, 0, 0, 0], { for i in 0..<$0 { sum &+= opaque(i) } }),
            (
                "one object", [1, 0, 1, 1, 1, 0],
                { for i in 0..<$0 { shelf.newest = Cell(i) } }
            ),
            (
                "one retain and release", [0, 1, 1, 0, 0, 0],
                { for _ in 0..<$0 { shelf.copy = opaque(shelf).newest } }
            ),
            (
                "one memory block", [0, 0, 0, 1, 1, 0],
                { for i in 0..<$0 { allocateAndFree(i & 63 + 64) } }
            ),
            ("one lock", [0, 0, 0, 0, 0, 1], { for _ in 0..<$0 { cost_counter_lock_once() } }),
        ]
        print("Self-test\n\n\(Slope.header)")
        var isRight = true
        for (title, expected, body) in cases {
            let slope = Slope.measure(shorter: 100, longer: 1100, body)
            let matches = slope.counts == expected.map { $0 * slope.iterations }
            print(slope.row(title) + (matches ? "" : " expected \(expected)"))
            isRight = isRight && matches
        }
        print("")
        return isRight && sum &+ shelf.copy.value != 0
    }

    /// Hides a value from the optimizer.
    @inline(never)
    private static func opaque<Value>(_ value: Value) -> Value { value }

    @inline(never)
    private static func allocateAndFree(_ octetCount: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: octetCount, alignment: 16)
        unsafe opaque(memory).deallocate()
    }
}
