// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What becomes of a cluster's endpoints when its API has not been heard.
///
/// A lost API is not a lost data path: what was known is answered, by default for ever.
package struct StalePolicy: Hashable, Sendable {
    package enum Action: String, Sendable, CaseIterable {
        /// Answers stay as they are.
        case hold
        /// The cluster's endpoints rank after those of every other cluster.
        case demote
        /// The cluster's endpoints are taken out.
        case drop
    }

    package let action: Action
    /// How long the API may be silent before the action; `hold` has no use for it.
    package let afterSeconds: Double

    package init(_ action: Action = .hold, afterSeconds: Double = 0) {
        self.action = action
        self.afterSeconds = afterSeconds
    }
}

/// How a cluster stands.
package enum ClusterCondition: Hashable, Sendable {
    case live
    /// Not heard since then, in seconds since 1970.
    case stale(since: Double)
    /// Stale for longer than its policy allows.
    case expired(since: Double, StalePolicy.Action)

    package var isLive: Bool { self == .live }

    /// Whether its endpoints rank after those of all other clusters.
    package var isDemoted: Bool {
        if case .expired(_, .demote) = self { true } else { false }
    }

    package var isDropped: Bool {
        if case .expired(_, .drop) = self { true } else { false }
    }

    /// `live`, `stale` or `expired`.
    package var name: String {
        switch self {
        case .live: "live"
        case .stale: "stale"
        case .expired: "expired"
        }
    }

    package var since: Double? {
        switch self {
        case .live: nil
        case .stale(let since), .expired(let since, _): since
        }
    }
}
