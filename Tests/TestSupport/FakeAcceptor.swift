// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Foundation

/// The thread that accepts the connections of a fake server.
final class FakeAcceptor: Sendable {
    private let bell: Bell
    private let ended = DispatchSemaphore(value: 0)

    /// Takes a descriptor that listens; `serve` takes what came, or is false to have it closed.
    init(listener: Int32, serve: @escaping @Sendable (Int32) -> Bool) throws {
        bell = try Bell()
        Thread { [bell, ended] in
            while true {
                let ready = Poll.wait([(listener, POLLIN), (bell.descriptor, POLLIN)])
                guard ready[1] == 0 else { break }
                Self.acceptAll(listener, serve)
            }
            close(listener)
            ended.signal()
        }.start()
    }

    private static func acceptAll(_ listener: Int32, _ serve: (Int32) -> Bool) {
        var peer = sockaddr_storage()
        while true {
            let descriptor = unsafe clinux_accept(listener, &peer)
            guard descriptor >= 0 else { return }
            // Small chunks go out at once.
            _ = clinux_set_option(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if !serve(descriptor) { close(descriptor) }
        }
    }

    /// Waits until nobody listens any more.
    func stop() {
        bell.ring()
        _ = ended.wait(timeout: .now() + 10)
    }
}
