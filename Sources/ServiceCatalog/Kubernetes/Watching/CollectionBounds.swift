// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a collection may hold, and its list take, before a server is taken for one that never comes
/// to an end.
struct CollectionBounds: Sendable {
    /// The largest list that is taken has a fifth of these.
    static let maximumPages = 10_000
    static let maximumEmptyPages = 100

    let maximumObjects: Int
    /// Of the list, and of what the watch has added since and not deleted.
    private var objects = 0
    /// What the watch has said since the list: any of it may be an object that nobody knew.
    private var changes = 0
    private var objectsBeforePage = 0
    private var pages = 0
    /// Of those without objects, in a row: a server may leave some so, and not all.
    private var emptyPages = 0

    init(maximumObjects: Int) { self.maximumObjects = maximumObjects }

    /// A new list begins.
    mutating func begin() { self = CollectionBounds(maximumObjects: maximumObjects) }

    /// One object more; false: that is one too many.
    mutating func add() -> Bool {
        objects += 1
        return objects <= maximumObjects
    }

    /// One change more of a watch; false: it is time for a list, which tells what there is.
    mutating func change() -> Bool {
        changes += 1
        return changes <= maximumObjects
    }

    mutating func remove() { objects = max(0, objects - 1) }

    /// A page is over that names a next one; false: it is not asked for.
    mutating func turnPage() -> Bool {
        pages += 1
        emptyPages = objects == objectsBeforePage ? emptyPages + 1 : 0
        objectsBeforePage = objects
        return pages < Self.maximumPages && emptyPages < Self.maximumEmptyPages
    }
}
