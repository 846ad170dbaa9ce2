// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import HTTP
import ServiceCatalog

/// What `/ready` says: 200 and `OK`, with a line for each cluster that is stale; 503 with what is
/// missing while there is nothing to serve.
struct ReadinessPage {
    let status: Int
    let text: String

    /// `standing` is nil before anything is served.
    ///
    /// One cluster of many that cannot be reached does not keep the others from being asked: once
    /// it is not `isEarly` any more, what there is counts.
    /// Who wants it `fresh` is not content with a cluster that is stale.
    init(_ standing: CatalogStanding?, isEarly: Bool, isFreshWanted: Bool) {
        // CoreDNS lists the plugins that are not ready; there is only one that may not be.
        guard let standing else {
            (status, text) = (503, "fabdns")
            return
        }
        let awaited = standing.awaited.map { "\($0.identity.description): \($0.reason)" }.sorted()
        guard awaited.isEmpty || standing.hasContent && !isEarly && !isFreshWanted else {
            (status, text) = (503, (["fabdns"] + awaited).joined(separator: "\n"))
            return
        }
        let stale = standing.stale.map { cluster, condition in
            "cluster \(cluster): \(condition.name) since \(RFC3339.text(condition.since ?? 0))"
        }
        let held = standing.held.map { feed, count in
            "\(feed.description): \(count) services are kept that a list no longer has"
        }
        let lines = awaited + stale.sorted() + held.sorted()
        let isRefused = isFreshWanted && !stale.isEmpty
        status = isRefused ? 503 : 200
        text = ([isRefused ? "fabdns" : "OK"] + lines).joined(separator: "\n")
    }

    var reply: HTTPReply { HTTPReply(status: status, text: text) }
}
