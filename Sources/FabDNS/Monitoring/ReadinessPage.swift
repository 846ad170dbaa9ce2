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
    /// Who wants it `fresh` is not content with a cluster that is stale.
    init(_ standing: CatalogStanding?, isFreshWanted: Bool) {
        // CoreDNS lists the plugins that are not ready; there is only one that may not be.
        guard let standing else {
            (status, text) = (503, "fabdns")
            return
        }
        guard standing.awaited.isEmpty else {
            let lines = standing.awaited.map { "\($0.identity.description): \($0.reason)" }
            (status, text) = (503, (["fabdns"] + lines.sorted()).joined(separator: "\n"))
            return
        }
        let stale = standing.stale.map { cluster, condition in
            "cluster \(cluster): \(condition.name) since \(RFC3339.text(condition.since ?? 0))"
        }
        let held = standing.held.map { feed, count in
            "\(feed.description): \(count) services are kept that a list no longer has"
        }
        let lines = stale.sorted() + held.sorted()
        let isRefused = isFreshWanted && !stale.isEmpty
        status = isRefused ? 503 : 200
        text = ([isRefused ? "fabdns" : "OK"] + lines).joined(separator: "\n")
    }

    var reply: HTTPReply { HTTPReply(status: status, text: text) }
}
