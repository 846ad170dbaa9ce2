// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import Foundation

/// A program that runs until the test is over, ended by its process id.
package final class RunningProgram: Sendable {
    private let process = Process()
    package let output: Collected

    /// `hears` gets what it writes, as it comes.
    package init(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:],
        hears: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let pipe = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = Programs.repository
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        output = Collected(pipe.fileHandleForReading, hears: hears)
    }

    deinit { end(SIGKILL) }

    package var isRunning: Bool { process.isRunning }
    package var identifier: Int32 { process.processIdentifier }

    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Sends a signal and waits for the end; the exit code.
    @discardableResult
    package func end(_ number: Int32 = SIGTERM) -> Int32 {
        if process.isRunning { kill(process.processIdentifier, number) }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
