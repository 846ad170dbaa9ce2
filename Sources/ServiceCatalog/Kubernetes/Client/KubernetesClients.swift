// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
package import EventLoop
internal import HTTPClient

/// The loop that all Kubernetes clients of the process share, and the API servers they talk to.
///
/// Who watches the same API with the same credentials shares its connections.
package final class KubernetesClients: @unchecked Sendable {
    // Premise of @unchecked Sendable: what is mutable is used on the loop's queue only.
    private struct Key: Hashable {
        let access: AccessOrigin
        let masterURL: String?
    }

    package let loop: EventLoop
    private let environment: [String: String]
    private let userAgent: String
    private let lookup = NameLookup.shared
    private var servers: [Key: (server: APIServer, users: Int)] = [:]

    /// Names that begin with `curl`, `Wget` or `Mozilla` get twice the octets from API servers.
    package init(environment: [String: String], userAgent: String) throws(SystemError) {
        loop = try EventLoop(label: "fabdns.kubernetes")
        self.environment = environment
        self.userAgent = userAgent
        loop.start()
    }

    // MARK: On the loop's queue

    func server(_ access: AccessOrigin, masterURL: String?) throws(SystemError) -> APIServer {
        let key = Key(access: access, masterURL: masterURL)
        if let known = servers[key] {
            servers[key]?.users += 1
            return known.server
        }
        let reader = AccessReader(
            origin: access, masterURL: masterURL, loop: loop, environment: environment)
        let server = try APIServer(
            access: reader, lookup: lookup, userAgent: userAgent, loop: loop)
        servers[key] = (server, 1)
        return server
    }

    /// Runs `action` on the loop's queue in a second; takes no descriptor.
    func later(_ action: @escaping @Sendable () -> Void) {
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [loop] in loop.enqueue(action) }
    }

    /// Whoever was given a server gives it back.
    func release(_ access: AccessOrigin, masterURL: String?) {
        let key = Key(access: access, masterURL: masterURL)
        servers[key]?.users -= 1
        guard let known = servers[key], known.users <= 0 else { return }
        known.server.stop()
        servers[key] = nil
    }
}
