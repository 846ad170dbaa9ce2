// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a feed makes of the objects that it watches: a value that takes them and answers with
/// events.
protocol ObjectStore {
    /// Whether every kind has been listed once.
    var isComplete: Bool { get }

    mutating func listBegan(_ kind: APIResource.Kind, _ scope: ExportScope)
    mutating func put(_ object: APIObject, _ scope: ExportScope)
    /// An object that cannot be read stays what it was.
    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope)
    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope)
    /// What the list did not name is gone.
    mutating func listEnded(_ kind: APIResource.Kind, _ scope: ExportScope)
    /// A kind is not to be had: nothing is known of it.
    mutating func doWithout(_ kind: APIResource.Kind)
    /// What has changed since the last call; nothing before all is complete.
    mutating func takeEvents() -> [FeedEvent]

    /// What is to be watched besides, as long as this has it.
    var watchedScopes: Set<ExportScope> { get }
    /// A scope that is no longer watched.
    mutating func drop(_ scope: ExportScope)
    /// Whether something would be lost if the kind were not there.
    func hasObjects(of kind: APIResource.Kind) -> Bool
}

extension ObjectStore {
    var watchedScopes: Set<ExportScope> { [] }
    mutating func drop(_ scope: ExportScope) {}
    func hasObjects(of kind: APIResource.Kind) -> Bool { true }
}

extension ExportStore: ObjectStore {}

/// GlobalServices as they are.
struct HubStore: ObjectStore {
    private(set) var isComplete = false
    private var names: Set<ServiceName> = []
    private var seen: Set<ServiceName>?
    private var events: [FeedEvent] = []

    /// What a first list has brought before it failed comes again with the next.
    mutating func listBegan(_ kind: APIResource.Kind, _ scope: ExportScope) {
        seen = []
        guard !isComplete else { return }
        names = []
        events = []
    }

    mutating func put(_ object: APIObject, _ scope: ExportScope) {
        guard case .globalService(let service) = object else { return }
        seen?.insert(service.name)
        names.insert(service.name)
        events.append(.upserted(service))
    }

    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope) {
        seen?.insert(ServiceName(namespace: name.namespace, name: name.name))
    }

    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope) {
        let service = ServiceName(namespace: name.namespace, name: name.name)
        names.remove(service)
        events.append(.removed(service))
    }

    mutating func listEnded(_ kind: APIResource.Kind, _ scope: ExportScope) {
        guard let seen else { return }
        self.seen = nil
        names.formIntersection(seen)
        isComplete = true
        events.append(.listed(names))
    }

    mutating func doWithout(_ kind: APIResource.Kind) {
        seen = nil
        guard !isComplete else { return }
        isComplete = true
        events.append(.listed([]))
    }

    mutating func takeEvents() -> [FeedEvent] {
        guard isComplete else { return [] }
        defer { events = [] }
        return events
    }
}
