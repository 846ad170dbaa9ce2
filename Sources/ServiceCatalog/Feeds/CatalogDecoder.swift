// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Decodes catalogs: one or more documents that each are a GlobalService, a list of them or an
/// array of them.
///
/// The objects are those of `dns.fabedge.io/v1alpha1` with fab-dns's fields, and `conditions` and
/// `nodeName` on endpoints. A null stands for an absent field, as everywhere in Kubernetes.
struct CatalogDecoder<Reader: ObjectReader>: FieldDecoder {
    /// One object may have this many octets of text, as in the Kubernetes client.
    private static var maximumObjectSize: Int { 4 << 20 }
    /// Names of unknown fields that are remembered; with more of them one warning more says nothing
    /// new.
    private static var maximumUnknownFields: Int { 100 }
    private static var groupVersion: String { "dns.fabedge.io/v1alpha1" }

    var reader: Reader
    private(set) var services: [ExportedService] = []
    /// The paths of fields that were passed over, each once, as `spec.endpoints[].weight`.
    private(set) var unknownFields: [String] = []
    private var names: Set<ServiceName> = []
    private(set) var lines: CatalogLines?
    /// Of the endpoints of the service that is being read.
    var endpointLines: [Int] = []
    var shared = SharedValues()
    var packer = EndpointPacker()

    private let objectFields = FieldTable<ObjectField>(path: "")
    private let metadataFields = FieldTable<MetadataField>(path: "metadata", isOpen: true)
    let specFields = FieldTable<SpecField>(path: "spec")
    let portFields = FieldTable<PortField>(path: "spec.ports[]")
    let endpointFields = FieldTable<EndpointField>(path: "spec.endpoints[]")
    let conditionFields = FieldTable<ConditionField>(path: "spec.endpoints[].conditions")
    let referenceFields = FieldTable<NoField>(path: "spec.endpoints[].targetRef", isOpen: true)

    init(_ reader: Reader, recordsLines: Bool = false) {
        self.reader = reader
        lines = recordsLines ? CatalogLines() : nil
    }

    /// What the documents so far say.
    var loaded: LoadedCatalog {
        LoadedCatalog(services: services, unknownFields: unknownFields, lines: lines)
    }

    /// Forgets what was read and goes on with another text.
    mutating func begin(_ reader: Reader) {
        self.reader = reader
        services = []
        unknownFields = []
        names = []
        // An object that could not be read to its end may have left endpoints.
        _ = packer.finish()
    }

    /// Decodes one object that stands where its kind is known.
    mutating func document(isElement: Bool) throws(CatalogFault) {
        try object(isElement: isElement)
    }

    /// Decodes the next document.
    mutating func document() throws(CatalogFault) {
        if try reader.beginArray() {
            try elements { (decoder, _) throws(CatalogFault) in try decoder.object(isElement: true)
            }
        } else {
            try object(isElement: false)
        }
    }

    private enum ObjectField: String, CaseIterable { case apiVersion, kind, metadata, spec, items }
    private enum MetadataField: String, CaseIterable { case name, namespace }
    enum NoField: String, CaseIterable { case none = "" }

    private enum Kind: String { case GlobalService, GlobalServiceList, List }

    /// What was found of an object before its kind is known: the kind may come last.
    private struct Parts {
        var apiVersion: (mark: Reader.Mark, text: String)?
        var kind: Kind?
        var name: (mark: Reader.Mark, text: String)?
        var namespace: String?
        var spec: ServiceSpec?
        var hasItems = false
    }

    /// A GlobalService or a list; an element of a list is no list, and need not say what it is.
    private mutating func object(isElement: Bool) throws(CatalogFault) {
        let mark = try reader.mark()
        var parts = Parts()
        try fields(objectFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .apiVersion: parts.apiVersion = try decoder.markedText("an apiVersion")
            case .kind: parts.kind = try decoder.kind(isElement: isElement)
            case .metadata: try decoder.metadata(into: &parts)
            case .spec: parts.spec = try decoder.spec()
            case .items:
                guard !isElement else { throw try decoder.mismatch("a GlobalService, not a list") }
                try decoder.items()
                parts.hasItems = true
            }
        }
        guard reader.length(since: mark) <= Self.maximumObjectSize || parts.hasItems else {
            throw reader.fault(at: mark, "expected an object of at most 4 MiB")
        }
        guard let kind = parts.kind ?? (isElement ? .GlobalService : nil) else {
            throw reader.fault(
                at: mark, "expected a kind: GlobalService, List or GlobalServiceList")
        }
        try check(parts.apiVersion, of: kind, at: mark, isElement: isElement)
        switch kind {
        case .GlobalService: try add(parts, at: mark)
        case .List, .GlobalServiceList:
            guard parts.hasItems, parts.spec == nil else {
                throw reader.fault(at: mark, "expected items and no spec in a \(kind.rawValue)")
            }
        }
    }

    private mutating func items() throws(CatalogFault) {
        guard try reader.beginArray() else { throw try mismatch("a list of GlobalServices") }
        try elements { (decoder, _) throws(CatalogFault) in try decoder.object(isElement: true) }
    }

    private mutating func kind(isElement: Bool) throws(CatalogFault) -> Kind {
        let expected = isElement ? "GlobalService" : "GlobalService, List or GlobalServiceList"
        let (mark, text) = try markedText(expected)
        guard let kind = Kind(rawValue: text), !isElement || kind == .GlobalService else {
            throw reader.fault(
                at: mark, "expected \(expected), found \(quoted(Array(text.utf8)[...]))")
        }
        return kind
    }

    private func check(
        _ apiVersion: (mark: Reader.Mark, text: String)?, of kind: Kind, at mark: Reader.Mark,
        isElement: Bool
    ) throws(CatalogFault) {
        let expected = kind == .List ? "v1" : Self.groupVersion
        guard let apiVersion else {
            if isElement { return }
            throw reader.fault(at: mark, "expected apiVersion \(expected)")
        }
        guard apiVersion.text == expected else {
            throw reader.fault(
                at: apiVersion.mark,
                "expected \(expected), found \(quoted(Array(apiVersion.text.utf8)[...]))"
            ).within(field: "apiVersion")
        }
    }

    /// Metadata of a list has no name that matters; nothing is known of what comes first.
    private mutating func metadata(into parts: inout Parts) throws(CatalogFault) {
        try fields(metadataFields) { (decoder, field) throws(CatalogFault) in
            switch field {
            case .name:
                let mark = try decoder.reader.mark()
                let name = try decoder.text(
                    "a Service's name (RFC 1035 label in lower case)", NameRule.isRFC1035Label)
                parts.name = (mark, String(decoding: name, as: UTF8.self))
            case .namespace:
                let namespace = try decoder.text(
                    "a namespace (RFC 1123 label in lower case)", NameRule.isRFC1123Label)
                parts.namespace = decoder.shared.text(namespace)
            }
        }
    }

    private mutating func add(_ parts: Parts, at mark: Reader.Mark) throws(CatalogFault) {
        guard !parts.hasItems else {
            throw reader.fault(at: mark, "expected no items in a GlobalService")
        }
        guard let (nameMark, name) = parts.name else {
            throw reader.fault(at: mark, "expected a name").within(field: "metadata")
        }
        guard let namespace = parts.namespace else {
            throw reader.fault(at: mark, "expected a namespace").within(field: "metadata")
        }
        let identity = ServiceName(namespace: namespace, name: name)
        guard names.insert(identity).inserted else {
            throw reader.fault(at: nameMark, "expected each Service once, found \(identity) again")
                .within(field: "metadata.name")
        }
        let spec = parts.spec ?? ServiceSpec()
        if lines != nil {
            lines?.services.append(reader.line(of: nameMark))
            lines?.endpoints.append(spec.endpointLines)
        }
        services.append(
            ExportedService(
                name: identity, type: spec.type, ports: spec.ports, endpoints: spec.endpoints))
    }
}

// MARK: - Marked texts and unknown fields

extension CatalogDecoder {
    private mutating func markedText(
        _ expected: String
    ) throws(CatalogFault) -> (mark: Reader.Mark, text: String) {
        let mark = try reader.mark()
        guard let text = try reader.text() else { throw try mismatch(expected) }
        return (mark, String(decoding: text, as: UTF8.self))
    }

    mutating func note(unknown name: ArraySlice<UInt8>, in path: String) {
        let shown = quoted(name).dropFirst().dropLast()
        let field = path.isEmpty ? String(shown) : "\(path).\(shown)"
        guard unknownFields.count < Self.maximumUnknownFields, !unknownFields.contains(field) else {
            return
        }
        unknownFields.append(field)
    }
}
