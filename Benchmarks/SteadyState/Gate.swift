// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// Counts what a batch of sixteen queries of all kinds costs, over a socket and on a stream.
enum Gate {
    /// Prints a table; false when a batch costs anything.
    static func passes() throws -> Bool {
        let workload = try Workload()
        print("Sixteen queries, one of each kind\n\n\(Slope.header)")
        let datagrams = Slope.measure(shorter: 10, longer: 1010) {
            workload.askDatagrams(batches: $0)
        }
        print(datagrams.row("over UDP"))
        let streamed = Slope.measure(shorter: 10, longer: 1010) { workload.askStream(batches: $0) }
        print(streamed.row("on a stream"))
        let asked = 2 * 16 * (10 + 10 + 1010)
        guard workload.replies == asked else {
            print("\nsteady-state: \(workload.replies) of \(asked) queries were answered")
            return false
        }
        return datagrams.isZero && streamed.isZero
    }
}
