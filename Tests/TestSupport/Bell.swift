// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// What wakes threads that wait in `poll`; once rung, it rings for all until it is silenced.
final class Bell: Sendable {
    let descriptor: Int32

    init() throws {
        descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw Failure("eventfd: \(errno)") }
    }

    deinit { close(descriptor) }

    func ring() { clinux_ring(descriptor) }
    func silence() { clinux_drain_counter(descriptor) }
}
