// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation

/// Ends programs and removes their folder when the test process dies before it could.
///
/// A shell waits for the end of a pipe that this process alone holds open. It ends only those
/// processes of the list whose command line names the folder, for numbers are used again.
final class LastWill: Sendable {
    private static let script = """
        trap '' INT TERM HUP
        read -r nothing
        while read -r pid; do
            grep -qsF "$0" "/proc/$pid/cmdline" && kill -9 "$pid"
        done < "$0/pids"
        sleep 0.2
        rm -rf "$0"
        """

    private let process = Process()
    private let pipe = Pipe()
    private let folder: Folder

    init(for folder: Folder) throws {
        self.folder = folder
        try folder.write("pids", "")
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, folder.url.path()]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Replaces the list of those who are to be ended.
    func name(_ programs: [RunningProgram]) throws {
        try folder.write("pids", programs.map { "\($0.identifier)\n" }.joined())
    }
}
