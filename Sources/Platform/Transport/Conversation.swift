// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What is said on a connection: the protocol above the octets.
///
/// Called on the loop's queue, never after `closed`.
package protocol Conversation: AnyObject {
    /// Takes what it can from the front of `input` and writes to the front of `output`, as much as
    /// fits.
    ///
    /// Called when input has come, when its turn has come again, and after a wake-up; `input` may
    /// then be empty.
    func converse(_ input: RawSpan, _ output: inout MutableRawSpan) -> Exchange

    /// The peer sends no more, while the conversation waits to be woken or needs input.
    ///
    /// What was kept unfinished of the input is lost.
    func peerEnded() -> Exchange

    /// The time set by the last exchange has run out.
    func expired(_ output: inout MutableRawSpan) -> Exchange

    /// The connection is gone.
    func closed()
}

extension Conversation {
    package func peerEnded() -> Exchange { Exchange(next: .end) }
    package func expired(_ output: inout MutableRawSpan) -> Exchange { Exchange(next: .end) }
    package func closed() {}
}

/// What one call of a conversation did, and what it waits for now.
package struct Exchange {
    package enum Next: Equatable {
        /// Nothing can be done before more input comes.
        case input
        /// There is more to do: the output was full, or others should have their turn.
        case turn
        /// Nothing can be done before the handle is woken; meanwhile nothing is read.
        case wake
        /// Close once the output is sent.
        case end
        /// Close once the output is sent and the peer has had time to read it: input that still
        /// comes is read past, since a reset would destroy what is under way.
        case lingeringEnd
    }

    package enum Patience: Equatable {
        /// The listener's: the idle time between messages, the message time within one.
        case standard
        /// The deadline stays as it is.
        case unchanged
        /// From now, in milliseconds.
        case milliseconds(UInt64)
        case endless
    }

    /// Octets of input that are done with.
    package var consumed = 0
    /// Octets of output to be sent.
    package var produced = 0
    package var next: Next
    package var patience = Patience.standard

    package init(next: Next = .turn) { self.next = next }
}

/// Bounds of the stream connections of one loop.
package struct StreamLimits: Sendable {
    /// The one whose deadline is nearest gives way to a new one.
    package var maximumConnections = 10_000
    /// Octets that all connections together may keep between events.
    package var maximumOctets = 64 << 20

    package init() {}
}

/// How long the connections of one listener may take for each part.
package struct StreamTimes: Sendable, Equatable {
    /// From the last message to the end of an idle connection (RFC 7766 §6.2.3).
    package var idleMilliseconds: UInt64 = 10_000
    /// From the first octet of a message to its last; a TLS handshake as a whole.
    package var messageMilliseconds: UInt64 = 5_000
    /// How long the peer may take nothing of what waits for it.
    package var stallMilliseconds: UInt64 = 5_000

    package init() {}
}
