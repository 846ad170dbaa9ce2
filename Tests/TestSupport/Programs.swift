// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import Foundation
internal import Synchronization

package enum Programs {
    /// The top of the repository.
    package static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Where the build puts programs, beside the tests.
    private static var products: URL {
        let executable = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return FileManager.default.fileExists(atPath: executable.appending(path: "fabdns").path())
            ? executable : executable.deletingLastPathComponent()
    }

    package static var fabdns: URL { built("fabdns") }

    /// A program of ours, as it was built with the tests.
    package static func built(_ name: String) -> URL { products.appending(path: name) }

    /// A program of this machine that a test cannot do without.
    package static func required(_ name: String) throws -> URL {
        guard let program = installed(name) else { throw Failure("no \(name)") }
        return program
    }

    /// A program of this machine; nil when it is not installed.
    package static func installed(_ name: String) -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"])
            .map { URL(filePath: $0).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path()) }
    }

    /// Real CoreDNS, where the variable COREDNS names it.
    package static var coreDNS: URL? {
        ProcessInfo.processInfo.environment["COREDNS"].map { URL(filePath: $0) }
    }

    /// How a program ended and what it said.
    package struct Ended {
        package let status: Int32
        package let output: String
        package let error: String
    }

    /// Runs a program to its end, from the top of the repository; it reads `input`.
    package static func run(
        _ program: URL, _ arguments: [String], input: String = ""
    ) throws -> Ended {
        let process = Process()
        // A file and not a pipe: nobody has to go on writing when the program ends early.
        let folder = try input.isEmpty ? nil : Folder(["input": input])
        let output = Pipe()
        let error = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = repository
        process.standardInput =
            try folder.map { try FileHandle(forReadingFrom: $0.url.appending(path: "input")) }
            ?? FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let errors = Collected(error.fileHandleForReading)
        let text = Collected(output.fileHandleForReading)
        process.waitUntilExit()
        return Ended(
            status: process.terminationStatus, output: text.untilEnd(), error: errors.untilEnd())
    }

    /// A port that is free for UDP and TCP at this moment.
    package static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000...32_000)
            if Socket.isFree(port) { return port }
        }
        throw Failure("no free port")
    }
}

/// A folder of a test, removed with it.
package final class Folder: Sendable {
    package let url: URL

    package init(
        _ files: [String: String] = [:],
        in parent: URL = FileManager.default.temporaryDirectory
    ) throws {
        url = parent.appending(path: "fabdns-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    package func path(_ name: String) -> String { url.appending(path: name).path() }

    /// Replaces a file at once, as editors and tools do.
    package func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: url.appending(path: name), options: .atomic)
    }
}

/// What a program writes, collected as it comes.
package final class Collected: Sendable {
    private let text = Mutex("")
    private let ended = DispatchSemaphore(value: 0)

    /// `hears` gets each part as it comes.
    package init(
        _ handle: FileHandle, hears: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        let thread = Thread { [self] in
            while true {
                let more = handle.availableData
                guard !more.isEmpty else { break }
                let part = String(decoding: more, as: UTF8.self)
                text.withLock { $0 += part }
                hears(part)
            }
            ended.signal()
        }
        thread.start()
    }

    package var soFar: String { text.withLock { $0 } }

    /// All of it, once the program has closed its end.
    package func untilEnd() -> String {
        _ = ended.wait(timeout: .now() + 20)
        return soFar
    }

    /// Waits until the text has `part`; false after `seconds`.
    package func waits(for part: String, seconds: Double = 20) -> Bool {
        eventually(within: seconds) { soFar.contains(part) }
    }
}

/// A certificate in PEM made by openssl, for tests only.
package enum Certificates {
    /// Writes `NAME.pem` and `NAME.key` for 127.0.0.1 and localhost: signed by `authority`, which
    /// was made here too, else by itself.
    package static func make(
        _ name: String, in folder: Folder, signedBy authority: String? = nil
    ) throws {
        guard let openssl = Programs.installed("openssl") else { throw Failure("no openssl") }
        var arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=\(name)", "-keyout", folder.path("\(name).key"),
            "-out", folder.path("\(name).pem"), "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ]
        if let authority {
            arguments += [
                "-CA", folder.path("\(authority).pem"), "-CAkey", folder.path("\(authority).key"),
                "-addext", "basicConstraints=critical,CA:FALSE",
            ]
        }
        let ended = try Programs.run(openssl, arguments)
        guard ended.status == 0 else { throw Failure(ended.error) }
    }
}
