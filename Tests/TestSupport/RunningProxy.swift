// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation
internal import Synchronization

/// A proxy that others have written, owned by a test, on a free port of 127.0.0.1.
///
/// HTTP is tinyproxy's, SOCKS is microsocks's. stunnel lends the first its TLS, with a certificate
/// by an authority of the proxy's own.
package final class RunningProxy: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case http, https, socks5

        fileprivate var programs: [String] {
            switch self {
            case .http: ["tinyproxy"]
            case .https: ["tinyproxy", "stunnel4"]
            case .socks5: ["microsocks"]
            }
        }
    }

    /// Whom alone it serves.
    package struct User: Sendable {
        package let name: String
        package let password: String

        package init(name: String, password: String) {
            self.name = name
            self.password = password
        }
    }

    /// Whether this machine has the programs of all kinds.
    package static let isAvailable = Kind.allCases.flatMap(\.programs).allSatisfy {
        Programs.installed($0) != nil
    }

    package let kind: Kind
    private let user: User?
    private let folder: Folder
    private let heldPort: HeldPort
    /// Where tinyproxy listens when the port that is asked is stunnel's.
    private let innerPort: HeldPort
    /// What runs, and what others before them wrote.
    private let running = Mutex<(programs: [RunningProgram], past: String)>(([], ""))

    /// Runs at once; one of HTTP refuses hosts that `refuses`, a regular expression, describes.
    package init(_ kind: Kind, user: User? = nil, refuses: String? = nil) throws {
        self.kind = kind
        self.user = user
        folder = try Folder()
        heldPort = try HeldPort()
        innerPort = try HeldPort()
        try writeFiles(refuses)
        try start()
    }

    deinit { stop() }

    package var port: UInt16 { heldPort.number }

    /// What a `proxy-url` says, without its user.
    package var url: String { "\(kind.rawValue)://127.0.0.1:\(port)" }

    /// What a `proxy-url` says, with a user and a password as they have to be written there.
    package func url(user: String, password: String) -> String {
        "\(kind.rawValue)://\(user):\(password)@127.0.0.1:\(port)"
    }

    /// All that its programs wrote so far: tinyproxy and microsocks name whom they connect to.
    package var log: String {
        running.withLock { running in
            running.past + running.programs.map(\.output.soFar).joined()
        }
    }

    // MARK: Files

    private func writeFiles(_ refuses: String?) throws {
        let inner = kind == .https ? innerPort : heldPort
        var lines = [
            "Port \(inner.number)", "Listen 127.0.0.1", "Timeout 600", "MaxClients 200",
            "LogLevel Connect",
        ]
        if let user { lines.append("BasicAuth \(user.name) \(user.password)") }
        if let refuses {
            try folder.write("filter", refuses + "\n")
            lines.append("Filter \"\(folder.path("filter"))\"")
        }
        try folder.write("tinyproxy.conf", lines.joined(separator: "\n") + "\n")
        guard kind == .https else { return }
        try Certificates.make("authority", in: folder)
        try Certificates.make("proxy", in: folder, signedBy: "authority")
        try folder.write(
            "stunnel.conf",
            """
            foreground = yes
            pid =
            [proxy]
            accept = 127.0.0.1:\(port)
            connect = 127.0.0.1:\(inner.number)
            cert = \(folder.path("proxy.pem"))
            key = \(folder.path("proxy.key"))

            """)
    }

    /// The path of a kubeconfig that says what another says, and names a proxy, this one unless
    /// another is given.
    ///
    /// Both write a key of the cluster on a line of its own. Whoever trusts the cluster's authority
    /// trusts that of this proxy too, if it has one, unless `isTrusted` is false.
    package func kubeconfig(
        from path: String, url: String? = nil, isTrusted: Bool = true
    ) throws -> String {
        var text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        text = text.replacing(
            "    server: ", with: "    proxy-url: \"\(url ?? self.url)\"\n    server: ")
        let name = UUID().uuidString
        if kind == .https, isTrusted,
            let authority = text.firstMatch(of: /certificate-authority: "([^"]*)"/)
        {
            let both = try [String(authority.1), folder.path("authority.pem")].map {
                try String(contentsOf: URL(filePath: $0), encoding: .utf8)
            }
            try folder.write("\(name).pem", both.joined(separator: "\n"))
            text = text.replacing(String(authority.1), with: folder.path("\(name).pem"))
        }
        try folder.write(name, text)
        return folder.path(name)
    }

    // MARK: Starting and stopping

    /// Starts it again on the same port.
    package func start() throws {
        let programs =
            switch kind {
            case .http: [try Self.tinyproxy(folder)]
            case .https:
                [
                    try Self.tinyproxy(folder),
                    try RunningProgram(
                        Programs.required("stunnel4"), [folder.path("stunnel.conf")]),
                ]
            case .socks5:
                [
                    try RunningProgram(
                        Programs.required("microsocks"),
                        ["-i", "127.0.0.1", "-p", "\(port)"]
                            + (user.map { ["-u", $0.name, "-P", $0.password] } ?? []))
                ]
            }
        running.withLock { $0.programs = programs }
        let ports = kind == .https ? [innerPort.number, port] : [port]
        let isThere = try eventually {
            guard programs.allSatisfy(\.isRunning) else { throw Failure("a dead proxy: \(log)") }
            return ports.allSatisfy { (try? Socket(.tcp, port: $0)) != nil }
        }
        guard isThere else { throw Failure("no proxy of \(kind): \(log)") }
    }

    private static func tinyproxy(_ folder: Folder) throws -> RunningProgram {
        try RunningProgram(
            Programs.required("tinyproxy"), ["-d", "-c", folder.path("tinyproxy.conf")])
    }

    /// Its connections break, and new ones are refused.
    package func stop() {
        running.withLock { running in
            for program in running.programs { program.end(SIGKILL) }
            running.past += running.programs.map(\.output.soFar).joined()
            running.programs = []
        }
    }

    /// Does nothing more, its connections open, until `thaw`.
    package func freeze() { signal(SIGSTOP) }

    package func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        running.withLock { running in
            for program in running.programs { program.signal(number) }
        }
    }
}
