// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Fuzzing
internal import JSON

@testable internal import ServiceCatalog

// The first octet says whether a list or a watch comes, and of what; the second one, where its
// chunks end.
fuzz { input in
    guard input.count >= 2 else { return .refused }
    let kinds = APIResource.Kind.allCases
    let kind = kinds[Int(input[0]) >> 1 % kinds.count]
    let octets = Array(input[2...])
    if input[0] & 1 == 0 {
        checkList(octets, of: kind, seed: input[1])
    } else {
        checkWatch(octets, of: kind, seed: input[1])
    }
    checkStatus(octets)
    return .kept
}

// MARK: Lists

func checkList(_ octets: [UInt8], of kind: APIResource.Kind, seed: UInt8) {
    let whole = SplitList([octets])
    require(SplitList(chunks(octets, seed: seed)) == whole, "chunks change the list")
    require(SplitList(octets.map { [$0] }) == whole, "single octets change the list")
    // Only a field's name that is written with escapes is not known for what it is.
    if !hasEscapedLetter(octets), let items = try? itemsOfDocument(octets) {
        require(whole.isList, "a document is no list")
        require(whole.items == items, "other items than the document's")
    }
    if let metadata = ListMetadata(envelope: whole.envelope) {
        require(1...64 ~= metadata.resourceVersion.utf8.count, "a version of no length")
        require(metadata.continuation != "", "goes on nowhere")
    }
    check(whole.items, of: kind)
}

/// What a splitter makes of a list.
struct SplitList: Equatable {
    var items: [[UInt8]] = []
    var envelope: [UInt8] = []
    var isList = true

    init(_ chunks: [[UInt8]]) {
        var splitter = ListSplitter()
        for chunk in chunks where isList {
            isList = splitter.add(chunk) { piece in
                switch piece {
                case .item(let octets), .oversize(let octets): items.append(octets)
                }
            }
        }
        // What stands behind the octet that refuses a list may have come or not.
        if isList { envelope = splitter.envelope }
    }
}

/// The items as somebody finds them who has the whole list: those that have brackets around.
func itemsOfDocument(_ octets: [UInt8]) throws(JSONError) -> [[UInt8]] {
    var reader = JSONReader(octets)
    var items: [[UInt8]] = []
    try reader.beginObject()
    while let name = try reader.nextField() {
        guard name.elementsEqual("items".utf8), try reader.peek() == .array else {
            try reader.skip()
            continue
        }
        try reader.beginArray()
        while try reader.nextElement() {
            let kind = try reader.peek()
            let start = reader.offset
            try reader.skip()
            guard kind == .object || kind == .array else { continue }
            items.append(Array(octets[start..<reader.offset]))
        }
    }
    try reader.end()
    return items
}

func hasEscapedLetter(_ octets: [UInt8]) -> Bool {
    zip(octets, octets.dropFirst()).contains { $0 == UInt8(ascii: "\\") && $1 == UInt8(ascii: "u") }
}

// MARK: Watches

func checkWatch(_ octets: [UInt8], of kind: APIResource.Kind, seed: UInt8) {
    var parts = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { Array($0) }
    let rest = parts.removeLast()
    let lines = parts.filter { !$0.isEmpty }
    for chunks in [[octets], chunks(octets, seed: seed), octets.map { [$0] }] {
        var splitter = LineSplitter()
        var found: [[UInt8]] = []
        for chunk in chunks { require(splitter.add(chunk) { found.append($0) }, "no stream") }
        require(found == lines, "chunks change the lines")
        require(splitter.isBetweenLines == rest.isEmpty, "a line begins or not")
    }
    var objects: [[UInt8]] = []
    var decoder = ObjectDecoder()
    for line in lines {
        switch WatchLine(line) {
        case .added(let object), .modified(let object): objects.append(object)
        case .deleted(let object), .bookmark(let object):
            if let metadata = try? decoder.metadata(of: object) {
                require(metadata == decoder.metadata, "two kinds of metadata")
            }
        case .error(let object): checkStatus(object)
        case nil: break
        }
    }
    check(objects, of: kind)
}

func checkStatus(_ octets: [UInt8]) {
    let message = APIStatus(octets).message
    require(message.unicodeScalars.count <= 300, "a long message")
    require(message.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "more than a line")
    require(message.last != " ", "a space at the end")
}

// MARK: Objects

/// What a decoder makes of an object.
enum Outcome: Equatable {
    case object(APIObject)
    case fault(String)
}

/// A decoder that has read others reads each object as one that has not.
func check(_ objects: [[UInt8]], of kind: APIResource.Kind) {
    var used = ObjectDecoder()
    for octets in objects {
        var fresh = ObjectDecoder()
        let outcome = decode(octets, of: kind, by: &fresh)
        require(decode(octets, of: kind, by: &used) == outcome, "one object changes the next")
        require(used.metadata == fresh.metadata, "one object names the next")
        require(fresh.metadata.name.utf8.count <= 253 * 3, "a long name")
        require(fresh.metadata.namespace.utf8.count <= 63 * 3, "a long namespace")
        if case .object(let object) = outcome { check(object, fresh.metadata) }
    }
}

func decode(
    _ octets: [UInt8], of kind: APIResource.Kind, by decoder: inout ObjectDecoder
) -> Outcome {
    do throws(CatalogFault) {
        return .object(try decoder.decode(octets, as: kind))
    } catch {
        require(!error.problem.isEmpty, "a fault without words")
        return .fault("\(error.line):\(error.column): \(error.path): \(error.problem)")
    }
}

func check(_ object: APIObject, _ metadata: ObjectMetadata) {
    switch object {
    case .service(let service):
        require(ObjectName(service.name) == metadata.objectName, "another Service")
        for name in [service.name.name, service.name.namespace] {
            require(NameRule.isRFC1123Label(Array(name.utf8)[...]), "a name: \(name)")
        }
        require(service.ports.allSatisfy { $0.number > 0 }, "port 0")
        export(service)
    case .endpointSlice(let slice): require(slice.name == metadata.objectName, "another slice")
    case .node(let node): require(node.name == metadata.name, "another Node")
    case .serviceImport(let service):
        require(ObjectName(service.name) == metadata.objectName, "another ServiceImport")
    case .serviceExport(let export):
        require(ObjectName(export.name) == metadata.objectName, "another ServiceExport")
    case .globalService(let service):
        require(ObjectName(service.name) == metadata.objectName, "another GlobalService")
        require(service.endpoints.allSatisfy { !$0.addresses.isEmpty }, "no address")
    }
}

/// With an endpoint of each family a Service is exported as it says.
func export(_ service: ServiceObject) {
    let endpoint = SliceEndpoint(
        addresses: [.v4(1), .v6(0, 1)], hostname: nil, nodeName: nil, zone: nil, target: nil,
        conditions: .ready)
    let slice = SliceObject(
        name: ObjectName(namespace: service.name.namespace, name: "x"),
        serviceName: service.name.name, endpoints: [endpoint])
    var localities = SharedLocalities()
    let export = ExportRule(place: Place()).export(
        service, [slice], nodes: [:], localities: &localities)
    switch service.exposure {
    case .clusterIP:
        require((export == nil) == service.addresses.isEmpty, "exported without an address")
        require(export?.endpoints.first?.addresses ?? [] == service.addresses, "other addresses")
    case .headless: require(export?.endpoints.count == 1, "no pod")
    case .other: require(export == nil, "exported")
    }
}

// MARK: Chunks

/// Chunks of a few octets each, in sizes that the seed brings again.
func chunks(_ octets: [UInt8], seed: UInt8) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var rest = octets[...]
    var state = UInt32(seed) &* 2_654_435_761 | 1
    while !rest.isEmpty {
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        let count = Int(state % (seed < 128 ? 8 : 64))
        chunks.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return chunks
}
