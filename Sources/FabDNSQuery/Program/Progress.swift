// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Synchronization
internal import Terminal

/// Says on a terminal what takes longer than a second.
final class Progress: Sendable {
    private let hasEnded = Mutex(false)

    init(_ text: String) {
        guard Output.error.isTerminal else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(1)) { [self] in
            hasEnded.withLock { if !$0 { Printer.talk("\(text) ...") } }
        }
    }

    func end() { hasEnded.withLock { $0 = true } }
}
