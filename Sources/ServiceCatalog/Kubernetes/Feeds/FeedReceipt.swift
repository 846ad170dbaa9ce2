// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch

/// When the events of a batch came, to tell how long they took to be answered.
package struct FeedReceipt: Sendable {
    /// Of the first, on the clock of `DispatchTime`; nil for what is no news, as a list.
    package let uptimeNanoseconds: UInt64?
    /// What made them happen and when, in seconds since 1970, where objects say so.
    package let triggers: [Trigger]

    package struct Trigger: Sendable {
        package let isHeadless: Bool
        package let seconds: Double
    }
}

/// Gathers a receipt while events come.
struct ReceiptBook {
    private var first: UInt64?
    private var triggers: [FeedReceipt.Trigger] = []
    /// What happened before is no news.
    private let startSeconds: Double
    private static let maximumTriggers = 1000

    init(startSeconds: Double) { self.startSeconds = startSeconds }

    mutating func noteEvent() { first = first ?? DispatchTime.now().uptimeNanoseconds }

    mutating func noteTrigger(_ seconds: Double, isHeadless: Bool) {
        guard seconds >= startSeconds, triggers.count < Self.maximumTriggers else { return }
        triggers.append(FeedReceipt.Trigger(isHeadless: isHeadless, seconds: seconds))
    }

    /// What has been gathered since the last call.
    mutating func take(isNews: Bool) -> FeedReceipt {
        defer {
            first = nil
            triggers = []
        }
        return isNews
            ? FeedReceipt(uptimeNanoseconds: first, triggers: triggers)
            : FeedReceipt(uptimeNanoseconds: nil, triggers: [])
    }
}
