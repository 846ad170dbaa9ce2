// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing
import TestSupport

@testable import ServiceCatalog

@Suite("A map in shards")
struct ShardedMapTests {
    @Test("It is a dictionary, and its copies stay what they were")
    func asDictionary() {
        var random = SeededRandom(seed: TestRun.seed)
        var map = ShardedMap<Int, Int>()
        var dictionary: [Int: Int] = [:]
        var copies: [(ShardedMap<Int, Int>, [Int: Int])] = []
        for step in 0..<5000 {
            let key = Int.random(in: 0..<500, using: &random)
            let value = Int.random(in: 0..<3, using: &random) == 0 ? nil : step
            map[key] = value
            dictionary[key] = value
            if step % 500 == 0 { copies.append((map, dictionary)) }
        }
        copies.append((map, dictionary))
        for (map, dictionary) in copies {
            #expect(map.count == dictionary.count)
            var found: [Int: Int] = [:]
            map.forEach { found[$0] = $1 }
            #expect(found == dictionary)
            for key in 0..<500 where map[key] != dictionary[key] { Issue.record("\(key)") }
        }
    }
}
