// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Log
import Synchronization
import Testing

@Suite("The log")
struct LogTests {
    @Test("Every line goes to whoever made the log, with its level, in order")
    func lines() {
        let lines = Mutex<[String]>([])
        let log = Log { level, message in
            lines.withLock { $0.append("[\(level.rawValue)] \(message)") }
        }
        log.info("a")
        log.warning("b")
        log.error("c")
        #expect(lines.withLock { $0 } == ["[INFO] a", "[WARNING] b", "[ERROR] c"])
    }
}
