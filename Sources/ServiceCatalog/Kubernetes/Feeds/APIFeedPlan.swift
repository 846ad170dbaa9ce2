// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What is watched of one API, by whom, and as which feed.
package struct APIFeedPlan: Hashable, Sendable {
    package let identity: FeedIdentity
    package let access: AccessOrigin
    /// Takes the place of the server that the credentials are for.
    package let masterURL: String?
    /// Where endpoints are of which neither they nor their Nodes say it.
    package let place: Place
    /// Namespaces that may export; nil: all.
    package let namespaces: Set<String>?
    /// Which Services are exported, as the API takes it.
    package let labelSelector: String
    /// Whether the first list comes as a watch; nil: as the feed likes it.
    package let streams: Bool?
    /// Whether rights that are missing mean that nobody wants it watched.
    package let isOptional: Bool

    /// fab-dns's label.
    package static let exportLabel = "fabedge.io/global-service=true"

    package init(
        identity: FeedIdentity, access: AccessOrigin, masterURL: String? = nil,
        place: Place = Place(), namespaces: Set<String>? = nil,
        labelSelector: String = exportLabel, streams: Bool? = nil, isOptional: Bool = false
    ) {
        self.identity = identity
        self.access = access
        self.masterURL = masterURL
        self.place = place
        self.namespaces = namespaces
        self.labelSelector = labelSelector
        self.streams = streams
        self.isOptional = isOptional
    }
}
