// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Puts a new generation of a feed's state in the place of the current one, step by step.
///
/// A power cut between any two steps leaves one whole generation at least.
struct GenerationWriter {
    enum Step: CaseIterable {
        case create, write, sync, close, keepCurrent, replace, syncFolder
    }

    let files: StateFiles
    let names: GenerationNames
    let octets: [UInt8]
    /// A current generation that could not be read must not take the place of the one before.
    let keepsCurrent: Bool
    private var descriptor: Int32?

    init(files: StateFiles, names: GenerationNames, octets: [UInt8], keepsCurrent: Bool) {
        self.files = files
        self.names = names
        self.octets = octets
        self.keepsCurrent = keepsCurrent
    }

    /// Takes the first so many steps: fewer than all are what a power cut leaves.
    mutating func run(stepCount: Int = Step.allCases.count) throws(SavedStateError) {
        defer { if let descriptor { try? files.close(descriptor, names.new) } }
        do throws(SavedStateError) {
            for step in Step.allCases.prefix(stepCount) { try take(step) }
        } catch {
            files.remove(names.new)
            throw error
        }
    }

    private mutating func take(_ step: Step) throws(SavedStateError) {
        switch step {
        case .create: descriptor = try files.create(names.new)
        case .write: if let descriptor { try files.write(octets, to: descriptor, names.new) }
        case .sync: if let descriptor { try files.sync(descriptor, names.new) }
        case .close:
            guard let open = descriptor else { return }
            descriptor = nil
            try files.close(open, names.new)
        case .keepCurrent:
            if keepsCurrent { _ = try files.rename(names.current, to: names.previous) }
        case .replace:
            guard try files.rename(names.new, to: names.current) else {
                throw SavedStateError(
                    path: files.path(of: names.new), reason: "somebody has removed it")
            }
        case .syncFolder: try files.syncFolder()
        }
    }
}

/// The files of one feed.
struct GenerationNames: Sendable {
    static let currentSuffix = ".state"
    static let previousSuffix = ".state.1"
    static let newSuffix = ".state.new"

    let current: String
    let previous: String
    let new: String

    /// Nil for what names no feed that is saved: names of clusters are one or two labels, and so
    /// are safe as names of files.
    init?(feed: String) {
        guard Self.isFeed(feed) else { return nil }
        current = "\(feed)\(Self.currentSuffix)"
        previous = "\(feed)\(Self.previousSuffix)"
        new = "\(feed)\(Self.newSuffix)"
    }

    private static func isFeed(_ feed: String) -> Bool {
        let prefix = "cluster-"
        guard feed.hasPrefix(prefix) else {
            return [FeedIdentity.hub, .imports].contains { $0.stateName == feed }
        }
        return NameRule.isClusterID(Array(feed.utf8.dropFirst(prefix.utf8.count))[...])
    }
}
