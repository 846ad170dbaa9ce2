// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import EventLoop
import Testing

@Suite("The event loop")
struct EventLoopTests {
    @Test("Closures run on the loop's queue, in the order they came")
    func mailbox() async throws {
        let loop = try EventLoop(label: "test")
        loop.start()
        let stream = AsyncStream<Int> { continuation in
            for number in 0..<100 { loop.enqueue { continuation.yield(number) } }
            loop.enqueue {
                dispatchPrecondition(condition: .onQueue(loop.queue))
                continuation.finish()
            }
        }
        var seen: [Int] = []
        for await number in stream { seen.append(number) }
        #expect(seen == Array(0..<100))
    }
}
