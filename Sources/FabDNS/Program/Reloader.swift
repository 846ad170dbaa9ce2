// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import Digest
internal import Dispatch
internal import Log

/// Reads the Corefile: at the start, when a signal asks for it, and, with `reload`, when it or what
/// it imports has changed.
final class Reloader: @unchecked Sendable {
    // Premise of @unchecked Sendable: `start` comes before `activate`, and all that is mutable is
    // used by `start` and on the queue only.
    private let server: Server
    private let options: ServerOptions
    private let environment: [String: String]
    private let version: String
    private let log: Log
    private let queue = DispatchQueue(label: "fabdns.reload", attributes: .initiallyInactive)
    /// Of what was tried last, whether it is served or not.
    private var digest = ""
    private var interval: ReloadDirective?
    /// How often the next look was planned: an earlier plan is void.
    private var plans = 0

    init(
        _ server: Server, _ options: ServerOptions, _ environment: [String: String],
        version: String, _ log: Log
    ) {
        self.version = version
        self.server = server
        self.options = options
        self.environment = environment
        self.log = log
    }

    /// Serves what the Corefile says: the lines that tell it.
    func start() throws(ServerError) -> [String] {
        let (configuration, digest) = read()
        self.digest = digest
        try server.start(try configuration.get())
        follow(try configuration.get().reload)
        return server.announcements
    }

    /// From now on requests to reload are carried out, those that came before too.
    func activate() { queue.activate() }

    /// Reads it again, from any thread.
    func reload() { queue.async { [self] in apply(read()) } }

    /// How long to go on after the end was asked for.
    var lameduckMilliseconds: Int { queue.sync { server.lameduckMilliseconds } }

    // MARK: On the queue

    private func apply(_ read: (Result<ServerConfiguration, ServerError>, digest: String)) {
        digest = read.digest
        do throws(ServerError) {
            let configuration = try read.0.get()
            try server.reload(configuration)
            log.info("reloaded \(options.corefile)")
            follow(configuration.reload)
        } catch {
            server.noteFailedReload()
            log.error("reload failed, nothing has changed: \(error)")
        }
    }

    private func follow(_ directive: ReloadDirective?) {
        interval = directive
        server.describe(version: version, digest: digest)
        if directive != nil {
            log.info("plugin/reload: Running configuration SHA512 = \(digest)")
        }
        plan()
    }

    private func plan() {
        plans += 1
        guard let interval else { return }
        let jitter = interval.jitterMilliseconds
        let delay = interval.intervalMilliseconds + Int.random(in: -jitter...jitter)
        let number = plans
        queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { [self] in
            if number == plans { look() }
        }
    }

    private func look() {
        let read = read()
        if read.digest != digest { apply(read) }
        plan()
    }

    private func read() -> (Result<ServerConfiguration, ServerError>, digest: String) {
        let record = CorefileRecord()
        let result = Result { () throws(ConfigurationError) in
            try Corefile.load(
                path: options.corefile, defaultPort: options.port, environment: environment,
                files: record.watching(.disk))
        }
        return (
            result.mapError { ServerError(description: "\($0)") },
            SHA512.hexadecimal(record.octets)
        )
    }
}
