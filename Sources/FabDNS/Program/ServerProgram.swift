// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CommandLineOptions
internal import Corefile
internal import Dispatch
internal import EventLoop
internal import Glibc
internal import Log
internal import Terminal

/// The life of the program `fabdns` between its command line and its exit code.
///
/// 0 after a signal asked it to end, 1 when it cannot do what it was told, 2 when it was told
/// nothing that it understands.
package enum ServerProgram {
    /// Reads the command line, does what it says, and ends the process.
    package static func main(_ arguments: [String], version: String) -> Never {
        _ = signal(SIGPIPE, SIG_IGN)
        do throws(UsageError) {
            exit(try program(version: version).run(arguments.dropFirst()))
        } catch {
            Output.error.write("fabdns: \(error)\nfabdns -help says what there is.\n")
            exit(2)
        }
    }

    private static func program(version: String) -> CommandProgram {
        CommandProgram(
            main: Command(ServerOptions.syntax, ServerOptions()) { options, _ in
                run(options, version: version)
            },
            commands: [CheckProgram.command, ZoneProgram.command], date: "November 26, 2026",
            exitCodes: [
                (0, "A signal asked for the end, or it said what was asked for."),
                (1, "It cannot do what it was told."),
                (2, "The command line is not understood."),
            ],
            write: { Output.standard.write($0) })
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
        let writer = LineWriter(.standard)
        defer { writer.flush() }
        let log = Log { level, text in writer.write("[\(level.rawValue)] \(text)\n") }
        let environment = ProcessEnvironment.current()
        let server = Server(log: log, version: version, environment: environment) {
            writer.write($0, lines: $1)
        }
        defer { server.flush() }
        let reloader = Reloader(server, options, environment, version: version, log)
        let end = DispatchSemaphore(value: 0)
        // Before anything is served or said: whoever reads that we serve may send a signal at once.
        let signals = listen(end, reloader)
        defer { withExtendedLifetime(signals) {} }
        do throws(ServerError) {
            let announcements = try reloader.start()
            if let file = options.pidFile { try writeProcessID(file) }
            if !options.isQuiet {
                writer.write(
                    announcements.joined(separator: "\n") + "\nFabDNS-\(version)\n")
            }
        } catch {
            Output.error.write("\(error)\n")
            // An inactive queue may not be given back.
            reloader.activate()
            return 1
        }
        reloader.activate()
        end.wait()
        goLame(for: reloader.lameduckMilliseconds, end, log)
        if let file = options.pidFile { _ = unsafe unlink(file) }
        return 0
    }

    /// Signals that end the server, and the one that asks for a reload once it serves.
    private static func listen(_ end: DispatchSemaphore, _ reloader: Reloader) -> Signals {
        let signals = Signals()
        signals.on([SIGTERM, SIGINT]) { end.signal() }
        signals.on([SIGQUIT]) { exit(0) }
        signals.on([SIGHUP]) {}
        signals.on([SIGUSR1]) { reloader.reload() }
        return signals
    }

    /// Goes on answering for those who have not heard of the end yet; a second signal cuts it
    /// short.
    private static func goLame(
        for milliseconds: Int, _ end: DispatchSemaphore, _ log: Log
    ) {
        guard milliseconds > 0 else { return }
        log.info("plugin/health: Going into lameduck mode for \(milliseconds) ms")
        _ = end.wait(timeout: .now() + .milliseconds(milliseconds))
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
