// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Glibc

/// The signals a server acts on, as ordinary Dispatch sources.
package final class Signals {
    private var sources: [any DispatchSourceSignal] = []

    package init() {}

    /// Calls `act` on `queue` for each of these signals; what the signal would do by itself no
    /// longer happens.
    package func on(_ signals: [Int32], _ act: @escaping @Sendable () -> Void) {
        for number in signals {
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(
                signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler(handler: act)
            source.activate()
            sources.append(source)
        }
    }
}
