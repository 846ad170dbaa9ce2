// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Transport

extension Responder {
    /// Stage 3: what `acl` says of a query whose zone is known.
    @inline(never)
    func checkAccess(_ query: inout Query, _ zones: ZoneSet) {
        guard let node = query.node else { return }
        let entry = unsafe zones.entries[node]
        guard entry.accessCount > 0 else { return }
        let rules = Int(entry.accessStart)..<Int(entry.accessStart) + Int(entry.accessCount)
        let action = zones.access.action(rules, type: query.type, asker: query.asker)
        unsafe meters.pointee.count(action, meter: entry.meter)
        switch action {
        case .allow: break
        case .block:
            query.verdict = .code(ReplyCode.refused, reason: ExtendedErrorCode.blocked)
        case .filter:
            query.verdict = .code(ReplyCode.noError, reason: ExtendedErrorCode.filtered)
        case .drop: query.verdict = .drop
        }
    }
}
