// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CommandLineOptions
internal import Corefile
internal import Dispatch
internal import EventLoop
internal import Glibc
internal import Log

/// The life of the program `fabdns` between its command line and its exit code.
///
/// 0 after a signal asked it to end, 1 when it cannot do what it was told, 2 when it was told
/// nothing that it understands.
package enum ServerProgram {
    /// Reads the command line, does what it says, and ends the process.
    package static func main(_ arguments: [String], version: String) -> Never {
        _ = signal(SIGPIPE, SIG_IGN)
        do throws(UsageError) {
            if arguments.dropFirst().first == "zone" {
                exit(try ZoneProgram.run(arguments.dropFirst(2)))
            }
            var options = ServerOptions()
            guard try ServerOptions.syntax.read(arguments.dropFirst(), into: &options) != nil else {
                Output.standard.write(ServerOptions.syntax.help)
                exit(0)
            }
            exit(run(options, version: version))
        } catch {
            Output.error.write("fabdns: \(error)\nfabdns -help says what there is.\n")
            exit(2)
        }
    }

    private static func run(_ options: ServerOptions, version: String) -> Int32 {
        switch options.request {
        case .serve: return serve(options, version: version)
        case .version: Output.standard.write("FabDNS-\(version)\n")
        case .plugins: Output.standard.write(directives)
        }
        return 0
    }

    /// Under the heading and with the prefix that CoreDNS's users look for.
    private static var directives: String {
        Corefile.directives.reduce("Other plugins:\n") { $0 + "  dns.\($1)\n" }
    }

    /// Serves until a signal ends it; the exit code.
    private static func serve(_ options: ServerOptions, version: String) -> Int32 {
        // Written at once: a pipe would hold buffered lines back until the end.
        let log = Log { level, text in Output.standard.write("[\(level.rawValue)] \(text)\n") }
        let environment = ProcessEnvironment.current()
        let server = Server(log: log)
        let end = DispatchSemaphore(value: 0)
        let reloads = DispatchQueue(label: "fabdns.reload", attributes: .initiallyInactive)
        // Before anything is served or said: whoever reads that we serve may send a signal at once.
        let signals = listen(end, reloads, server, options, environment, log)
        do throws(ServerError) {
            try server.start(try load(options, environment))
            if let file = options.pidFile { try writeProcessID(file) }
        } catch {
            Output.error.write("\(error)\n")
            // An inactive queue may not be given back.
            reloads.activate()
            return 1
        }
        reloads.activate()
        if !options.isQuiet {
            Output.standard.write(
                server.announcements.joined(separator: "\n") + "\nFabDNS-\(version)\n")
        }
        end.wait()
        withExtendedLifetime(signals) {}
        if let file = options.pidFile { _ = unsafe unlink(file) }
        return 0
    }

    /// Signals that end the server, and the one that asks for a reload once it serves.
    private static func listen(
        _ end: DispatchSemaphore, _ reloads: DispatchQueue, _ server: Server,
        _ options: ServerOptions, _ environment: [String: String], _ log: Log
    ) -> Signals {
        let signals = Signals()
        let reference = ServerReference(server: server)
        signals.on([SIGTERM, SIGINT, SIGQUIT]) { end.signal() }
        signals.on([SIGHUP]) {}
        signals.on([SIGUSR1]) {
            reloads.async {
                do throws(ServerError) {
                    try reference.server.reload(try load(options, environment))
                    log.info("reloaded \(options.corefile)")
                } catch {
                    log.error("reload failed, nothing has changed: \(error)")
                }
            }
        }
        return signals
    }

    private static func load(
        _ options: ServerOptions, _ environment: [String: String]
    ) throws(ServerError) -> ServerConfiguration {
        do throws(ConfigurationError) {
            return try Corefile.load(
                path: options.corefile, defaultPort: options.port, environment: environment)
        } catch {
            throw ServerError(description: "\(error)")
        }
    }

    private static func writeProcessID(_ path: String) throws(ServerError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ServerError(description: "\(SystemError.last("pidfile \(path)"))")
        }
        defer { close(descriptor) }
        guard Output(descriptor: descriptor).write("\(getpid())\n") else {
            throw ServerError(description: "\(SystemError.last("pidfile \(path)"))")
        }
    }
}

/// The server on its way to the queue that reloads it.
private struct ServerReference: @unchecked Sendable {
    // Premise of @unchecked Sendable: after the start only the reload queue uses the server.
    let server: Server
}
