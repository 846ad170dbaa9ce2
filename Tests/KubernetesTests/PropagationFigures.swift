// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a page of metrics says of propagation, over all clusters.
struct PropagationFigures {
    let count: Int
    /// The smallest bound that 99 of 100 are within, in seconds as it is written; nil above all.
    let p99: String?

    init(page: String) {
        var within: [(bound: String, count: Double)] = []
        var total = 0.0
        for line in page.split(separator: "\n") where line.hasPrefix("fabdns_propagation_seconds") {
            guard let value = line.split(separator: " ").last.flatMap({ Double($0) }) else {
                continue
            }
            if line.hasPrefix("fabdns_propagation_seconds_count") { total += value }
            guard let bound = line.firstMatch(of: /le="([0-9.]+)"/).map({ String($0.1) }) else {
                continue
            }
            if let index = within.firstIndex(where: { $0.bound == bound }) {
                within[index].count += value
            } else {
                within.append((bound, value))
            }
        }
        count = Int(total)
        p99 = within.first { $0.count >= 0.99 * total }?.bound
    }
}
