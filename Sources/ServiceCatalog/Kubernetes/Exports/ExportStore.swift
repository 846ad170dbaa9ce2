// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The objects of one cluster and what they export: a value that takes objects and answers with
/// the events of a feed.
///
/// Nothing is told before every kind has been listed once: half a cluster is no smaller cluster.
/// ServiceExports say which namespaces are to be watched beside the Services with the label
/// (docs/decisions/0007-mcs-exports.md).
struct ExportStore {
    /// Endpoints and addresses beyond this of one Service are not kept; a DNS answer never has so
    /// many.
    static let maximumEndpoints = 65_536
    /// Nodes that a list no longer has and that are remembered.
    static let maximumLostNodes = 5_000
    /// Of more namespaces than these everything is watched at once.
    static let maximumNamespaces = 32

    private let rule: ExportRule
    private var scopes: [ExportScope: ScopedObjects] = [.labelled: ScopedObjects()]
    private var exports: [ServiceName: ExportObject] = [:]
    private var nodes: [String: NodeObject] = [:]
    /// Nodes that are somewhere else since the last batch.
    private var moved: Set<String> = []
    private var localities = SharedLocalities()
    private var ledger = ExportLedger()
    /// Of the lists of Nodes and ServiceExports that are on their way.
    private var seen: [APIResource.Kind: Set<ObjectName>] = [:]
    /// Kinds of which the first watch has not been listed yet.
    private var awaited: Set<APIResource.Kind>
    /// Whether all that is wanted has been listed once.
    private(set) var isComplete = false
    /// Scopes that ServiceExports ask for.
    private var wanted: Set<ExportScope> = []
    private var mayWantOthers = true

    init(rule: ExportRule, kinds: Set<APIResource.Kind>) {
        self.rule = rule
        awaited = kinds
    }

    // MARK: Objects

    mutating func put(_ object: APIObject, _ scope: ExportScope) {
        switch object {
        case .service(let service):
            touch(scopes[scope]?.put(service), scope)
        case .endpointSlice(let slice):
            ledger.touch(scopes[scope]?.put(slice) ?? [])
        case .node(let node):
            seen[.nodes]?.insert(ObjectName(namespace: "", name: node.name))
            let before = nodes.updateValue(node, forKey: node.name)
            if before?.zone != node.zone || before?.region != node.region {
                moved.insert(node.name)
            }
        case .serviceExport(let export):
            guard !export.isLeaving else {
                return remove(ObjectName(export.name), .serviceExports, scope)
            }
            seen[.serviceExports]?.insert(ObjectName(export.name))
            guard exports.updateValue(export, forKey: export.name) != export else { return }
            ledger.touch(export.name)
            mayWantOthers = true
        case .globalService, .serviceImport, .secret: break
        }
    }

    /// An object that cannot be read stays what it was.
    mutating func keep(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope) {
        seen[kind]?.insert(name)
        scopes[scope]?.keep(name, kind)
    }

    mutating func remove(_ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope) {
        let service = forget(name, kind, scope)
        if let service { ledger.noteDeletion(of: service) }
    }

    /// Answers with the Service that the object was of, where one may differ now.
    @discardableResult
    private mutating func forget(
        _ name: ObjectName, _ kind: APIResource.Kind, _ scope: ExportScope
    ) -> ServiceName? {
        switch kind {
        case .services, .endpointSlices:
            let service = scopes[scope]?.remove(name, kind)
            touch(service, scope)
            return service
        case .nodes:
            if nodes.removeValue(forKey: name.name) != nil { moved.insert(name.name) }
            return nil
        case .serviceExports:
            return unexport(ServiceName(namespace: name.namespace, name: name.name))
        case .globalServices, .serviceImports, .secrets: return nil
        }
    }

    mutating func listBegan(_ kind: APIResource.Kind, _ scope: ExportScope) {
        switch kind {
        case .services, .endpointSlices:
            scopes[scope, default: ScopedObjects()].listBegan(kind)
        case .nodes, .serviceExports, .globalServices, .serviceImports, .secrets: seen[kind] = []
        }
    }

    /// What the list did not name is gone.
    mutating func listEnded(_ kind: APIResource.Kind, _ scope: ExportScope) {
        let open = ledger.open
        switch kind {
        case .services, .endpointSlices:
            guard let gone = scopes[scope]?.listEnded(kind) else { return }
            for name in gone { touch(name, scope) }
        case .nodes, .serviceExports, .globalServices, .serviceImports, .secrets:
            guard let seen = seen.removeValue(forKey: kind) else { return }
            // Where a Node was is where it will be: one that nobody has deleted is remembered, or
            // the pods of an etcd that was wiped would come back before their zones.
            guard kind != .nodes || nodes.count > seen.count + Self.maximumLostNodes else { break }
            let known =
                kind == .nodes
                ? nodes.keys.map { ObjectName(namespace: "", name: $0) }
                : exports.keys.map { ObjectName($0) }
            for name in known where !seen.contains(name) { forget(name, kind, scope) }
        }
        ledger.listed(openBefore: open)
        if scope == .labelled { awaited.remove(kind) }
        settle()
    }

    /// A kind that is not to be had: nothing is known of it.
    mutating func doWithout(_ kind: APIResource.Kind) {
        seen[kind] = nil
        scopes[.labelled]?.doWithout(kind)
        awaited.remove(kind)
        ledger.listed(openBefore: ledger.open)
        settle()
    }

    /// Nothing is known any more of what a scope has brought.
    mutating func drop(_ scope: ExportScope) {
        guard let names = scopes.removeValue(forKey: scope)?.names else { return }
        ledger.touch(names)
    }

    func hasObjects(of kind: APIResource.Kind) -> Bool {
        kind != .serviceExports || !exports.isEmpty
    }

    private mutating func unexport(_ name: ServiceName) -> ServiceName? {
        guard exports.removeValue(forKey: name) != nil else { return nil }
        ledger.touch(name)
        mayWantOthers = true
        return name
    }

    private mutating func touch(_ name: ServiceName?, _ scope: ExportScope) {
        guard let name else { return }
        ledger.touch(name)
        if scope == .labelled, exports[name] != nil { mayWantOthers = true }
    }

    /// Endpoints are looked through once for all Nodes of a batch, and of a list.
    private mutating func touchMoved() {
        guard !moved.isEmpty, seen[.nodes] == nil else { return }
        for objects in scopes.values { ledger.touch(objects.services(on: moved)) }
        moved = []
    }

    // MARK: Scopes

    /// What is to be watched beside the label; a scope is left once those that take its place are
    /// listed.
    var watchedScopes: Set<ExportScope> {
        wanted.allSatisfy(isListed)
            ? wanted : wanted.union(scopes.keys.filter { $0 != .labelled })
    }

    private func isListed(_ scope: ExportScope) -> Bool { scopes[scope]?.isListed == true }

    private mutating func settle() {
        guard awaited.isEmpty else { return }
        if mayWantOthers {
            mayWantOthers = false
            wanted = scopesOfExports()
        }
        if !isComplete { isComplete = wanted.allSatisfy(isListed) }
    }

    /// The namespaces with a ServiceExport that the label does not cover; one that is watched stays
    /// while it has any, so that a label that comes and goes costs nothing.
    private func scopesOfExports() -> Set<ExportScope> {
        var namespaces: Set<ExportScope> = []
        for name in exports.keys where rule.mayExport(name.namespace) {
            let scope = ExportScope.namespace(name.namespace)
            if wanted.contains(scope) || scopes[.labelled]?.services[name] == nil {
                namespaces.insert(scope)
            }
        }
        let isAll = namespaces.count > Self.maximumNamespaces || wanted.contains(.all)
        return isAll && !exports.isEmpty ? [.all] : namespaces
    }

    /// What a Service is, as far as it is known.
    func exposure(of service: ServiceName) -> ServiceObject.Exposure? {
        scopes.values.lazy.compactMap { $0.services[service]?.exposure }.first
    }

    // MARK: Events

    /// What has changed since the last call.
    mutating func takeEvents() -> [FeedEvent] {
        settle()
        guard isComplete else { return [] }
        touchMoved()
        for name in ledger.takeOpen() {
            if isKnown(name) {
                ledger.settle(name, export(name))
            } else {
                ledger.touch(name)
            }
        }
        return ledger.takeEvents()
    }

    /// Whether all is there that says what becomes of a Service: of one that has lost its label
    /// but not its ServiceExport, its namespace comes first.
    private func isKnown(_ name: ServiceName) -> Bool {
        scopes[.labelled]?.services[name] != nil || exports[name] == nil
            || !rule.mayExport(name.namespace) || scopes(of: name).contains { $0.isListed }
    }

    private func scopes(of name: ServiceName) -> [ScopedObjects] {
        [scopes[.namespace(name.namespace)], scopes[.all]].compactMap(\.self)
    }

    private mutating func export(_ name: ServiceName) -> ExportedService? {
        let labelled = scopes[.labelled]
        let ground = ExportGround(
            isLabelled: labelled?.services[name] != nil, export: exports[name])
        guard ground.isLabelled || ground.export != nil else { return nil }
        let others = ground.export == nil ? [] : scopes(of: name)
        let service =
            labelled?.services[name] ?? others.lazy.compactMap { $0.services[name] }.first
        guard let service else { return nil }
        // Labels of a Service come to its slices a little later.
        var slices: [ObjectName: SliceObject] = [:]
        for objects in [labelled].compactMap(\.self) + others.reversed() {
            for slice in objects.slices(of: name) { slices[slice.name] = slice }
        }
        return rule.export(
            service, on: ground, Array(slices.values).limited, nodes: nodes,
            localities: &localities)
    }
}
