// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What is saved of one feed.
package struct SavedFeed: Sendable {
    /// `cluster-NAME` or `globalservices`.
    package let feed: String
    /// When that was the truth, in seconds since 1970.
    package let currentSeconds: Double
    /// Each name once; in the order of their names when they come from a file.
    package let services: [ExportedService]
    /// Those of them that the shrink brake kept.
    package let held: Set<ServiceName>

    package init(
        feed: String, currentSeconds: Double, services: [ExportedService],
        held: Set<ServiceName> = []
    ) {
        self.feed = feed
        self.currentSeconds = currentSeconds
        self.services = services
        self.held = held
    }
}

extension FeedIdentity {
    /// The name that the feed's state is saved under; nil for a catalog file, which is on a disk
    /// already.
    package var stateName: String? {
        switch self {
        case .direct(let cluster): "cluster-\(cluster)"
        case .hub: "globalservices"
        case .imports: "serviceimports"
        case .file: nil
        }
    }
}

/// Why a saved state was not read or not written; its description is one line for the operator.
package struct SavedStateError: Error, CustomStringConvertible, Equatable {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path): \(reason)" }
}
