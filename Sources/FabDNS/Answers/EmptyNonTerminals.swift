// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Names without data above the names of services, each with the number of names right below it: of
/// services that need it, and of others of its kind.
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

    /// One more service needs the name: the blocks that are new, its own and of those above it.
    mutating func add(_ name: RelativeName) -> [ServiceAnswers] {
        var new: [ServiceAnswers] = []
        var next: RelativeName? = name
        while let name = next {
            if let known = entries.index(forKey: name) {
                entries.values[known].contributions += 1
                break
            }
            let owner = OwnerDescription(name: name, flags: flags(name))
            let answers = BlockWriter.write(BlockDescription(owners: [owner]))
            entries[name] = Entry(contributions: 1, answers: answers)
            new.append(answers)
            next = name.parent
        }
        return new
    }

    /// One service less needs the name: the blocks that nothing needs now, its own and of those
    /// above it.
    mutating func remove(_ name: RelativeName) -> [ServiceAnswers] {
        var gone: [ServiceAnswers] = []
        var next: RelativeName? = name
        while let name = next, let known = entries.index(forKey: name) {
            guard entries.values[known].contributions == 1 else {
                entries.values[known].contributions -= 1
                break
            }
            gone.append(entries.remove(at: known).value.answers)
            next = name.parent
        }
        return gone
    }
}
