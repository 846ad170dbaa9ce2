// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Log
import Synchronization
import TestSupport
import Testing

@testable import FabDNS
@testable import ServiceCatalog

@Suite("Saving, again and again")
struct StateKeeperTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test("Each feed that cannot be saved is told once, and once that all are saved again")
    func failures() throws {
        let folder = try Folder()
        let path = folder.path("state")
        let state = try StateFolder(path: path)
        let tries = Lines()
        let lines = Lines()
        let feeds = ["a", "b"].map { FeedIdentity.direct(cluster: $0) }
        let keeper = StateKeeper(
            state, feeds: feeds.map { CatalogFeed($0) }, intervalSeconds: 0.02,
            log: Log { level, line in lines.add("\(level.rawValue) \(line)") }
        ) { feed in
            tries.add(feed.name)
            return feed.stateName.map { SavedFeed(feed: $0, currentSeconds: 1, services: []) }
        }
        // Nothing can be written over a folder.
        let obstacles = feeds.compactMap(\.stateName).map { "\(path)/\($0).state.new" }
        for obstacle in obstacles {
            try FileManager.default.createDirectory(
                atPath: obstacle, withIntermediateDirectories: true)
        }
        for feed in feeds { keeper.noteChange(feed) }
        #expect(eventually { tries.all.count >= 10 })
        #expect(lines.all.count == 2, "\(lines.all)")
        #expect(lines.all.allSatisfy { $0.hasSuffix("serving goes on from memory") })
        try FileManager.default.removeItem(atPath: obstacles[0])
        let count = tries.all.count
        #expect(eventually { tries.all.count >= count + 10 })
        #expect(lines.all.count == 2, "\(lines.all)")
        try FileManager.default.removeItem(atPath: obstacles[1])
        #expect(eventually { lines.all.count == 3 })
        #expect(lines.all.last == "INFO \(path): state is saved again")
        keeper.finish()
        #expect(lines.all.count == 3)
    }
}
