// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("Disks that fail")
struct StateDiskTests {
    private static func names(in path: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: path))
    }

    @Test(
        "A full disk is an error, and what was saved stays",
        .enabled(if: MemoryDisk.isPossible, "this process may not mount a disk"))
    func fullDisk() throws {
        let disk = try #require(try MemoryDisk(octetCount: 1 << 16))
        let folder = try StateFolder(path: disk.path)
        for number in 1...2 { try folder.save(SavedStateSamples.generation(number)) }
        var random = SeededRandom(seed: TestRun.seed)
        let large = SavedStateSamples.random(&random, serviceCount: 2000)
        #expect(
            throws: SavedStateError(
                path: "\(disk.path)/globalservices.state.new",
                reason: "write: No space left on device")
        ) { try folder.save(large) }
        #expect(folder.load("globalservices").saved?.currentSeconds == 2)
        #expect(
            try Self.names(in: disk.path)
                == [".lock", "globalservices.state", "globalservices.state.1"])
        try folder.save(SavedStateSamples.generation(3))
        #expect(folder.load("globalservices").saved?.currentSeconds == 3)
        folder.close()
    }

    @Test(
        "A disk that has become read-only is an error for writes alone",
        .enabled(if: MemoryDisk.isPossible, "this process may not mount a disk"))
    func readOnlyDisk() throws {
        let disk = try #require(try MemoryDisk(octetCount: 1 << 16))
        let folder = try StateFolder(path: disk.path)
        try folder.save(SavedStateSamples.generation(1))
        // A lock that is open for writing keeps the disk from it.
        folder.close()
        #expect(disk.makeReadOnly())
        let again = try StateFolder(path: disk.path)
        #expect(again.load("globalservices").saved?.currentSeconds == 1)
        #expect(
            throws: SavedStateError(
                path: "\(disk.path)/globalservices.state.new",
                reason: "create: Read-only file system")
        ) { try again.save(SavedStateSamples.generation(2)) }
        #expect(again.load("globalservices").saved?.currentSeconds == 1)
        #expect(throws: SavedStateError.self) { try StateFolder(path: disk.path) }
        again.close()
        let below = "\(disk.path)/a/b"
        #expect(throws: SavedStateError.self) { try StateFolder(path: below) }
    }

    @Test("A folder without the right to write is an error", .enabled(if: getuid() != 0, "root"))
    func readOnlyFolder() throws {
        let parent = try Folder()
        let path = parent.path("state")
        let folder = try StateFolder(path: path)
        try folder.save(SavedStateSamples.generation(1))
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: path)
        defer {
            try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        #expect(throws: SavedStateError.self) { try folder.save(SavedStateSamples.generation(2)) }
        #expect(folder.load("globalservices").saved?.currentSeconds == 1)
    }

    @Test("A step that fails leaves what is there")
    func failingRename() throws {
        let parent = try Folder()
        let path = parent.path("state")
        let folder = try StateFolder(path: path)
        try folder.save(SavedStateSamples.generation(1))
        // Nothing can be renamed to a folder that holds something.
        try FileManager.default.createDirectory(
            atPath: "\(path)/globalservices.state.1/x", withIntermediateDirectories: true)
        #expect(
            throws: SavedStateError(
                path: "\(path)/globalservices.state", reason: "rename: Is a directory")
        ) { try folder.save(SavedStateSamples.generation(2)) }
        #expect(folder.load("globalservices").saved?.currentSeconds == 1)
        #expect(
            try Self.names(in: path)
                == [".lock", "globalservices.state", "globalservices.state.1"])
    }

    @Test("A folder that is removed while it is in use is an error")
    func removedFolder() throws {
        let parent = try Folder()
        let path = parent.path("state")
        let folder = try StateFolder(path: path)
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: SavedStateError.self) { try folder.save(SavedStateSamples.generation(1)) }
        #expect(folder.load("globalservices").saved == nil)
    }
}
