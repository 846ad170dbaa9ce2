// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What is said on a connection: the protocol above the octets.
///
/// Called on the loop's queue.
package protocol Conversation: AnyObject {
    /// Takes whole messages from the front of `input` and writes the replies to the front of
    /// `output`, as many as fit.
    func converse(_ input: RawSpan, _ output: inout MutableRawSpan) -> Exchange
}

/// What one call of a conversation did.
package struct Exchange {
    /// Octets of input that are done with.
    package var consumed = 0
    /// Octets of output to be sent.
    package var produced = 0
    /// Nothing more can be done before more input comes; false: the output is full, or others
    /// should have their turn.
    package var needsInput = false
    /// The peer broke the protocol: close once the output is sent.
    package var ends = false

    package init() {}
}

/// Bounds of the stream connections of one loop.
package struct StreamLimits: Sendable {
    /// The one whose deadline is nearest gives way to a new one.
    package var maximumConnections = 10_000
    /// Octets that all connections together may keep between events.
    package var maximumOctets = 64 << 20
    /// From the last message to the end of an idle connection (RFC 7766 §6.2.3).
    package var idleMilliseconds: UInt64 = 10_000
    /// From the first octet of a message to its last.
    package var messageMilliseconds: UInt64 = 5_000
    /// How long the peer may take nothing of what waits for it.
    package var stallMilliseconds: UInt64 = 5_000

    package init() {}
}
