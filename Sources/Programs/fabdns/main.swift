// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import FabDNS
internal import Foundation
internal import Log

var options = ServerOptions()
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "-conf", "--conf": options.corefile = arguments.next() ?? ""
    case "-dns.port", "-p": options.port = UInt16(arguments.next() ?? "") ?? 53
    default: break
    }
}
let log = Log { level, text in print("[\(level.rawValue)] \(text)") }
exit(
    ServerProgram.run(
        options, environment: ProcessInfo.processInfo.environment, version: "0.1.0", log: log))
