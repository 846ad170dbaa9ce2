// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog
import Testing

@testable import FabDNS

@Suite("Readiness")
struct ReadinessTests {
    private static let missing = AwaitedFeed(identity: .direct(cluster: "a"), reason: "refused")
    private static let stale: [String: ClusterCondition] = ["b": .stale(since: 1_769_904_000)]

    struct Row: Sendable {
        var awaited: [AwaitedFeed] = []
        var hasContent = true
        var stale: [String: ClusterCondition] = [:]
        var held: [FeedIdentity: Int] = [:]
        var isEarly = false
        var isFreshWanted = false
        let status: Int
        let text: String
    }

    private static let rows = [
        Row(status: 200, text: "OK"),
        Row(isEarly: true, isFreshWanted: true, status: 200, text: "OK"),
        Row(
            awaited: [missing], hasContent: false, isEarly: true, status: 503,
            text: "fabdns\ncluster a: refused"),
        Row(awaited: [missing], hasContent: false, status: 503, text: "fabdns\ncluster a: refused"),
        // Others are there: for a while the one that is missing is waited for.
        Row(awaited: [missing], isEarly: true, status: 503, text: "fabdns\ncluster a: refused"),
        Row(awaited: [missing], status: 200, text: "OK\ncluster a: refused"),
        Row(
            awaited: [missing], isFreshWanted: true, status: 503,
            text: "fabdns\ncluster a: refused"),
        Row(stale: stale, status: 200, text: "OK\ncluster b: stale since 2026-02-01T00:00:00Z"),
        Row(
            stale: stale, isFreshWanted: true, status: 503,
            text: "fabdns\ncluster b: stale since 2026-02-01T00:00:00Z"),
        Row(
            held: [.hub: 12], status: 200,
            text: "OK\nthe GlobalServices: 12 services are kept that a list no longer has"),
        Row(
            held: [.hub: 12], isFreshWanted: true, status: 200,
            text: "OK\nthe GlobalServices: 12 services are kept that a list no longer has"),
    ]

    @Test(
        "503 while there is nothing to serve; what is stale is said, and counts for who wants it fresh",
        arguments: rows)
    func page(_ row: Row) {
        let standing = CatalogStanding(
            awaited: row.awaited, hasContent: row.hasContent, stale: row.stale, held: row.held)
        let page = ReadinessPage(
            standing, isEarly: row.isEarly, isFreshWanted: row.isFreshWanted)
        #expect(page.status == row.status)
        #expect(page.text == row.text)
    }

    @Test("Before anything is served it is not ready")
    func nothing() {
        let page = ReadinessPage(nil, isEarly: true, isFreshWanted: false)
        #expect(page.status == 503 && page.text == "fabdns")
    }

    @Test("Parameters of a URL are decoded, the last of equal names counts")
    func parameters() {
        let query = QueryParameters("a=1&b=x%2Fy+z&a=2&c&%64=%zz")
        #expect(query["a"] == "2" && query["b"] == "x/y z" && query["c"] == "")
        #expect(query["d"] == "%zz" && query["e"] == nil)
    }
}
