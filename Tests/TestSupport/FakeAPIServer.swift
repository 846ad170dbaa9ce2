// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation
internal import Synchronization
internal import TLS

/// A server of HTTP/1.1 that behaves as badly as a test says, which no real API server would.
///
/// Each connection has a thread of its own, at most 300; what comes above is reset.
package final class FakeAPIServer: Sendable {
    package struct Request: Sendable {
        package let method: String
        package let path: String
        /// Percent-decoded.
        package let query: [String: String]
        /// With names in lower case.
        package let headers: [String: String]
        package let content: [UInt8]
    }

    /// What is done in answer to a request, one after the other.
    ///
    /// A connection goes on to its next request when its last reply was whole, and is closed when
    /// the steps end within a chunked body.
    package enum Step: Sendable {
        /// A whole response; headers are lines without their end.
        case reply(
            status: Int, contentType: String = "application/json", headers: [String] = [],
            body: [UInt8])
        /// The head of a response in chunks.
        case begin(status: Int, contentType: String = "application/json")
        /// One chunk, at once.
        case chunk([UInt8])
        case wait(milliseconds: Int)
        /// The orderly end of a response in chunks.
        case end
        /// A reset of the connection.
        case cut
        /// Silence until the server stops or the peer goes.
        case freeze
        /// Chunks as they come, on the connection's thread.
        case stream(@Sendable (Writer) -> Void)
    }

    /// Where a step that streams puts its chunks.
    package struct Writer {
        let connection: FakeConnection

        /// Sends one chunk; false when the peer has gone or the server stops.
        package func write(_ octets: [UInt8]) -> Bool { connection.writeChunk(octets) }

        /// Waits; false as soon as the peer has gone or the server stops.
        package func wait(milliseconds: Int) -> Bool {
            connection.wait(milliseconds: milliseconds)
        }

        /// Waits until the bell rings, but not longer.
        func wait(milliseconds: Int, for bell: Bell) -> Bool {
            connection.wait(milliseconds: milliseconds, for: bell)
        }
    }

    private let heldPort: HeldPort
    private let folder: Folder
    private let connections: FakeConnections
    private let acceptor = Mutex<FakeAcceptor?>(nil)

    /// Listens on a free port of 127.0.0.1, without TLS unless it is asked for.
    package init(
        tls: Bool = false, respond: @escaping @Sendable (Request) -> [Step]
    ) throws {
        heldPort = try HeldPort()
        folder = try Folder()
        connections = try FakeConnections(
            tls: tls ? Self.makeContext(in: folder) : nil, respond: respond)
        try folder.write("kubeconfig", kubeconfigText(tls: tls))
        try start()
    }

    deinit { stop() }

    package var port: UInt16 { heldPort.number }

    /// The path of a kubeconfig for it, with the token `fake-token`.
    package var kubeconfig: String { folder.path("kubeconfig") }

    /// What was asked so far; from 100,000 on the older half is forgotten.
    package var requests: [Request] { connections.requests }

    /// How many connections are open.
    package var connectionCount: Int { connections.count }

    private static func makeContext(in folder: Folder) throws -> TLSContext {
        // libssl writes without MSG_NOSIGNAL.
        _ = signal(SIGPIPE, SIG_IGN)
        try Certificates.make("authority", in: folder)
        try Certificates.make("server", in: folder, signedBy: "authority")
        return try TLSContext(
            TLSConfiguration(
                certificateFile: folder.path("server.pem"), keyFile: folder.path("server.key"),
                inside: .http))
    }

    private func kubeconfigText(tls: Bool) -> String {
        let authority =
            tls ? "\n    certificate-authority: \"\(folder.path("authority.pem"))\"" : ""
        let server = "\(tls ? "https" : "http")://127.0.0.1:\(port)"
        return """
            apiVersion: v1
            kind: Config
            current-context: fake
            contexts: [{name: fake, context: {cluster: fake, user: fake}}]
            clusters:
            - name: fake
              cluster:
                server: "\(server)"\(authority)
            users: [{name: fake, user: {token: fake-token}}]

            """
    }

    // MARK: Starting and stopping

    /// Resets all connections and goes on listening.
    package func closeConnections() { connections.reset() }

    /// Resets all connections and refuses new ones.
    package func stop() {
        acceptor.withLock { acceptor in
            defer { acceptor = nil }
            return acceptor
        }?.stop()
        closeConnections()
    }

    /// Listens on the same port again.
    package func start() throws {
        try acceptor.withLock { [heldPort, connections] acceptor in
            guard acceptor == nil else { return }
            acceptor = try FakeAcceptor(listener: heldPort.listen(), serve: connections.serve)
        }
    }
}
