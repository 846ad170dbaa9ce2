// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import FabDNS
internal import Log

/// Closures written at the top level belong to the main actor, so everything is built in the room.
private func main() -> Never {
    let log = Log { level, text in print("[\(level.rawValue)] \(text)") }
    ServerProgram.main(CommandLine.arguments, version: "0.1.0", log: log)
}

main()
