// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport

/// The wall clock of a program, which a test sets while the program runs.
///
/// A small library is preloaded into the program (`Tests/SkewedClock`). Clocks that nobody can set
/// go on as they do when somebody sets the real one.
final class SkewedClock: Sendable {
    static let tenYears = 3653 * 86_400

    /// Whether there is a compiler, and a program takes the library: one with a sanitizer in it has
    /// clocks of its own.
    static let isPossible: Bool = {
        for sanitizer in ["__asan_init", "__tsan_init"]
        where unsafe dlsym(nil, sanitizer) != nil { return false }
        guard let clock = try? SkewedClock(), (try? clock.set(ahead: tenYears)) != nil,
            let date = Programs.installed("date"),
            let said = try? RunningProgram(date, ["+%Y"], environment: clock.environment),
            let year = Int(said.output.untilEnd().trimmingCharacters(in: .newlines))
        else { return false }
        return year >= Calendar(identifier: .gregorian).component(.year, from: Date()) + 9
    }()

    private let folder: Folder

    init() throws {
        folder = try Folder()
        let source = Programs.repository.appending(path: "Tests/SkewedClock/SkewedClock.c")
        let ended = try Programs.run(
            Programs.required("clang"),
            [
                "-std=c17", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o",
                folder.path("SkewedClock.so"), source.path(),
            ])
        guard ended.status == 0 else { throw Failure(ended.error) }
        try folder.write("offset", String(repeating: "\0", count: 8))
    }

    /// What a program's environment needs.
    var environment: [String: String] {
        [
            "LD_PRELOAD": folder.path("SkewedClock.so"),
            "FABDNS_SKEWED_CLOCK": folder.path("offset"),
        ]
    }

    /// Sets the clock so many seconds ahead of the true one.
    func set(ahead seconds: Int) throws {
        // In the file that programs have mapped, which so must stay the same.
        let file = try FileHandle(forWritingTo: folder.url.appending(path: "offset"))
        let octets = (0..<8).map { UInt8(truncatingIfNeeded: Int64(seconds) >> (8 * $0)) }
        try file.write(contentsOf: Data(octets))
        try file.close()
    }
}
