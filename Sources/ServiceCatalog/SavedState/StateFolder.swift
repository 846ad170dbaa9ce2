// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Synchronization

/// The folder that keeps the state of a catalog's feeds over restarts.
///
/// All of it blocks as long as the disk takes: it is for a queue that may wait.
package final class StateFolder: Sendable {
    private struct State: Sendable {
        /// Nil once it is closed.
        var files: StateFiles?
        /// Current generations that could not be read.
        var refused: Set<String> = []
    }

    package let path: String
    private let state: Mutex<State>

    /// Makes the folder if it is missing, and keeps every other catalog and process out of it.
    package init(path: String) throws(SavedStateError) {
        let files = try StateFiles(path: path)
        do throws(SavedStateError) {
            // What a power cut or a kill has left half written.
            for name in try files.names() where name.hasSuffix(GenerationNames.newSuffix) {
                let feed = String(name.dropLast(GenerationNames.newSuffix.count))
                if GenerationNames(feed: feed) != nil { files.remove(name) }
            }
        } catch {
            files.close()
            throw error
        }
        self.path = path
        state = Mutex(State(files: files))
    }

    deinit { close() }

    /// Lets others have the folder.
    package func close() {
        state.withLock { state in
            state.files?.close()
            state.files = nil
        }
    }

    /// The feeds that have a file here, sorted; none where the folder cannot be read.
    ///
    /// Who was killed between two renames has left the generation before alone.
    package var feeds: [String] {
        let names = state.withLock { (try? $0.files?.names()) ?? [] }
        let feeds = [GenerationNames.currentSuffix, GenerationNames.previousSuffix].flatMap {
            suffix in
            names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
        }
        return Set(feeds).filter { GenerationNames(feed: $0) != nil }.sorted()
    }

    /// Whether a path leads to this folder, however it is spelled.
    package func isFolder(at path: String) -> Bool {
        state.withLock { $0.files?.isFolder(at: path) ?? false }
    }

    /// Forgets a feed.
    package func remove(_ feed: String) {
        guard let names = GenerationNames(feed: feed) else { return }
        state.withLock { state in
            for name in [names.previous, names.current] { state.files?.remove(name) }
        }
    }

    /// The newest good generation of a feed, and what was refused on the way with its reason.
    package func load(_ feed: String) -> (saved: SavedFeed?, refused: [SavedStateError]) {
        var refused: [SavedStateError] = []
        do throws(SavedStateError) {
            let names = try names(of: feed)
            let saved = try state.withLock { state throws(SavedStateError) -> SavedFeed? in
                let files = try open(state)
                state.refused.remove(feed)
                for name in [names.current, names.previous] {
                    do throws(SavedStateError) {
                        if let saved = try Self.read(name, of: feed, files) { return saved }
                    } catch {
                        if name == names.current { state.refused.insert(feed) }
                        refused.append(error)
                    }
                }
                return nil
            }
            return (saved, refused)
        } catch {
            return (nil, refused + [error])
        }
    }

    /// Writes a new generation; what fails leaves those that are there.
    package func save(_ feed: SavedFeed) throws(SavedStateError) {
        try save(feed, stepCount: GenerationWriter.Step.allCases.count)
    }

    /// The first so many steps of that.
    func save(_ feed: SavedFeed, stepCount: Int) throws(SavedStateError) {
        let names = try names(of: feed.feed)
        let octets = SavedStateCodec.encode(feed)
        try state.withLock { state throws(SavedStateError) in
            let files = try open(state)
            guard octets.count <= StateFiles.maximumSize else {
                throw SavedStateError(
                    path: files.path(of: names.new), reason: StateFiles.tooLarge)
            }
            var writer = GenerationWriter(
                files: files, names: names, octets: octets,
                keepsCurrent: !state.refused.contains(feed.feed))
            try writer.run(stepCount: stepCount)
            state.refused.remove(feed.feed)
        }
    }

    private func names(of feed: String) throws(SavedStateError) -> GenerationNames {
        guard let names = GenerationNames(feed: feed) else {
            throw SavedStateError(path: path, reason: "expected the name of a feed")
        }
        return names
    }

    private func open(_ state: State) throws(SavedStateError) -> StateFiles {
        guard let files = state.files else {
            throw SavedStateError(path: path, reason: "the folder is closed")
        }
        return files
    }

    private static func read(
        _ name: String, of feed: String, _ files: StateFiles
    ) throws(SavedStateError) -> SavedFeed? {
        guard let octets = try files.read(name) else { return nil }
        let path = files.path(of: name)
        let saved = try SavedStateCodec.decode(octets, path: path)
        guard saved.feed == feed else {
            throw SavedStateError(path: path, reason: "expected the state of \(feed)")
        }
        return saved
    }
}
