// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a feed has told of its exports, and what of it may differ now.
struct ExportLedger {
    /// What has been told.
    private var exported: [ServiceName: ExportedService] = [:]
    /// Services that may differ from it.
    private(set) var open: Set<ServiceName> = []
    /// What a list no longer had: nobody has said that it was deleted.
    private var swept: Set<ServiceName> = []
    private var hasListed = false
    private var events: [FeedEvent] = []

    mutating func touch(_ name: ServiceName) { open.insert(name) }

    mutating func touch(_ names: some Sequence<ServiceName>) { open.formUnion(names) }

    /// Somebody has deleted an object of a Service: whatever a list said of it before.
    mutating func noteDeletion(of name: ServiceName) {
        open.insert(name)
        swept.remove(name)
    }

    /// A list has ended; what was open before its sweep is told as what it is, the sweep is not.
    mutating func listed(openBefore: Set<ServiceName>) {
        swept.formUnion(open.subtracting(openBefore))
        hasListed = true
    }

    /// The Services to look at; each is settled, or put off by a touch.
    mutating func takeOpen() -> Set<ServiceName> {
        defer { open = [] }
        return open
    }

    /// What a Service exports now; nil for nothing.
    mutating func settle(_ name: ServiceName, _ export: ExportedService?) {
        let isSwept = swept.remove(name) != nil
        guard export != exported[name] else { return }
        exported[name] = export
        if let export {
            events.append(.upserted(export))
        } else if isSwept {
            // One that was put off has missed the list that swept it.
            hasListed = true
        } else {
            events.append(.removed(name))
        }
    }

    mutating func takeEvents() -> [FeedEvent] {
        defer { events = [] }
        guard hasListed else { return events }
        hasListed = false
        return events + [.listed(Set(exported.keys))]
    }
}
