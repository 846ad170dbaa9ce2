// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation

extension Tree {
    /// The top of the repository that this file is in.
    static let top = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What is in the repository, committed or not, without what Git ignores; read once.
    static func repository() throws -> Tree { try read.get() }

    private static let read = Result(catching: readRepository)

    private static func readRepository() throws -> Tree {
        var texts: [String: String] = [:]
        for path in try pathsKnownToGit() {
            // A file that was deleted and is still in the index is nobody's business.
            guard let octets = try? Data(contentsOf: top.appending(path: path)) else { continue }
            texts[path] = String(decoding: octets, as: UTF8.self)
        }
        return Tree(texts)
    }

    private static func pathsKnownToGit() throws -> [String] {
        let git = Process()
        git.executableURL = URL(filePath: "/usr/bin/env")
        // The checkout may belong to another user than the one who runs the tests.
        git.arguments = [
            "git", "-c", "safe.directory=*", "-C", top.path(percentEncoded: false), "ls-files",
            "-z", "--cached", "--others", "--exclude-standard",
        ]
        let output = Pipe()
        git.standardOutput = output
        try git.run()
        let octets = try output.fileHandleForReading.readToEnd() ?? Data()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { throw GitFailure(status: git.terminationStatus) }
        return String(decoding: octets, as: UTF8.self).split(separator: "\0").map(String.init)
    }
}

/// Git could not list the files.
struct GitFailure: Error {
    let status: Int32
}
