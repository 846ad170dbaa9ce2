// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Decodes objects of the Kubernetes API, one at a time; fields that nobody here uses are stepped
/// over.
struct ObjectDecoder: FieldDecoder {
    var reader = JSONObjectReader([])
    /// Of the object that is being read: known, as a rule, before a fault in its `spec` is met.
    private(set) var metadata = ObjectMetadata()
    var zones = SharedTexts()
    private var globalServices = CatalogDecoder(JSONObjectReader([]))

    private let objectFields = FieldTable<ObjectField>(path: "", isOpen: true)
    private let metadataFields = FieldTable<MetadataField>(path: "metadata", isOpen: true)
    let serviceFields = FieldTable<ServiceField>(path: "spec", isOpen: true)
    let importFields = FieldTable<ImportField>(path: "spec", isOpen: true)
    let portFields = FieldTable<PortField>(path: "spec.ports[]", isOpen: true)
    let endpointFields = FieldTable<SliceEndpointField>(path: "endpoints[]", isOpen: true)
    let conditionFields = FieldTable<ConditionField>(path: "endpoints[].conditions", isOpen: true)
    let referenceFields = FieldTable<ReferenceField>(path: "endpoints[].targetRef", isOpen: true)
    let secretFields = FieldTable<SecretField>(path: "data", isOpen: true)
    let nodeFields = FieldTable<NodeField>(path: "spec", isOpen: true)

    private enum ObjectField: String, CaseIterable {
        case metadata, spec, addressType, endpoints, data
    }
    private enum MetadataField: String, CaseIterable {
        case name, namespace, resourceVersion, creationTimestamp, deletionTimestamp, labels
        case annotations
    }

    mutating func note(unknown name: ArraySlice<UInt8>, in path: String) {}

    /// Decodes an object of a resource.
    mutating func decode(
        _ octets: [UInt8], as resource: APIResource.Kind
    ) throws(CatalogFault) -> APIObject {
        reader = JSONObjectReader(octets)
        metadata = ObjectMetadata()
        defer { reader = JSONObjectReader([]) }
        switch resource {
        case .services: return .service(try service())
        case .endpointSlices: return .endpointSlice(try slice())
        case .nodes: return .node(try node())
        case .globalServices: return .globalService(try globalService(octets))
        case .secrets: return .secret(try secret())
        case .serviceExports: return .serviceExport(try serviceExport(octets))
        case .serviceImports: return .serviceImport(try service(isImport: true))
        }
    }

    /// The metadata of an object of any kind, as of a bookmark.
    mutating func metadata(of octets: [UInt8]) throws(CatalogFault) -> ObjectMetadata {
        reader = JSONObjectReader(octets)
        metadata = ObjectMetadata()
        defer { reader = JSONObjectReader([]) }
        try fields(objectFields) { (decoder, field) throws(CatalogFault) in
            if case .metadata = field {
                try decoder.readMetadata()
            } else {
                try decoder.reader.skip()
            }
        }
        return metadata
    }

    /// A GlobalService is read by who reads catalog files, so both mean the same.
    private mutating func globalService(
        _ octets: [UInt8]
    ) throws(CatalogFault) -> ExportedService {
        metadata = try metadata(of: octets)
        globalServices.begin(JSONObjectReader(octets))
        try globalServices.document(isElement: true)
        guard let service = globalServices.loaded.services.first else {
            throw CatalogFault(line: 1, column: 1, problem: "expected a GlobalService")
        }
        return service
    }

    private mutating func serviceExport(_ octets: [UInt8]) throws(CatalogFault) -> ExportObject {
        let metadata = try metadata(of: octets)
        return ExportObject(
            name: try serviceName(metadata.name), createdSeconds: metadata.createdSeconds,
            isLeaving: metadata.isLeaving)
    }

    // MARK: Parts

    private mutating func service(
        isImport: Bool = false
    ) throws(CatalogFault) -> ServiceObject {
        var spec = ServiceParts()
        try fields(objectFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .metadata: try decoder.readMetadata()
            case .spec:
                spec = isImport ? try decoder.importSpec() : try decoder.serviceSpec()
            case .addressType, .endpoints, .data: try decoder.reader.skip()
            }
        }
        return try spec.service(
            named: serviceName(metadata.name), createdSeconds: metadata.createdSeconds)
    }

    private mutating func slice() throws(CatalogFault) -> SliceObject {
        var endpoints: [SliceEndpoint] = []
        var isFQDN = false
        var mayHaveFQDN = false
        try fields(objectFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .metadata: try decoder.readMetadata()
            case .addressType:
                isFQDN = try decoder.text("an address type") { _ in true }.elementsEqual(
                    "FQDN".utf8)
            case .endpoints:
                if isFQDN { return try decoder.reader.skip() }
                (endpoints, mayHaveFQDN) = try decoder.sliceEndpoints()
            case .spec, .data: try decoder.reader.skip()
            }
        }
        guard !mayHaveFQDN || isFQDN else {
            throw CatalogFault(line: 1, column: 1, problem: "expected IPv4 or IPv6 addresses")
                .within(field: "endpoints")
        }
        return SliceObject(
            name: metadata.objectName, serviceName: metadata.labels[WatchedLabel.serviceName],
            importName: metadata.labels[WatchedLabel.importName],
            sourceCluster: metadata.labels[WatchedLabel.sourceCluster].flatMap { cluster in
                // What is no name cannot be asked for; the endpoints are answered all the same.
                NameRule.isRFC1123Subdomain(Array(cluster.utf8)[...]) ? cluster : nil
            },
            endpoints: isFQDN ? [] : endpoints, triggerSeconds: metadata.triggerSeconds)
    }

    private mutating func node() throws(CatalogFault) -> NodeObject {
        var podCIDRs: [String] = []
        try fields(objectFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .metadata: try decoder.readMetadata()
            case .spec: podCIDRs = try decoder.nodeSpec()
            case .addressType, .endpoints, .data: try decoder.reader.skip()
            }
        }
        return NodeObject(
            name: metadata.name, zone: metadata.labels[WatchedLabel.zone],
            region: metadata.labels[WatchedLabel.region], podCIDRs: podCIDRs)
    }

    private mutating func secret() throws(CatalogFault) -> SecretObject {
        var kubeconfig: String?
        try fields(objectFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .metadata: try decoder.readMetadata()
            case .data: kubeconfig = try decoder.kubeconfig()
            case .spec, .addressType, .endpoints: try decoder.reader.skip()
            }
        }
        return SecretObject(
            name: metadata.objectName, cluster: metadata.labels[WatchedLabel.cluster],
            zone: metadata.labels[WatchedLabel.memberZone],
            region: metadata.labels[WatchedLabel.memberRegion], kubeconfig: kubeconfig)
    }

    /// Labels are values of 63 octets at most, so few of them are copies of long texts.
    private mutating func readMetadata() throws(CatalogFault) {
        try fields(metadataFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .name:
                decoder.metadata.name = String(
                    decoding: try decoder.text("a name of at most 253 octets") {
                        1...253 ~= $0.count
                    }, as: UTF8.self)
            case .namespace:
                let namespace = try decoder.text("a namespace of at most 63 octets") {
                    $0.count <= 63
                }
                decoder.metadata.namespace = decoder.zones.text(namespace)
            case .resourceVersion:
                decoder.metadata.resourceVersion = String(
                    decoding: try decoder.text("a resourceVersion of at most 64 octets") {
                        $0.count <= 64
                    }, as: UTF8.self)
            case .creationTimestamp:
                decoder.metadata.createdSeconds = RFC3339.seconds(
                    try decoder.text("a time") { _ in true })
            case .deletionTimestamp:
                decoder.metadata.isLeaving = true
                try decoder.reader.skip()
            case .labels: try decoder.readLabels()
            case .annotations: try decoder.readAnnotations()
            }
        }
    }

    private mutating func readLabels() throws(CatalogFault) {
        guard try reader.beginObject() else { throw try mismatch("labels") }
        while let key = try reader.nextField() {
            guard let label = WatchedLabel.all.first(where: { $0.utf8.elementsEqual(key) }) else {
                try reader.skip()
                continue
            }
            let value = try text("a label's value of at most 63 octets") { $0.count <= 63 }
            guard !value.isEmpty else { continue }
            metadata.labels[label] =
                label == WatchedLabel.serviceName || label == WatchedLabel.importName
                ? String(decoding: value, as: UTF8.self) : zones.text(value)
        }
    }

    private mutating func readAnnotations() throws(CatalogFault) {
        guard try reader.beginObject() else { throw try mismatch("annotations") }
        while let key = try reader.nextField() {
            if key.elementsEqual(Self.initialEnd) {
                metadata.endsInitialEvents = try text("true or false") { _ in true }
                    .elementsEqual("true".utf8)
            } else if key.elementsEqual(Self.trigger) {
                metadata.triggerSeconds = RFC3339.seconds(try text("a time") { _ in true })
            } else {
                try reader.skip()
            }
        }
    }

    private static let initialEnd = Array("k8s.io/initial-events-end".utf8)
    private static let trigger = Array("endpoints.kubernetes.io/last-change-trigger-time".utf8)

    /// The names that a Service's object may have are those that DNS can ask for.
    private func serviceName(_ name: String) throws(CatalogFault) -> ServiceName {
        guard NameRule.isRFC1123Label(Array(metadata.namespace.utf8)[...]),
            NameRule.isRFC1123Label(Array(name.utf8)[...])
        else {
            throw CatalogFault(line: 1, column: 1, problem: "expected RFC 1123 labels")
                .within(field: "metadata.name")
        }
        return ServiceName(namespace: metadata.namespace, name: name)
    }
}

/// The labels that somebody here reads.
enum WatchedLabel {
    static let serviceName = "kubernetes.io/service-name"
    static let zone = "topology.kubernetes.io/zone"
    static let region = "topology.kubernetes.io/region"
    static let importName = "multicluster.kubernetes.io/service-name"
    static let sourceCluster = "multicluster.kubernetes.io/source-cluster"
    /// Of Secrets with kubeconfigs.
    static let cluster = "fabedge.io/cluster-kubeconfig"
    static let memberZone = "fabedge.io/zone"
    static let memberRegion = "fabedge.io/region"
    static let all = [
        serviceName, zone, region, importName, sourceCluster, cluster, memberZone, memberRegion,
    ]
}

/// Short texts of which there are few, each made once.
struct SharedTexts {
    private var known: Set<String> = []
    /// What comes in a row is found without hashing.
    private var last = ""

    mutating func text(_ octets: ArraySlice<UInt8>) -> String {
        if last.utf8.elementsEqual(octets) { return last }
        // A flood of distinct texts is not kept.
        if known.count > 10_000 { known = [] }
        last = known.insert(String(decoding: octets, as: UTF8.self)).memberAfterInsert
        return last
    }
}
