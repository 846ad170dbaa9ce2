// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A map whose copies are cheap to take and cheap to change after: two levels of 64 arrays over
/// dictionaries.
///
/// A copy retains one array; an update after a copy copies one dictionary and two arrays of 64.
package struct ShardedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private static var fanOut: Int { 64 }

    private var shards: [[[Key: Value]]]
    package private(set) var count = 0

    package init() {
        shards = Array(
            repeating: Array(repeating: [:], count: Self.fanOut), count: Self.fanOut)
    }

    package subscript(key: Key) -> Value? {
        get {
            let shard = Self.shard(of: key)
            return shards[shard.outer][shard.inner][key]
        }
        set {
            let shard = Self.shard(of: key)
            let before = shards[shard.outer][shard.inner].count
            shards[shard.outer][shard.inner][key] = newValue
            count += shards[shard.outer][shard.inner].count - before
        }
    }

    /// Calls `body` for each entry, in no order.
    package func forEach(_ body: (Key, Value) throws -> Void) rethrows {
        for outer in shards {
            for inner in outer {
                for (key, value) in inner { try body(key, value) }
            }
        }
    }

    private static func shard(of key: Key) -> (outer: Int, inner: Int) {
        let hash = UInt(bitPattern: key.hashValue)
        return (Int(hash >> 58), Int(hash >> 52 & 63))
    }
}
