// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// A free port of 127.0.0.1 that nobody else is given while this lives.
///
/// A socket that is bound but does not listen holds it. Whoever sets SO_REUSEADDR, as the listeners
/// of Go do, can listen on it, stop and listen again; connections are refused in between.
package final class HeldPort: Sendable {
    private let descriptor: Int32
    package let number: UInt16

    package init() throws {
        descriptor = clinux_socket(AF_INET, Int32(CLINUX_SOCK_STREAM))
        guard descriptor >= 0 else { throw Failure("socket: \(errno)") }
        do {
            number = try Self.bind(descriptor, port: 0)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// A descriptor that listens there and does not block.
    package func listen() throws -> Int32 {
        let listener = clinux_socket(AF_INET, Int32(CLINUX_SOCK_STREAM))
        do {
            _ = try Self.bind(listener, port: number)
            guard Glibc.listen(listener, 512) == 0 else { throw Failure("listen: \(errno)") }
            return listener
        } catch {
            close(listener)
            throw error
        }
    }

    private static func bind(_ descriptor: Int32, port: UInt16) throws -> UInt16 {
        _ = clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe Glibc.bind(descriptor, name, length) == 0
                    ? getsockname(descriptor, name, &length) : -1
            }
        }
        guard result == 0 else { throw Failure("bind to port \(port): \(errno)") }
        return UInt16(bigEndian: name.sin_port)
    }
}
