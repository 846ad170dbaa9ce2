// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A port of a Service.
package struct ServicePort: Hashable, Sendable {
    /// An RFC 6335 service name in lower case; nil for the one unnamed port a Service may have.
    package let name: String?
    package let transport: TransportProtocol
    package let number: UInt16
    package let appProtocol: String?

    package init(
        name: String?, transport: TransportProtocol = .tcp, number: UInt16,
        appProtocol: String? = nil
    ) {
        self.name = name
        self.transport = transport
        self.number = number
        self.appProtocol = appProtocol
    }
}

/// The transport protocols of the Kubernetes API.
package enum TransportProtocol: String, Sendable, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
}
