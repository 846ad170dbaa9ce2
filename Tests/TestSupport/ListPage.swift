// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A part of a list.
struct ListPage {
    let type: ResourceType
    let objects: ArraySlice<[UInt8]>
    let version: UInt64
    /// Where the next page begins; nil at the end.
    let next: Int?
    let remaining: Int

    /// From `start` on, all of it when the limit is 0.
    init(type: ResourceType, all: [[UInt8]], version: UInt64, start: Int, limit: Int) {
        self.type = type
        self.version = version
        objects = limit > 0 ? all[start...].prefix(limit) : all[start...]
        next = objects.endIndex < all.count ? objects.endIndex : nil
        remaining = all.count - objects.endIndex
    }

    var json: [UInt8] {
        let more = next.map {
            #","continue":"\#(version).\#($0)","remainingItemCount":\#(remaining)"#
        }
        let head =
            #"{"kind":"\#(type.kind)List","apiVersion":"\#(type.apiVersion)","metadata":"#
            + #"{"resourceVersion":"\#(version)"\#(more ?? "")},"items":["#
        var result = Array(head.utf8)
        result.reserveCapacity(objects.reduce(result.count + 2) { $0 + $1.count + 1 })
        for (index, object) in objects.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            result += object
        }
        result += Array("]}".utf8)
        return result
    }
}
