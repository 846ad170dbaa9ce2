// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport

/// Drops whatever goes to or comes from a TCP port of this machine, until it is healed or gone.
///
/// A shell keeps the rules for as long as the pipe to it is open, so that they go with this process
/// however that ends.
final class Partition: Sendable {
    /// Whether this machine lets us.
    static let isPossible: Bool = {
        guard geteuid() == 0, let iptables = Programs.installed("iptables") else { return false }
        return (try? Programs.run(iptables, ["-w", "-n", "-L", "INPUT"]).status) == 0
    }()

    private static let script = """
        trap '' INT TERM HUP
        rules() {
            for side in dport sport; do
                "$1" -w "$2" INPUT -i lo -p tcp --"$side" "$3" -j DROP
            done
        }
        rules "$0" -I "$1" && echo closed
        read -r nothing
        rules "$0" -D "$1"
        """

    private let process = Process()
    private let pipe = Pipe()

    init(port: UInt16) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", Self.script, try Programs.required("iptables").path(), "\(port)",
        ]
        process.standardInput = pipe
        process.standardOutput = output
        try process.run()
        let said = Collected(output.fileHandleForReading)
        guard said.waits(for: "closed") else { throw Failure("no rules for port \(port)") }
    }

    deinit { heal() }

    func heal() {
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
