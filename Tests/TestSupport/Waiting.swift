// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// What a test could not do.
package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Whether a condition comes true in time; it is looked at every few milliseconds.
package func eventually(
    within seconds: Double = 20, _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds) * TestRun.patience
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(5_000)
    }
    return try condition()
}
