// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import HTTP
internal import JSON
import ServiceCatalog

/// The pages of `admin`: how feeds stand, what is served, and the lever of the shrink brake.
///
/// Whoever reaches them sees names and addresses of services: they are for the machine itself.
struct AdminPages {
    static let statusPath = "/api/v1/status"
    private static let catalogPath = "/api/v1/catalog"
    private static let releasePath = "/api/v1/brake/release"

    private let state: MonitorState

    init(_ state: MonitorState) { self.state = state }

    var routes: [String: [String: HTTPRoutes.Answer]] {
        [
            Self.statusPath: ["GET": { [self] _, exchange in status(exchange) }],
            Self.catalogPath: ["GET": { [self] request, exchange in catalog(request, exchange) }],
            Self.releasePath: ["POST": { [self] request, _ in release(request) }],
        ]
    }

    // MARK: Status

    /// Each catalog is asked on its queue, one after the other.
    private func status(_ exchange: HTTPExchange) -> HTTPReply? {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("catalogs")
        writer.beginArray()
        Self.append(state.catalogs[...], to: writer) { writer in
            var writer = writer
            writer.endArray()
            writer.endObject()
            exchange.reply(Self.reply(writer))
        }
        return nil
    }

    private static func append(
        _ catalogs: ArraySlice<NamedCatalog>, to writer: JSONWriter,
        _ then: @escaping @Sendable (JSONWriter) -> Void
    ) {
        guard let catalog = catalogs.first else { return then(writer) }
        catalog.source.queue.async {
            var writer = writer
            write(catalog, &writer)
            append(catalogs.dropFirst(), to: writer, then)
        }
    }

    private static func write(_ named: NamedCatalog, _ writer: inout JSONWriter) {
        let catalog = named.source
        writer.object { json in
            json.field("catalog", named.name)
            json.field("generation") { $0.integer(Int(catalog.snapshot?.generation ?? 0)) }
            json.field("services") { $0.integer(catalog.snapshot?.services.count ?? 0) }
            json.array("feeds", catalog.feedStatuses) { feed, json in
                json.field("name", feed.identity.name)
                json.field("state", feed.state)
                json.field("since", feed.since.map(RFC3339.text))
                json.field("reason", feed.reason)
                json.field("services") { $0.integer(feed.serviceCount) }
                json.field("held") { $0.integer(feed.heldCount) }
            }
        }
    }

    // MARK: Catalog

    private func catalog(_ request: HTTPRequest, _ exchange: HTTPExchange) -> HTTPReply? {
        let query = QueryParameters(request.head.query ?? "")
        let catalogs = state.catalogs
        guard let page = CatalogPage(query) else {
            return HTTPReply(
                status: 400,
                text: "expected limit=1...\(CatalogPage.maximumLimit), continue=NAMESPACE/NAME\n")
        }
        let wanted = query["catalog"]
        let chosen = catalogs.first { wanted == nil || $0.name == wanted }?.source
        guard let chosen else {
            let names = catalogs.map(\.name).joined(separator: "\n")
            return HTTPReply(status: 404, text: "there is no such catalog; there are:\n\(names)\n")
        }
        chosen.queue.async {
            exchange.reply(Self.reply(page.json(of: chosen.snapshot)))
        }
        return nil
    }

    // MARK: The brake

    private func release(_ request: HTTPRequest) -> HTTPReply {
        guard let name = QueryParameters(request.head.query ?? "")["cluster"] else {
            return HTTPReply(status: 400, text: "expected cluster=NAME\n")
        }
        let released = state.catalogs.filter { $0.source.releaseBrake(of: name) }
        return released.isEmpty
            ? HTTPReply(status: 404, text: "nothing of cluster \(name) is held\n")
            : HTTPReply(text: "released\n")
    }

    private static func reply(_ writer: JSONWriter) -> HTTPReply {
        HTTPReply(contentType: "application/json", content: writer.octets + [0x0A])
    }
}

/// What a URL's query asks for (RFC 3986 §3.4); the last of equal names counts.
struct QueryParameters {
    private var values: [String: String] = [:]

    init(_ query: String) {
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[Self.decoded(pair[0])] = pair.count == 2 ? Self.decoded(pair[1]) : ""
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// What is no escape stays as it is.
    private static func decoded(_ text: Substring) -> String {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if octet == UInt8(ascii: "%"), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            {
                octets.append(value)
                rest = rest.dropFirst(2)
            } else {
                octets.append(octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
