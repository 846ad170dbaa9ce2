// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import EventLoop
internal import Glibc
internal import HTTP
import ServiceCatalog
internal import Synchronization

/// A page that a server shows over HTTP.
enum MonitorPage: Hashable, Sendable {
    case health
    case ready
    case metrics
    /// `admin`: several pages.
    case admin

    var path: String {
        switch self {
        case .health: "/health"
        case .ready: "/ready"
        case .metrics: "/metrics"
        case .admin: AdminPages.statusPath
        }
    }
}

/// The HTTP listeners of a server: one for each address, whichever server blocks name it, kept over
/// reloads.
///
/// Used like the server, by one caller at a time.
final class Monitor {
    /// The sockets of an address, and what they show.
    private struct Listener {
        let descriptors: [Int32]
        let application: MonitorApplication
    }

    /// What was opened for a plan, before it is known whether the rest of it can be done too.
    struct Opening {
        fileprivate let added: [HTTPAddress: [Int32]]
        fileprivate let pages: [HTTPAddress: Set<MonitorPage>]
    }

    let state = MonitorState()
    private var server: HTTPServer?
    private var listeners: [HTTPAddress: Listener] = [:]

    /// Opens the sockets that are missing; none when one fails.
    func open(
        _ pages: [HTTPAddress: Set<MonitorPage>]
    ) throws(SystemError) -> Opening {
        if server == nil, !pages.isEmpty { server = try HTTPServer(label: "fabdns.http") }
        var added: [HTTPAddress: [Int32]] = [:]
        do throws(SystemError) {
            for address in pages.keys.sorted(by: { $0.description < $1.description })
            where listeners[address] == nil {
                added[address] = try Self.open(address)
            }
        } catch {
            Self.close(added.values.flatMap(\.self))
            throw error
        }
        return Opening(added: added, pages: pages)
    }

    /// Closes again what was opened for a plan that cannot be done.
    func cancel(_ opening: Opening) { Self.close(opening.added.values.flatMap(\.self)) }

    /// Shows the pages of the plan, and no others.
    func install(_ opening: Opening) {
        for (address, descriptors) in opening.added where listeners[address] == nil {
            let application = MonitorApplication(state)
            for descriptor in descriptors { server?.listen(descriptor, application) }
            listeners[address] = Listener(descriptors: descriptors, application: application)
        }
        for (address, listener) in listeners {
            guard let pages = opening.pages[address] else {
                for descriptor in listener.descriptors { server?.close(descriptor) }
                listeners[address] = nil
                continue
            }
            listener.application.show(pages)
        }
    }

    private static func open(_ address: HTTPAddress) throws(SystemError) -> [Int32] {
        let hosts = IPAddress(address.host).map { [$0] } ?? [.v4(0), .v6(0, 0)]
        var descriptors: [Int32] = []
        do throws(SystemError) {
            for host in hosts {
                let key = ListenerKey(
                    address: ListenAddress(address: host, port: address.port), transport: .tcp)
                descriptors += try ListenerSet.open(key, count: 1, beside: [])
            }
        } catch {
            // A host without IPv6: every address means the other family alone.
            if error.code == EAFNOSUPPORT, !descriptors.isEmpty { return descriptors }
            close(descriptors)
            throw error
        }
        return descriptors
    }

    private static func close(_ descriptors: [Int32]) {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}

/// The pages of one address.
private final class MonitorApplication: HTTPApplication {
    private let state: MonitorState
    private let routes = Mutex(HTTPRoutes([:]))

    init(_ state: MonitorState) { self.state = state }

    func show(_ pages: Set<MonitorPage>) {
        var table: [String: [String: HTTPRoutes.Answer]] = [:]
        for page in pages {
            switch page {
            case .admin: table.merge(AdminPages(state).routes) { first, _ in first }
            case .health: table[page.path] = ["GET": { _, _ in HTTPReply(text: "OK") }]
            case .metrics:
                table[page.path] = [
                    "GET": { [state] _, exchange in Self.metrics(state, exchange) }
                ]
            case .ready:
                table[page.path] = [
                    "GET": { [state] request, _ in Self.ready(state, request) }
                ]
            }
        }
        let routes = HTTPRoutes(table)
        self.routes.withLock { $0 = routes }
    }

    private static func ready(_ state: MonitorState, _ request: HTTPRequest) -> HTTPReply {
        ReadinessPage(
            state.standing, isEarly: state.isEarly,
            isFreshWanted: request.head.query?.contains("fresh=1") ?? false
        ).reply
    }

    /// Comes when all workers and catalogs have said what they know.
    private static func metrics(_ state: MonitorState, _ exchange: HTTPExchange) -> HTTPReply? {
        state.collect { snapshot in
            exchange.reply(
                HTTPReply(
                    contentType: Exposition.contentType,
                    content: Array(MetricsPage.text(snapshot).utf8)))
        }
        return nil
    }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { routes.withLock { $0 }.admit(head) }

    func answer(_ request: HTTPRequest, _ exchange: HTTPExchange) -> HTTPReply? {
        routes.withLock { $0 }.answer(request, exchange)
    }
}
