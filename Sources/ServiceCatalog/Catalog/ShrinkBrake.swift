// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Whether a list that has lost much may take answers away.
///
/// A deletion that is seen as an event passes at once. What a new list merely no longer has may be
/// an etcd that was wiped, or rights that were cut: above half of a feed and ten services, the old
/// answers stay until somebody says otherwise or the list is whole again.
package enum ShrinkBrake {
    static let minimumServices = 10

    /// Once it holds, the number does not matter any more: a few services that come back make no
    /// whole list.
    package static func holds(missing: Int, of known: Int, isHolding: Bool = false) -> Bool {
        (isHolding || missing >= minimumServices) && missing * 2 > known
    }
}
