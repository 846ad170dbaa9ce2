// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// An address of one of the two families that A and AAAA records carry.
package enum IPAddress: Hashable, Sendable {
    /// Four octets as an integer in host order: 10.0.0.1 is 0x0A000001.
    case v4(UInt32)
    /// Sixteen octets as two integers in host order, the first half first.
    case v6(UInt64, UInt64)
}

/// The address families that are ranked apart.
@usableFromInline
package enum AddressFamily: Sendable, CaseIterable {
    case v4
    case v6
}

extension IPAddress {
    package var family: AddressFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }
}
