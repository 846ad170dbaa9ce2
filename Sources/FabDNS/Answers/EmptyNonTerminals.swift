// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Names without data above the names of several services, with the number of services that need
/// each.
///
/// A change of one service so costs that service and nothing else.
struct EmptyNonTerminals {
    private struct Entry {
        var contributions: Int
        let answers: ServiceAnswers
    }

    private let flags: (RelativeName) -> OwnerFlags
    private var entries: [RelativeName: Entry] = [:]

    init(flags: @escaping (RelativeName) -> OwnerFlags) { self.flags = flags }

    var all: some Sequence<ServiceAnswers> { entries.values.lazy.map(\.answers) }

    /// One more service needs the name: its block if it is new.
    mutating func add(_ name: RelativeName) -> ServiceAnswers? {
        if let known = entries.index(forKey: name) {
            entries.values[known].contributions += 1
            return nil
        }
        let owner = OwnerDescription(name: name, flags: flags(name))
        let answers = BlockWriter.write(BlockDescription(owners: [owner]))
        entries[name] = Entry(contributions: 1, answers: answers)
        return answers
    }

    /// One service less needs the name: its block if it was the last.
    mutating func remove(_ name: RelativeName) -> ServiceAnswers? {
        guard let entry = entries[name] else { return nil }
        guard entry.contributions == 1 else {
            entries[name]?.contributions -= 1
            return nil
        }
        entries[name] = nil
        return entry.answers
    }
}
