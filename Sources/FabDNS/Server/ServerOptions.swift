// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What `fabdns` was told on its command line.
package struct ServerOptions: Sendable {
    package var corefile = "Corefile"
    /// Replaces 53 where a Corefile names no port.
    package var port: UInt16 = 53
    package var pidFile: String?
    package var isQuiet = false

    static let usage =
        "usage: fabdns -conf COREFILE [-dns.port PORT | -p PORT] [-pidfile FILE] [-quiet]"

    /// Reads the arguments behind the program's name; one dash or two before an option.
    static func read(_ arguments: [String]) -> Result<ServerOptions, ServerError> {
        var options = ServerOptions()
        var rest = arguments.dropFirst().makeIterator()
        while let argument = rest.next() {
            let name = argument.hasPrefix("--") ? String(argument.dropFirst()) : argument
            if name == "-quiet" {
                options.isQuiet = true
                continue
            }
            guard ["-conf", "-dns.port", "-p", "-pidfile"].contains(name) else {
                return .failure(ServerError(description: "unknown option '\(argument)'"))
            }
            guard let value = rest.next() else {
                return .failure(ServerError(description: "\(argument) needs a value"))
            }
            switch name {
            case "-conf": options.corefile = value
            case "-pidfile": options.pidFile = value
            default:
                guard let port = UInt16(value) else {
                    return .failure(ServerError(description: "'\(value)' is not a port"))
                }
                options.port = port
            }
        }
        return .success(options)
    }
}
