// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a feed says.
///
/// Events are level-triggered: applying one twice changes nothing.
package enum FeedEvent: Sendable {
    /// The whole of what the feed knows; what it no longer has is gone.
    case replaced([ExportedService])
    case upserted(ExportedService)
    case removed(ServiceName)
    /// The feed is complete and current.
    case synced
    /// The source has not been heard since then, in seconds since 1970; what it said stays.
    case lost(since: Double)
}
