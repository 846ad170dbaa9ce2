// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// A socket of a test, closed with it; waits at most ten seconds for anything.
package final class Socket: Sendable {
    private let descriptor: Int32

    package enum Kind: Sendable {
        case udp
        case tcp
    }

    /// Connected to a port of an address of this machine.
    package init(_ kind: Kind, to address: String = "127.0.0.1", port: UInt16) throws {
        let family = address.contains(":") ? AF_INET6 : AF_INET
        descriptor = Self.make(kind, family)
        guard descriptor >= 0 else { throw Failure("socket") }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = unsafe Self.withName(address, port) { name, length in
            unsafe connect(descriptor, name, length)
        }
        guard result == 0 else { throw Failure("connect to \(address) \(port): \(errno)") }
    }

    deinit { close(descriptor) }

    private static func make(_ kind: Kind, _ family: Int32) -> Int32 {
        let type = kind == .udp ? SOCK_DGRAM : SOCK_STREAM
        return socket(family, Int32(type.rawValue), 0)
    }

    private static func withName(
        _ address: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        if address.contains(":") {
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port.bigEndian
            unsafe inet_pton(AF_INET6, address, &name.sin6_addr)
            return unsafe withUnsafePointer(to: name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        unsafe inet_pton(AF_INET, address, &name.sin_addr)
        return unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Whether nobody has the port, for UDP or TCP, on 127.0.0.1.
    package static func isFree(_ port: UInt16) -> Bool {
        [Kind.udp, .tcp].allSatisfy { kind in
            let probe = make(kind, AF_INET)
            defer { close(probe) }
            return unsafe withName("127.0.0.1", port) { name, length in
                unsafe bind(probe, name, length)
            } == 0
        }
    }

    /// Binds a descriptor to a free port of 127.0.0.1 and listens; the port.
    package static func listen(_ descriptor: Int32) throws -> UInt16 {
        let bound = unsafe withName("127.0.0.1", 0) { name, length in
            unsafe bind(descriptor, name, length)
        }
        guard bound == 0, Glibc.listen(descriptor, 64) == 0 else { throw Failure("listen") }
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: name.sin_port)
    }

    /// Sends what the kernel takes at once; false when it takes nothing.
    package func sendSome(_ octets: [UInt8]) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return unsafe Glibc.send(descriptor, octets, octets.count, flags) > 0
    }

    package func send(_ octets: [UInt8]) throws {
        guard
            unsafe Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL))
                == octets.count
        else { throw Failure("send: \(errno)") }
    }

    /// Says that no more comes.
    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What one read brings; empty at the end of a stream, nil when nothing comes in time.
    package func receive() -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe recv(descriptor, &octets, octets.count, 0)
        return count < 0 ? nil : Array(octets[..<count])
    }

    /// All that comes until the end of the stream.
    package func receiveAll() -> [UInt8] {
        var octets: [UInt8] = []
        while let more = receive(), !more.isEmpty { octets += more }
        return octets
    }
}
