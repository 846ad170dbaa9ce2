// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc
internal import TLS

/// A connected socket that does not block, with or without TLS.
struct OctetStream {
    let descriptor: Int32
    let tls: TLSSession?

    /// Whether octets can move: always without TLS, with it once both have shaken hands.
    var isEstablished: Bool { tls?.isEstablished ?? true }

    /// What one read brings; with TLS as many records as fit.
    func read(into room: UnsafeMutableRawBufferPointer) -> Transfer {
        guard let tls else { return unsafe receive(into: room) }
        var count = 0
        while count < room.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
            switch unsafe tls.read(into: rest) {
            case .octets(let more): count += more
            case let other: return count > 0 ? .octets(count) : other
            }
        }
        return .octets(count)
    }

    private func receive(into room: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
        if count > 0 { return .octets(count) }
        if count == 0 { return .ended }
        return [EAGAIN, EINTR].contains(clinux_errno()) ? .wantsRead : .failed
    }

    /// Writes until all is written or the kernel takes no more: how much it took.
    ///
    /// Nil when the connection is broken.
    func write(_ octets: UnsafeRawBufferPointer) -> Int? {
        var sent = 0
        while sent < octets.count {
            switch unsafe writeSome(UnsafeRawBufferPointer(rebasing: octets[sent...])) {
            case .octets(let count): sent += count
            case .wantsWrite: return sent
            // TLS wants to read only to renegotiate, which is off.
            case .wantsRead, .ended, .failed: return nil
            }
        }
        return sent
    }

    private func writeSome(_ octets: UnsafeRawBufferPointer) -> Transfer {
        if let tls { return unsafe tls.write(octets) }
        while true {
            let count = unsafe clinux_send(descriptor, octets.baseAddress, octets.count)
            if count >= 0 { return .octets(count) }
            switch clinux_errno() {
            case EINTR: continue
            case EAGAIN: return .wantsWrite
            default: return .failed
            }
        }
    }

    /// Tells the peer that nothing more comes; it may still be read from.
    func endSending() {
        tls?.shutDown()
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }
}
