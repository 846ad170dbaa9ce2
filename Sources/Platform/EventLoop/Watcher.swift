// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux

/// What a descriptor is watched for, or ready for.
public struct Readiness: OptionSet, Sendable {
    /// The bits of epoll.
    public let rawValue: UInt32

    /// Some of the bits of epoll.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Readiness(rawValue: UInt32(CLINUX_READ))
    package static let write = Readiness(rawValue: UInt32(CLINUX_WRITE))
    /// The peer sends no more.
    package static let peerEnded = Readiness(rawValue: UInt32(CLINUX_PEER_ENDED))
    /// Reset or shut down both ways; always watched.
    package static let broken = Readiness(rawValue: UInt32(CLINUX_BROKEN))
}

/// Something that owns a descriptor and acts when it is ready: the base class of sockets and
/// connections.
///
/// A class and not a protocol, so that the loop calls it without retaining it.
open class Watcher {
    /// What is watched; owned by the subclass.
    public let descriptor: Int32
    /// Where the loop keeps it; nil while it is not watched.
    var token: UInt64?

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Called on the loop's queue.
    ///
    /// The descriptor may have become unready since.
    open func ready(_ readiness: Readiness) {}
}
