// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Glibc

/// Looks names up with the system's resolver, which blocks: on threads outside every loop, one for
/// each name, so that no name waits for another.
///
/// We may be the resolver that the system asks, so nothing may wait for it that answers queries.
package final class NameLookup: @unchecked Sendable {
    // Premise of @unchecked Sendable: what changes is used on `owner` only.

    /// The one of the process: its bound is the process's.
    package static let shared = NameLookup()

    /// More names than a process knows clusters by; above it they take turns.
    private static let maximumRunning = 64

    private let owner = DispatchQueue(label: "name-lookup")
    private let ask: @Sendable (String) -> [String]
    /// Who waits for which host; a host that is here is running or waits for its turn.
    private var waiting: [String: [@Sendable ([String]) -> Void]] = [:]
    private var turns: [String] = []
    private var running = 0

    package convenience init() { self.init(asking: Self.askSystem) }

    /// Asks somebody else than the system's resolver; `ask` may block.
    package init(asking ask: @escaping @Sendable (String) -> [String]) { self.ask = ask }

    /// Calls `deliver` once, on any thread: with no address where the name has none.
    ///
    /// An address is delivered at once, before this returns. `deliver` must not wait for anything.
    package func addresses(of host: String, deliver: @escaping @Sendable ([String]) -> Void) {
        if let addresses = Self.addressesAtOnce(of: host) { return deliver(addresses) }
        owner.async { self.wait(for: host, deliver) }
    }

    private func wait(for host: String, _ deliver: @escaping @Sendable ([String]) -> Void) {
        waiting[host, default: []].append(deliver)
        guard waiting[host]?.count == 1 else { return }
        turns.append(host)
        giveTurns()
    }

    private func giveTurns() {
        while running < Self.maximumRunning, !turns.isEmpty {
            let host = turns.removeFirst()
            running += 1
            // A queue of its own gets a thread of its own, whoever blocks elsewhere.
            DispatchQueue(label: "name-lookup-thread").async {
                let addresses = self.ask(host)
                self.owner.async { self.end(host, addresses) }
            }
        }
    }

    private func end(_ host: String, _ addresses: [String]) {
        running -= 1
        giveTurns()
        for deliver in waiting.removeValue(forKey: host) ?? [] { deliver(addresses) }
    }

    // MARK: The system's resolver

    /// Addresses as they are, and nothing for what cannot be a name; nil: must be asked.
    private static func addressesAtOnce(of host: String) -> [String]? {
        guard !host.isEmpty, host.utf8.count <= 255, !host.utf8.contains(0) else { return [] }
        let literal = query(host, flags: AI_NUMERICHOST)
        return literal.isEmpty ? nil : literal
    }

    /// A name with a dot is asked for as it is, before the search list gets to it.
    @Sendable
    private static func askSystem(_ host: String) -> [String] {
        if host.contains("."), host.last != "." {
            let addresses = query(host + ".", flags: 0)
            if !addresses.isEmpty { return addresses }
        }
        return query(host, flags: 0)
    }

    /// More are of no use to anybody who connects.
    private static let maximumAddresses = 32

    private static func query(_ host: String, flags: Int32) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = unsafe list
        while let current = unsafe entry, addresses.count < maximumAddresses {
            if let text = unsafe text(of: current.pointee), !addresses.contains(text) {
                addresses.append(text)
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }

    private static func text(of info: addrinfo) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { room in
            let result = unsafe getnameinfo(
                info.ai_addr, info.ai_addrlen, room.baseAddress, socklen_t(room.count), nil, 0,
                NI_NUMERICHOST)
            guard result == 0, let text = room.baseAddress else { return nil }
            return unsafe String(cString: text)
        }
    }
}
