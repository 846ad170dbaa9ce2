// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// What the catalog path has to say of a table beside its answers.
///
/// The row is owned by the publisher of answers, which keeps it until the worker has another.
@safe
struct TableNotice {
    /// A feed has delivered nothing yet: what is not in the table may exist all the same.
    var isIncomplete = false
    /// 1 for localities of clusters that are stale; nil where none is.
    var stale: UnsafePointer<UInt8>?

    init(isIncomplete: Bool = false, stale: UnsafePointer<UInt8>? = nil) {
        self.isIncomplete = isIncomplete
        unsafe self.stale = stale
    }
}

extension Responder {
    /// A name of which nobody can say yet that it is not there: SERVFAIL, so that nobody remembers
    /// it.
    func failNotReady(_ writer: inout ReplyWriter) {
        writer.refuse(ReplyCode.serverFailure)
        writer.add(
            ReplyOption(code: ReplyOption.extendedError, value: ExtendedErrorCode.notReady))
    }

    /// Says that the answer comes from a cluster that has not been heard for a while (RFC 8914
    /// §4.4); before the answer is written, since it takes room.
    @unsafe @inline(never)
    func noteStale(
        _ writer: inout ReplyWriter, _ query: borrowing Query, _ owner: OwnerView,
        _ entry: UnsafePointer<ZoneSet.Entry>, _ stale: UnsafePointer<UInt8>
    ) {
        guard query.edns.isPresent else { return }
        let tiers =
            unsafe owner.flags.contains(.isRanked) ? rows[entry.pointee.place] : nil
        let groups = unsafe OwnerGroups(
            groups: owner.groups, count: Int(owner.header.groupCount), tiers: tiers)
        let families: [AddressFamily]
        switch query.type {
        case QuestionType.a: families = [.v4]
        case QuestionType.aaaa: families = [.v6]
        default: families = [.v4, .v6]
        }
        for family in families {
            var recorder = NoRecorder()
            guard let choice = unsafe nearestTier(of: groups, family: family, recorder: &recorder)
            else { continue }
            if unsafe groups.hasStale(choice.tier, family, stale) {
                return writer.add(
                    ReplyOption(
                        code: ReplyOption.extendedError, value: ExtendedErrorCode.staleAnswer))
            }
        }
    }

    /// The same of a name that is not there, as far as is known (RFC 8914 §4.20).
    func noteStaleDenial(_ writer: inout ReplyWriter) {
        writer.add(
            ReplyOption(
                code: ReplyOption.extendedError, value: ExtendedErrorCode.staleNameError))
    }
}

extension OwnerGroups {
    /// Whether an address of the tier is in a locality that is stale.
    @unsafe
    fileprivate func hasStale(
        _ tier: UInt8, _ family: AddressFamily, _ stale: UnsafePointer<UInt8>
    ) -> Bool {
        unsafe (0..<count).contains { group in
            guard unsafe self.tier(of: group) == tier,
                unsafe readyCount(of: group, family: family) > 0
            else {
                return false
            }
            return unsafe stale[Int(groups[group].locality)] != 0
        }
    }
}
