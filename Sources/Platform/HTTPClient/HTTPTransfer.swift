// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One request and its response, as long as it is under way.
package final class HTTPTransfer: @unchecked Sendable {
    // Premise of @unchecked Sendable: used on the queue of its link's loop only.
    struct Deliveries {
        let onHead: (Int) -> Void
        let onContent: ([UInt8]) -> Bool
        let onEnd: (HTTPOutcome) -> Void
    }

    /// Nil once nothing more may be called.
    private var deliveries: Deliveries?
    private var link: HTTPLink?
    /// The library's side; nil where the request was refused.
    var easy: CurlEasy?
    private var status = 0
    private var headOctets = 0
    private var wasStopped = false

    /// Of the heads of one response together, 1xx among them.
    private static let maximumHeadOctets = 256 << 10

    init(_ deliveries: Deliveries?, of link: HTTPLink?) {
        self.deliveries = deliveries
        self.link = link
    }

    /// Whether its end is still awaited.
    var isAwaited: Bool { deliveries != nil }

    /// Ends it; nothing is called any more.
    package func cancel() {
        guard let link = fallSilent() else { return }
        link.leave(self)
    }

    /// Calls nothing from now on; the link that it was under way on.
    @discardableResult
    func fallSilent() -> HTTPLink? {
        deliveries = nil
        defer { link = nil }
        return link
    }

    /// Tells how the library ended it.
    func end(_ code: Int32) {
        guard let easy else { return }
        end(easy.outcome(code, status: status, wasStopped: wasStopped))
    }

    func end(_ failure: HTTPFailure) { end(HTTPOutcome(status: status, failure: failure)) }

    private func end(_ outcome: HTTPOutcome) {
        guard let onEnd = deliveries?.onEnd else { return }
        fallSilent()
        easy = nil
        onEnd(outcome)
    }
}

extension HTTPTransfer: CurlReceiver {
    func receive(headOctets count: Int, status final: Int?) -> Bool {
        headOctets += count
        guard headOctets <= Self.maximumHeadOctets else {
            wasStopped = true
            return false
        }
        // What comes after the content are trailers.
        if let final, status == 0 {
            status = final
            deliveries?.onHead(final)
        }
        return isAwaited
    }

    func receive(_ content: [UInt8]) -> Bool {
        guard let deliveries else { return false }
        guard deliveries.onContent(content) else {
            wasStopped = true
            return false
        }
        return isAwaited
    }
}
