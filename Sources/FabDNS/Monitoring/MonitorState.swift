// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Synchronization

/// What the pages of a server tell, set by whoever knows it.
final class MonitorState: Sendable {
    /// Every catalog has been loaded once: there is something to answer from.
    let isReady = Atomic<Bool>(false)
}
