// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import Synchronization
internal import Terminal

/// Lines on their way to an output, written by a queue of its own: a reader that takes nothing
/// stalls nobody who has something to say.
final class LineWriter: Sendable {
    private struct Waiting {
        var text = ""
        /// Whether somebody is at writing, or will be.
        var isWriting = false
        var lostLines = 0
    }

    private let output: Output
    private let queue = DispatchQueue(label: "fabdns.output")
    private let waiting = Mutex(Waiting())

    /// What waits beyond this is lost, and counted.
    private static let maximumOctets = 1 << 20

    init(_ output: Output) { self.output = output }

    /// Takes so many whole lines; how many of them are lost.
    @discardableResult
    func write(_ text: String, lines: Int = 1) -> Int {
        let (isLost, mustStart) = waiting.withLock { waiting in
            guard waiting.text.utf8.count + text.utf8.count <= Self.maximumOctets else {
                waiting.lostLines += lines
                return (true, false)
            }
            waiting.text += text
            let mustStart = !waiting.isWriting
            waiting.isWriting = true
            return (false, mustStart)
        }
        if mustStart { queue.async { [self] in drain() } }
        return isLost ? lines : 0
    }

    private func drain() {
        while true {
            let (text, lost) = waiting.withLock { waiting in
                defer {
                    waiting.text = ""
                    waiting.lostLines = 0
                }
                waiting.isWriting = !waiting.text.isEmpty || waiting.lostLines > 0
                return (waiting.text, waiting.lostLines)
            }
            if !text.isEmpty { output.write(text) }
            if lost > 0 {
                output.write("[WARNING] \(lost) lines are lost: nobody took them in time\n")
            }
            if text.isEmpty, lost == 0 { return }
        }
    }

    /// Waits until everything is written, or for so long.
    func flush(milliseconds: Int = 1_000) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .milliseconds(milliseconds))
    }
}
