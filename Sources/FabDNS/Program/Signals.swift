// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Glibc

/// The signals a server acts on, as ordinary Dispatch sources.
package final class Signals {
    private var sources: [any DispatchSourceSignal] = []

    package init() {}

    /// Calls `act` on a queue for each of these signals from now on; what the signal would do by
    /// itself no longer happens.
    package func on(_ signals: [Int32], _ act: @escaping @Sendable () -> Void) {
        for number in signals {
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(
                signal: number, queue: .global(qos: .userInitiated))
            // A source that is activated is not yet heard: a signal would be lost.
            let isHeard = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { isHeard.signal() }
            source.setEventHandler(handler: act)
            source.activate()
            isHeard.wait()
            sources.append(source)
        }
    }
}
