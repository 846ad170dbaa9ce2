// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import FabDNS
@testable import ServiceCatalog

@Suite("What metrics tell of catalogs")
struct CatalogMetricsTests {
    @Test("A cluster with a name like a feed's is told from the feed")
    func names() {
        let names = ["globalservices", "serviceimports", "file"]
        let clusters = names.map { FeedIdentity.direct(cluster: $0) }
        var figures = CatalogFigures()
        figures.source = "x"
        figures.held = [.hub: 3, .imports: 4, clusters[0]: 1, clusters[1]: 2]
        figures.conditions = Dictionary(uniqueKeysWithValues: names.map { ($0, .live) })
        var snapshot = MetricsSnapshot()
        snapshot.catalogs = [figures]
        let lines = MetricsPage.text(snapshot).split(separator: "\n").filter {
            $0.hasPrefix("fabdns_shrink_blocked")
        }
        #expect(
            lines == [
                #"fabdns_shrink_blocked{catalog="x",cluster="GlobalServices"} 3"#,
                #"fabdns_shrink_blocked{catalog="x",cluster="ServiceImports"} 4"#,
                #"fabdns_shrink_blocked{catalog="x",cluster="file"} 0"#,
                #"fabdns_shrink_blocked{catalog="x",cluster="globalservices"} 1"#,
                #"fabdns_shrink_blocked{catalog="x",cluster="serviceimports"} 2"#,
            ])
        // No cluster can have the name of another feed.
        for feed in [FeedIdentity.hub, .imports, .file] {
            #expect(!NameRule.isClusterID(Array(feed.name.utf8)[...]))
        }
    }
}
