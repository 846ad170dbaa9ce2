// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
import ServiceCatalog

/// Counts by size.
struct Histogram: Sendable {
    let bounds: [Double]
    /// By bucket, the last one above all bounds.
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    mutating func add(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}

/// How long changes took until every worker answers from them.
struct Propagation: Sendable {
    private static let bounds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Those of CoreDNS's kubernetes plugin.
    private static let programmingBounds = (0..<20).map { 0.001 * Double(1 << $0) }

    /// From an event's arrival, by cluster.
    private(set) var clusters: [String: Histogram] = [:]
    /// From what made it happen, by the kind of the Service.
    private(set) var programming: [String: Histogram] = [:]

    /// The moment is now.
    mutating func note(_ receipt: FeedReceipt, of cluster: String) {
        guard let received = receipt.uptimeNanoseconds else { return }
        let now = DispatchTime.now().uptimeNanoseconds
        clusters[cluster, default: Histogram(bounds: Self.bounds)]
            .add(Double(now &- received) / 1e9)
        let seconds = FeedMoment.now.wallSeconds
        for trigger in receipt.triggers {
            let kind = trigger.isHeadless ? "headless_with_selector" : "cluster_ip"
            programming[kind, default: Histogram(bounds: Self.programmingBounds)]
                .add(max(0, seconds - trigger.seconds))
        }
    }
}

/// The propagation of one catalog.
final class PropagationBook: @unchecked Sendable {
    // Premise of @unchecked Sendable: used on the catalog's queue only.
    private(set) var figures = Propagation()

    func note(_ receipt: FeedReceipt, of cluster: String) { figures.note(receipt, of: cluster) }
}
