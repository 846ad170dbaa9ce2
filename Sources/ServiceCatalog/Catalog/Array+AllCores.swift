// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Synchronization

extension Array where Element: Sendable {
    /// What `transform` makes of each element, in their order, made on all cores.
    ///
    /// For a start, while nobody is answered who would have to wait. A core takes so many elements
    /// at a time that taking them costs nothing.
    package func mapOnAllCores<Result: Sendable>(
        _ transform: @Sendable (Element) -> Result
    ) -> [Result] {
        let partSize = 500
        let starts = Swift.Array(stride(from: 0, to: count, by: partSize))
        let parts = Mutex([[Result]](repeating: [], count: starts.count))
        DispatchQueue.concurrentPerform(iterations: starts.count) { number in
            let end = Swift.min(starts[number] + partSize, count)
            let part = self[starts[number]..<end].map(transform)
            parts.withLock { $0[number] = part }
        }
        return parts.withLock { $0.flatMap(\.self) }
    }
}
