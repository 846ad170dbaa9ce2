// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import FabDNS
internal import Glibc
internal import Log

/// Reads the command line, serves, and returns the exit code.
private func main() -> Int32 {
    var options = ServerOptions()
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
        let value = argument.hasPrefix("-") ? arguments.next() : nil
        switch (argument, value) {
        case ("-conf", let value?), ("--conf", let value?):
            options.corefile = value
        case ("-dns.port", let value?), ("--dns.port", let value?), ("-p", let value?):
            guard let port = UInt16(value) else { return usage("'\(value)' is not a port") }
            options.port = port
        case ("-pidfile", let value?), ("--pidfile", let value?):
            options.pidFile = value
        default:
            return usage("unknown or incomplete option '\(argument)'")
        }
    }
    let log = Log { level, text in print("[\(level.rawValue)] \(text)") }
    return ServerProgram.run(options, version: "0.1.0", log: log)
}

private func usage(_ problem: String) -> Int32 {
    let text = Array(
        "fabdns: \(problem)\nusage: fabdns -conf COREFILE [-dns.port PORT] [-pidfile FILE]\n".utf8)
    _ = unsafe text.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    return 1
}

exit(main())
