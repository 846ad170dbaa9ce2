// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// Whom a packet or a connection came from.
package struct PeerAddress: Sendable, Equatable {
    /// The address in the machine's order; an IPv4 address is mapped, `::ffff:192.0.2.1` (RFC 4291
    /// §2.5.5.2).
    package var high: UInt64 = 0
    package var low: UInt64 = 0
    package var port: UInt16 = 0

    package init() {}

    package init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    /// Of an IPv4 address in the machine's order.
    package init(v4: UInt32, port: UInt16) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(v4), port: port)
    }

    /// The IPv4 address, if it is one.
    @inline(__always)
    package var v4: UInt32? {
        high == 0 && low &>> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// Reads what the kernel has written.
    ///
    /// Premise: a `sockaddr_in` or a `sockaddr_in6` is there, as its family says.
    @unsafe @inline(__always)
    package init(_ name: UnsafeRawPointer) {
        // The port is at the same place for both families.
        port = unsafe UInt16(bigEndian: name.load(fromByteOffset: 2, as: UInt16.self))
        if unsafe name.load(as: sa_family_t.self) == sa_family_t(AF_INET) {
            let address = unsafe UInt32(bigEndian: name.load(fromByteOffset: 4, as: UInt32.self))
            low = 0xFFFF_0000_0000 | UInt64(address)
        } else {
            high = unsafe UInt64(bigEndian: name.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            low = unsafe UInt64(bigEndian: name.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        }
    }
}
