// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// A timer among a loop's descriptors: fires once for each time it is set.
package final class LoopTimer: Watcher {
    private let fire: () -> Void

    /// To be watched for `.read` by its loop.
    package init(_ fire: @escaping () -> Void) throws(SystemError) {
        let descriptor = clinux_timerfd()
        guard descriptor >= 0 else { throw .last("timerfd_create") }
        self.fire = fire
        super.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// Fires after that many milliseconds, at least 1; an earlier setting is forgotten.
    package func set(milliseconds: Int) {
        _ = clinux_timerfd_set(descriptor, Int64(max(1, milliseconds)))
    }

    override package func ready(_ readiness: Readiness) {
        clinux_drain_counter(descriptor)
        fire()
    }
}
