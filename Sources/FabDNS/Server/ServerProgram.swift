// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import Dispatch
internal import EventLoop
internal import Glibc
package import Log

/// The life of the program `fabdns` between its command line and its exit code.
package enum ServerProgram {
    /// Reads the command line, serves, and ends the process.
    package static func main(_ arguments: [String], version: String) -> Never {
        // Written at once: a pipe would hold buffered lines back until the end.
        let log = Log { level, text in write("[\(level.rawValue)] \(text)\n", to: STDOUT_FILENO) }
        switch ServerOptions.read(arguments) {
        case .success(let options): exit(run(options, version: version, log: log))
        case .failure(let error):
            write("fabdns: \(error)\n\(ServerOptions.usage)\n", to: STDERR_FILENO)
            exit(1)
        }
    }

    /// Serves until a signal ends it; the exit code.
    package static func run(
        _ options: ServerOptions, version: String, log: Log
    ) -> Int32 {
        _ = signal(SIGPIPE, SIG_IGN)
        let environment = ProcessEnvironment.current()
        let server = Server(log: log)
        do throws(ServerError) {
            try server.start(try load(options, environment))
            if let file = options.pidFile { try write("\(getpid())\n", toFile: file) }
        } catch {
            write("\(error)\n", to: STDERR_FILENO)
            return 1
        }
        if !options.isQuiet {
            write(
                server.announcements.joined(separator: "\n") + "\nFabDNS-\(version)\n",
                to: STDOUT_FILENO)
        }
        return serve(server, options, environment, log)
    }

    private static func serve(
        _ server: Server, _ options: ServerOptions, _ environment: [String: String], _ log: Log
    ) -> Int32 {
        let end = DispatchSemaphore(value: 0)
        let signals = Signals()
        let reloads = DispatchQueue(label: "fabdns.reload")
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
        end.wait()
        withExtendedLifetime(signals) {}
        if let file = options.pidFile { _ = unsafe unlink(file) }
        return 0
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

    private static func write(_ text: String, toFile path: String) throws(ServerError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ServerError(description: "\(SystemError.last("pidfile \(path)"))")
        }
        write(text, to: descriptor)
        close(descriptor)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let octets = Array(text.utf8)
        _ = unsafe octets.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
    }
}

/// The server on its way to the queue that reloads it.
private struct ServerReference: @unchecked Sendable {
    // Premise of @unchecked Sendable: after the start only the reload queue uses the server.
    let server: Server
}
