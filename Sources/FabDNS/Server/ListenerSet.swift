// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import EventLoop
internal import Glibc
import ServiceCatalog

/// An address of this host with a port, as sockets are bound to it.
struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    let address: IPAddress
    let port: UInt16
    /// The interface of a link-local address, else 0.
    var scope: UInt32 = 0
    /// DNS over TLS (RFC 7858) instead of UDP and TCP.
    var isEncrypted = false

    var transports: [ListenerKey.Transport] { isEncrypted ? [.tls] : [.udp, .tcp] }

    var isWildcard: Bool { address == .v4(0) || address == .v6(0, 0) }

    var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}

/// What tells listeners apart: a reload keeps those whose key stays.
struct ListenerKey: Hashable, Sendable {
    enum Transport: Sendable {
        case udp
        case tcp
        case tls
    }

    var address: ListenAddress
    let transport: Transport

    /// Whether the other takes some of the same packets: one of them is the wildcard.
    func overlaps(_ other: ListenerKey) -> Bool {
        transport == other.transport && address.port == other.address.port
            && address.address.family == other.address.address.family
            && (address.isWildcard || other.address.isWildcard)
    }
}

/// Opens the sockets of a listener.
enum ListenerSet {
    /// Datagrams that wait while a worker is busy; the kernel gives at most net.core.rmem_max.
    private static let receiveOctets: Int32 = 4 << 20
    private static let backlog: Int32 = 1024

    /// One socket per worker, all on the same address (SO_REUSEPORT); closed again when one fails.
    ///
    /// `others` are the listeners that are open already.
    static func open(
        _ key: ListenerKey, count: Int, beside others: Set<ListenerKey>
    ) throws(SystemError) -> [Int32] {
        if !others.contains(where: key.overlaps) { try checkIsFree(key) }
        var descriptors: [Int32] = []
        do throws(SystemError) {
            for _ in 0..<count { descriptors.append(try open(key)) }
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
        return descriptors
    }

    /// SO_REUSEPORT would let a second server of the same user share the port in silence.
    private static func checkIsFree(_ key: ListenerKey) throws(SystemError) {
        let probe = try socket(key)
        defer { close(probe) }
        if key.transport != .udp { _ = clinux_set_option(probe, SOL_SOCKET, SO_REUSEADDR, 1) }
        try bind(probe, key)
    }

    private static func open(_ key: ListenerKey) throws(SystemError) -> Int32 {
        let descriptor = try socket(key)
        do throws(SystemError) {
            _ = clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
            switch key.transport {
            case .udp:
                setUDPOptions(descriptor, key)
                try bind(descriptor, key)
            case .tcp, .tls:
                _ = clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
                try bind(descriptor, key)
                guard listen(descriptor, backlog) == 0 else {
                    throw .last("listen on \(key.address)")
                }
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func setUDPOptions(_ descriptor: Int32, _ key: ListenerKey) {
        _ = clinux_set_option(descriptor, SOL_SOCKET, SO_RCVBUF, receiveOctets)
        _ = clinux_set_option(descriptor, SOL_SOCKET, SO_SNDBUF, receiveOctets)
        if key.address.isWildcard { _ = clinux_want_destination(descriptor, family(key)) }
    }

    private static func family(_ key: ListenerKey) -> Int32 {
        key.address.address.family == .v4 ? AF_INET : AF_INET6
    }

    private static func socket(_ key: ListenerKey) throws(SystemError) -> Int32 {
        let type = key.transport == .udp ? CLINUX_SOCK_DGRAM : CLINUX_SOCK_STREAM
        let descriptor = clinux_socket(family(key), Int32(type))
        guard descriptor >= 0 else { throw .last("socket for \(key.address)") }
        if family(key) == AF_INET6 {
            _ = clinux_set_option(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
        }
        return descriptor
    }

    private static func bind(_ descriptor: Int32, _ key: ListenerKey) throws(SystemError) {
        let result: Int32
        switch key.address.address {
        case .v4(let address):
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = key.address.port.bigEndian
            name.sin_addr.s_addr = address.bigEndian
            result = unsafe withUnsafePointer(to: name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.bind(
                        descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .v6(let high, let low):
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = key.address.port.bigEndian
            name.sin6_scope_id = key.address.scope
            unsafe withUnsafeMutableBytes(of: &name.sin6_addr) { octets in
                unsafe octets.storeBytes(of: high.bigEndian, as: UInt64.self)
                unsafe octets.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            result = unsafe withUnsafePointer(to: name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.bind(
                        descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        guard result == 0 else {
            throw .last("listen on \(key.address) (\(key.transport))")
        }
    }

    /// A port that is free for UDP at this moment.
    static func freePort(_ address: ListenAddress) throws(SystemError) -> UInt16 {
        let key = ListenerKey(address: address, transport: .udp)
        let probe = try socket(key)
        defer { close(probe) }
        try bind(probe, key)
        return port(of: probe)
    }

    /// The port the kernel chose for a socket that was bound to port 0.
    private static func port(of descriptor: Int32) -> UInt16 {
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return 0 }
        // The port is at the same place for both families.
        return unsafe withUnsafeBytes(of: name) { octets in
            unsafe UInt16(bigEndian: octets.load(fromByteOffset: 2, as: UInt16.self))
        }
    }
}
