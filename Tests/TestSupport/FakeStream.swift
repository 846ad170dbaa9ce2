// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc
internal import TLS

/// The octets of one connection of a fake server, used on one thread; closed with it.
///
/// A bell that rings ends all waiting and has the connection reset.
final class FakeStream {
    private let descriptor: Int32
    private let session: TLSSession?
    private let bell: Bell
    private var isBroken = false

    init(_ descriptor: Int32, session: TLSSession?, _ bell: Bell) {
        self.descriptor = descriptor
        self.session = session
        self.bell = bell
    }

    deinit {
        if isBroken {
            var linger = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &linger,
                socklen_t(MemoryLayout<Glibc.linger>.size))
        } else {
            session?.shutDown()
        }
        close(descriptor)
    }

    /// Has the connection reset instead of closed; nothing more is read or written.
    func cut() { isBroken = true }

    /// What comes next, empty at the end.
    func read() -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 1 << 16)
        let count = transfer(.wantsRead) { descriptor, session in
            unsafe room.withUnsafeMutableBytes { room in
                if let session { return unsafe session.read(into: room) }
                return unsafe Self.outcome(
                    recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT)),
                    .wantsRead)
            }
        }
        return Array(room[..<(count ?? 0)])
    }

    /// Sends all; false when the peer has gone, or the bell has rung: who rang it counts on it that
    /// nothing more is said.
    func write(_ octets: [UInt8]) -> Bool {
        if Poll.wait([(bell.descriptor, POLLIN)], milliseconds: 0)[0] != 0 { isBroken = true }
        var sent = 0
        while sent < octets.count {
            let count = transfer(.wantsWrite) { descriptor, session in
                unsafe octets.withUnsafeBytes { octets in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: octets[sent...])
                    if let session { return unsafe session.write(rest) }
                    return unsafe Self.outcome(
                        clinux_send(descriptor, rest.baseAddress, rest.count), .wantsWrite)
                }
            }
            guard let count, count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits without reading; false as soon as the peer has gone, for good, or the bell rings.
    func wait(milliseconds: Int32, for other: Bell? = nil) -> Bool {
        guard !isBroken else { return false }
        var wanted = [(descriptor, Poll.peerEnded), (bell.descriptor, POLLIN)]
        if let other { wanted.append((other.descriptor, POLLIN)) }
        let ready = Poll.wait(wanted, milliseconds: milliseconds)
        if ready[1] != 0 { isBroken = true }
        return ready[0] == 0 && !isBroken
    }

    /// Shakes hands, where there is TLS.
    func begin() -> Bool {
        guard let session else { return true }
        return transfer(.wantsRead) { _, _ in session.shakeHands() } != nil
    }

    /// Tries and waits until octets move; nil when none will.
    private func transfer(
        _ direction: Transfer, _ body: (Int32, TLSSession?) -> Transfer
    ) -> Int? {
        while !isBroken {
            switch body(descriptor, session) {
            case .octets(let count): return count
            case .ended, .failed: return nil
            case .wantsRead: waitUntilReady(POLLIN)
            case .wantsWrite: waitUntilReady(POLLOUT)
            }
        }
        return nil
    }

    private func waitUntilReady(_ events: Int32) {
        let ready = Poll.wait([(descriptor, events), (bell.descriptor, POLLIN)])
        if ready[1] != 0 { isBroken = true }
    }

    private static func outcome(_ count: Int, _ wanted: Transfer) -> Transfer {
        if count > 0 { return .octets(count) }
        if count == 0 { return .ended }
        return errno == EAGAIN || errno == EINTR ? wanted : .failed
    }
}
