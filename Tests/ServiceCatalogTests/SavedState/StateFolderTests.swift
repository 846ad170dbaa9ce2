// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("The folder of saved state")
struct StateFolderTests {
    private let parent: Folder
    private let path: String

    init() throws {
        parent = try Folder()
        path = parent.path("var/state")
    }

    private func file(_ name: String) -> URL { URL(filePath: path).appending(path: name) }

    private var names: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: path)) }
    }

    private func damage(_ name: String) throws {
        var octets = try Data(contentsOf: file(name))
        octets[octets.count - 1] ^= 1
        try octets.write(to: file(name))
    }

    private static func generation(_ folder: StateFolder) -> Double? {
        folder.load("globalservices").saved?.currentSeconds
    }

    @Test(
        "Every feed of an API has a name that can be saved",
        arguments: [FeedIdentity.hub, .imports, .direct(cluster: "a"), .direct(cluster: "a.b")])
    func names(_ feed: FeedIdentity) throws {
        let folder = try Folder()
        let state = try StateFolder(path: folder.path("state"))
        let name = try #require(feed.stateName)
        try state.save(SavedFeed(feed: name, currentSeconds: 1, services: []))
        #expect(state.load(name).saved?.feed == name)
        #expect(state.feeds == [name])
    }

    @Test("The folder is made with its parents, for the server and its group alone")
    func modes() throws {
        let folder = try StateFolder(path: path)
        try folder.save(SavedStateSamples.generation(1))
        for (name, mode) in [("", 0o750), (".lock", 0o640), ("globalservices.state", 0o640)] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: file(name).path())
            let permissions = try #require(attributes[.posixPermissions] as? Int)
            #expect(permissions & ~mode == 0 && permissions & 0o600 == 0o600, "\(name)")
        }
    }

    @Test("Where nothing was saved nothing is loaded, and nothing is refused")
    func empty() throws {
        let (saved, refused) = try StateFolder(path: path).load("globalservices")
        #expect(saved == nil && refused.isEmpty)
    }

    @Test("The newest generation is loaded, and the one before it is kept")
    func generations() throws {
        let folder = try StateFolder(path: path)
        for number in 1...3 { try folder.save(SavedStateSamples.generation(number)) }
        try folder.save(SavedStateSamples.small)
        let (saved, refused) = folder.load("globalservices")
        #expect(saved?.names == ["a/generation-3"] && refused.isEmpty)
        #expect(folder.load("cluster-edge.east").saved?.names == ["shop/cart", "shop/db"])
        #expect(
            try names == [
                ".lock", "globalservices.state", "globalservices.state.1",
                "cluster-edge.east.state",
            ])
        let before = try SavedStateCodec.decode(
            Array(Data(contentsOf: file("globalservices.state.1"))), path: "")
        #expect(before.names == ["a/generation-2"])
    }

    @Test("Where the newest generation is damaged the one before is loaded, and outlives it")
    func damagedGeneration() throws {
        let folder = try StateFolder(path: path)
        for number in 1...2 { try folder.save(SavedStateSamples.generation(number)) }
        try damage("globalservices.state")
        let (saved, refused) = folder.load("globalservices")
        #expect(saved?.currentSeconds == 1)
        #expect(
            refused.map(\.description) == [
                "\(path)/globalservices.state: the checksum is wrong"
            ])
        try folder.save(SavedStateSamples.generation(3))
        #expect(Self.generation(folder) == 3)
        try damage("globalservices.state")
        #expect(Self.generation(folder) == 1)
        try damage("globalservices.state.1")
        let none = folder.load("globalservices")
        #expect(none.saved == nil && none.refused.count == 2)
        try folder.save(SavedStateSamples.generation(4))
        #expect(Self.generation(folder) == 4)
    }

    @Test("What a newer version has written, or is of another feed, is refused with that reason")
    func foreignFiles() throws {
        let folder = try StateFolder(path: path)
        for number in 1...2 { try folder.save(SavedStateSamples.generation(number)) }
        var newer = SavedStateCodec.encode(SavedStateSamples.generation(3))
        newer[8] = 2
        try Data(newer).write(to: file("globalservices.state"))
        let (saved, refused) = folder.load("globalservices")
        #expect(saved?.currentSeconds == 1)
        #expect(
            refused.map(\.reason) == ["written by a newer version (2, this one reads up to 1)"])
        try Data(SavedStateCodec.encode(SavedStateSamples.small))
            .write(to: file("cluster-a.state"))
        #expect(
            folder.load("cluster-a").refused.map(\.reason) == ["expected the state of cluster-a"])
    }

    @Test("What is no file of at most 1 GiB is refused without being read")
    func oddFiles() throws {
        let folder = try StateFolder(path: path)
        try folder.save(SavedStateSamples.generation(1))
        #expect(unsafe truncate(file("globalservices.state").path(), 1 << 30 + 1) == 0)
        #expect(unsafe mkfifo(file("globalservices.state.1").path(), 0o600) == 0)
        let (saved, refused) = folder.load("globalservices")
        #expect(saved == nil)
        #expect(refused.map(\.reason) == ["expected at most 1 GiB", "expected a regular file"])
    }

    @Test(
        "Only names of feeds are names of files",
        arguments: [
            ("globalservices", true), ("cluster-a", true), ("cluster-edge-1.east", true),
            ("cluster-", false), ("cluster-a.b.c", false), ("cluster-a.", false),
            ("cluster-../a", false), ("cluster-a/b", false), ("cluster-A", false), ("a", false),
            ("", false), ("cluster-a\u{0}", false), ("globalservices.state", false),
            ("cluster-" + String(repeating: "a", count: 64), false),
        ])
    func feedNames(_ feed: String, _ isName: Bool) throws {
        let folder = try StateFolder(path: path)
        let sample = SavedStateSamples.generation(1, of: feed)
        if isName {
            try folder.save(sample)
            #expect(folder.load(feed).saved?.feed == feed)
        } else {
            #expect(throws: SavedStateError.self) { try folder.save(sample) }
            #expect(folder.load(feed).refused.map(\.reason) == ["expected the name of a feed"])
            #expect(try names == [".lock"])
        }
    }

    @Test("A direct watch and the GlobalServices have names to be saved under, a file has none")
    func identities() {
        #expect(FeedIdentity.direct(cluster: "a.b").stateName == "cluster-a.b")
        #expect(FeedIdentity.hub.stateName == "globalservices")
        #expect(FeedIdentity.file.stateName == nil)
    }

    @Test("Two catalogs do not share a folder, unless one after the other")
    func lock() throws {
        let first = try StateFolder(path: path)
        #expect(
            throws: SavedStateError(
                path: "\(path)/.lock",
                reason: "another catalog or process keeps its state in this folder")
        ) { try StateFolder(path: path) }
        first.close()
        first.close()
        #expect(throws: SavedStateError(path: path, reason: "the folder is closed")) {
            try first.save(SavedStateSamples.generation(1))
        }
        #expect(first.load("globalservices").refused.map(\.reason) == ["the folder is closed"])
        let second = try StateFolder(path: path)
        try second.save(SavedStateSamples.generation(1))
    }

    @Test("A folder is known by what it is, however its path is spelled")
    func spellings() throws {
        let state = try StateFolder(path: path)
        let link = parent.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        for same in [path, path + "/", parent.path("./var//state"), link, link + "/../state"] {
            #expect(state.isFolder(at: same), "\(same)")
        }
        for other in [parent.path("var"), path + "/none", path + "/.lock", ""] {
            #expect(!state.isFolder(at: other), "\(other)")
        }
        // One that takes its place is another one.
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(!state.isFolder(at: path))
        state.close()
        #expect(!state.isFolder(at: path))
    }

    @Test("A file is no folder")
    func noFolder() throws {
        try parent.write("file", "")
        for below in ["file", "file/state"] {
            #expect(
                throws: SavedStateError(
                    path: parent.path(below),
                    reason: below == "file"
                        ? "open: Not a directory" : "make the folder: Not a directory")
            ) { try StateFolder(path: parent.path(below)) }
        }
    }

    @Test("What was left half written is removed, and nothing else")
    func leftovers() throws {
        try StateFolder(path: path).close()
        for name in ["cluster-a.state.new", "globalservices.state.new", "b.state.new", "x.new"] {
            try Data("x".utf8).write(to: file(name))
        }
        try StateFolder(path: path).close()
        #expect(try names == [".lock", "b.state.new", "x.new"])
    }

    @Test(
        "A power cut after any step leaves the old generation or the new one, whole",
        arguments: 0...GenerationWriter.Step.allCases.count, [0, 1, 2])
    func powerCuts(_ stepCount: Int, _ before: Int) throws {
        let folder = try StateFolder(path: path)
        for number in 0..<before { try folder.save(SavedStateSamples.generation(number + 1)) }
        try folder.save(SavedStateSamples.generation(3), stepCount: stepCount)
        let isReplaced = stepCount >= 6
        let expected = isReplaced ? 3 : before > 0 ? Double(before) : nil
        func check(_ folder: StateFolder) {
            let (saved, refused) = folder.load("globalservices")
            #expect(saved?.currentSeconds == expected)
            #expect(refused.isEmpty)
        }
        check(folder)
        folder.close()
        let restarted = try StateFolder(path: path)
        // Also where only the generation before is left.
        #expect(restarted.feeds == (expected == nil ? [] : ["globalservices"]))
        check(restarted)
        #expect(try !names.contains("globalservices.state.new"))
        try restarted.save(SavedStateSamples.generation(4))
        #expect(Self.generation(restarted) == 4)
        // The generation before it is the one that was there after the cut.
        try damage("globalservices.state")
        #expect(Self.generation(restarted) == expected)
    }

    @Test("A power cut while a damaged generation is replaced leaves the good one")
    func powerCutsAfterDamage() throws {
        for stepCount in 0..<GenerationWriter.Step.allCases.count {
            let feed = "cluster-\(stepCount)"
            let folder = try StateFolder(path: path)
            for number in 1...2 { try folder.save(SavedStateSamples.generation(number, of: feed)) }
            try damage("\(feed).state")
            #expect(folder.load(feed).saved?.currentSeconds == 1)
            try folder.save(SavedStateSamples.generation(3, of: feed), stepCount: stepCount)
            folder.close()
            let expected: Double = stepCount >= 6 ? 3 : 1
            let restarted = try StateFolder(path: path)
            #expect(restarted.load(feed).saved?.currentSeconds == expected)
            restarted.close()
        }
    }

    @Test("Whoever loads while others save gets a whole generation")
    func atOnce() async throws {
        let folder = try StateFolder(path: path)
        try folder.save(SavedStateSamples.generation(0))
        await withTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    #expect(throws: Never.self) {
                        try folder.save(SavedStateSamples.generation(number))
                    }
                    let (saved, refused) = folder.load("globalservices")
                    #expect(saved != nil && refused.isEmpty)
                }
            }
        }
    }
}
