// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import JSON
import ServiceCatalog

/// A part of a catalog in JSON, in the order of the names.
struct CatalogPage {
    static let maximumLimit = 1000

    private let limit: Int
    /// The last name of the page before.
    private let after: ServiceName?

    /// `limit` and `continue`; nil where they are none.
    init?(_ query: QueryParameters) {
        limit = query["limit"].map { Int($0) ?? 0 } ?? 100
        guard 1...Self.maximumLimit ~= limit else { return nil }
        guard let text = query["continue"] else {
            after = nil
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        after = ServiceName(namespace: String(parts[0]), name: String(parts[1]))
    }

    func json(of snapshot: CatalogSnapshot?) -> JSONWriter {
        var names: [ServiceName] = []
        snapshot?.services.forEach { name, _ in
            if after.map({ $0 < name }) ?? true { names.append(name) }
        }
        names.sort()
        let shown = names.prefix(limit)
        var writer = JSONWriter()
        writer.object { json in
            json.field("generation") { $0.integer(Int(snapshot?.generation ?? 0)) }
            json.array("items", shown.compactMap { snapshot?.services[$0] }) { service, json in
                Self.write(service, snapshot?.conflicts[service.name] ?? [], &json)
            }
            json.field("continue", names.count > shown.count ? shown.last?.description : nil)
            json.field("remaining") { $0.integer(names.count - shown.count) }
        }
        return writer
    }

    private static func write(
        _ service: ExportedService, _ conflicts: [ExportConflict], _ json: inout JSONWriter
    ) {
        json.field("namespace", service.name.namespace)
        json.field("name", service.name.name)
        json.field("type", service.type.rawValue)
        json.field("exported", service.exportedSeconds.map(RFC3339.text))
        json.array("ports", service.ports) { port, json in
            json.field("name", port.name)
            json.field("protocol", port.transport.rawValue)
            json.field("port") { $0.integer(Int(port.number)) }
        }
        json.array("conflicts", conflicts) { conflict, json in
            json.field("reason", conflict.reason)
            json.field("message", conflict.message)
        }
        json.array("endpoints", Array(service.endpoints)) { endpoint, json in
            json.field("addresses")
            json.beginArray()
            for address in endpoint.addresses { json.text("\(address)") }
            json.endArray()
            json.field("hostname", endpoint.hostname)
            json.field("cluster", endpoint.locality.cluster)
            json.field("region", endpoint.locality.region)
            json.field("zone", endpoint.locality.zone)
            json.field("node", endpoint.nodeName)
            json.field("ready") { $0.boolean(endpoint.conditions.contains(.isReady)) }
        }
    }
}
