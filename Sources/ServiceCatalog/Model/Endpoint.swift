// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One endpoint of an exported Service, as a feed delivers it.
package struct Endpoint: Hashable, Sendable {
    /// At least one address; a dual-stack pod has one of each family.
    package let addresses: [IPAddress]
    /// An RFC 1123 label in lower case; nil where the pod has none.
    package let hostname: String?
    package let locality: Locality
    /// The Node it runs on.
    package let nodeName: String?
    package let conditions: EndpointConditions

    package init(
        addresses: [IPAddress], hostname: String? = nil, locality: Locality,
        nodeName: String? = nil,
        conditions: EndpointConditions = .ready
    ) {
        self.addresses = addresses
        self.hostname = hostname
        self.locality = locality
        self.nodeName = nodeName
        self.conditions = conditions
    }
}

/// The conditions of an endpoint in the EndpointSlice API, with that API's defaults filled in.
package struct EndpointConditions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Whether `ready` is true or absent.
    package static let isReady = EndpointConditions(rawValue: 1)
    /// Ready but for the termination of its pod.
    package static let isServing = EndpointConditions(rawValue: 2)
    package static let isTerminating = EndpointConditions(rawValue: 4)

    /// What an endpoint without conditions has.
    package static let ready: EndpointConditions = [.isReady, .isServing]
}
