// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import HTTPClient

/// The API server of one cluster: who we are there, the connections, whether the path is alive.
///
/// Lives on the loop's queue.
final class APIServer {
    /// What ended a call before the server had answered it.
    enum Failure: Error, CustomStringConvertible {
        case access(AccessError)
        case unresolved(host: String)
        case transport(HTTPFailure)

        var description: String {
            switch self {
            case .access(let error): "\(error)"
            case .unresolved(let host): "no address of \(host) is known"
            case .transport(let failure): "\(failure)"
            }
        }
    }

    /// How a call ended: with a status, cleanly or not, or without one.
    struct Ending {
        let status: Int
        let contentType: String?
        let retryAfterSeconds: Int?
        let failure: Failure?

        /// Any answer means that somebody is there; credentials that cannot be read, or are not
        /// taken, say nothing of the path.
        fileprivate var provesDeadPath: Bool {
            guard status == 0, case .transport(let failure) = failure else { return false }
            return switch failure.kind {
            case .cannotConnect, .timeout, .cut: true
            case .certificate, .tooLarge, .other: false
            }
        }
    }

    /// How long a path may be silent; tests have less time.
    struct Patience: Sendable {
        /// Keepalive and the kernel's user timeout find a dead path within 26 s.
        var silenceMilliseconds = 65_000
        /// They end at a proxy.
        var silenceBehindProxyMilliseconds = 20_000
        var probeMilliseconds = 5_000
        var pulseMilliseconds = 5_000
    }

    let loop: EventLoop
    private let access: AccessReader
    private let addressBook: AddressBook
    private let userAgent: String
    private var link: HTTPLink
    private var calls: [ObjectIdentifier: APICall] = [:]
    private let pulse: LoopTimer
    private var isProbing = false
    private var isStopped = false
    /// Of the last octet that came, by the loop's clock.
    private var lastHeard: UInt64
    private var isBehindProxy = false

    private let patience: Patience

    /// A server without HTTP/2 needs one for each watch; with it two or three are made.
    private static let maximumConnections = 16 + 2 * ExportStore.maximumNamespaces

    init(
        access: AccessReader, lookup: NameLookup, userAgent: String, loop: EventLoop,
        patience: Patience = Patience()
    ) throws(SystemError) {
        self.access = access
        self.userAgent = userAgent
        self.loop = loop
        self.patience = patience
        link = try HTTPLink(loop: loop, maximumConnections: Self.maximumConnections)
        addressBook = try AddressBook(lookup: lookup, loop: loop)
        lastHeard = loop.nowMilliseconds
        var beat: () -> Void = {}
        pulse = try LoopTimer { beat() }
        beat = { [weak self] in self?.beat() }
        try loop.watch(pulse, for: .read)
        pulse.set(milliseconds: patience.pulseMilliseconds)
    }

    /// Everything ends; nothing is called any more.
    func stop() {
        isStopped = true
        for call in calls.values { call.cancel() }
        calls = [:]
        link.close()
        addressBook.stop()
        loop.forget(pulse)
    }

    /// The server does not know us: credentials are read anew before the next call.
    func refuseAccess() { access.refuse() }

    // MARK: Calls

    /// Begins a call; `call.onEnd` comes once, unless the call is canceled.
    func start(_ call: APICall) {
        guard !isStopped else { return }
        calls[ObjectIdentifier(call)] = call
        call.server = self
        access.read { [weak self, weak call] result in
            guard let self, let call, isRunning(call) else { return }
            switch result {
            case .failure(let error): end(call, Self.ending(.access(error)))
            case .success(let access): resolve(call, access)
            }
        }
    }

    private func isRunning(_ call: APICall) -> Bool { !isStopped && !call.isCanceled }

    fileprivate func forget(_ call: APICall) { calls[ObjectIdentifier(call)] = nil }

    private func resolve(_ call: APICall, _ access: APIAccess) {
        var target = HTTPTarget(
            origin: access.server, authorities: access.authorities,
            certificate: access.certificate, key: access.key, serverName: access.serverName,
            skipsVerification: access.skipsVerification, proxy: access.proxy)
        isBehindProxy = access.proxy != nil
        // A proxy resolves names itself.
        guard let host = target.host, access.proxy == nil else {
            return send(call, access, target)
        }
        addressBook.addresses(of: host) { [weak self, weak call] addresses in
            guard let self, let call, isRunning(call) else { return }
            guard !addresses.isEmpty else {
                return end(call, Self.ending(.unresolved(host: host)))
            }
            target.addresses = addresses
            send(call, access, target)
        }
    }

    private func send(_ call: APICall, _ access: APIAccess, _ target: HTTPTarget) {
        var headers = access.headers.map { (name: $0.name, value: $0.value) }
        headers.append((name: "Accept", value: call.accept))
        let request = HTTPClientRequest(
            method: "GET", path: call.path, headers: headers, content: nil,
            acceptsGzip: call.acceptsGzip, timeoutMilliseconds: call.timeoutMilliseconds,
            userAgent: userAgent)
        call.transfer = link.start(
            request, to: target,
            onHead: { [weak self, weak call] status in
                self?.noteLife()
                guard let call, !call.isCanceled else { return }
                call.onHead(status)
            },
            onContent: { [weak self, weak call] octets in
                self?.noteLife()
                guard let call, !call.isCanceled else { return false }
                return call.onContent(octets)
            },
            onEnd: { [weak self, weak call] outcome in
                guard let self, let call else { return }
                if outcome.status != 0 { noteLife() }
                end(
                    call,
                    Ending(
                        status: outcome.status, contentType: outcome.contentType,
                        retryAfterSeconds: outcome.retryAfterSeconds,
                        failure: outcome.failure.map { .transport($0) }))
            })
    }

    private func end(_ call: APICall, _ ending: Ending) {
        forget(call)
        guard !call.isCanceled else { return }
        call.transfer = nil
        call.onEnd(ending)
    }

    private static func ending(_ failure: Failure) -> Ending {
        Ending(status: 0, contentType: nil, retryAfterSeconds: nil, failure: failure)
    }

    // MARK: Whether the path is alive

    private func noteLife() { lastHeard = loop.nowMilliseconds }

    private func beat() {
        guard !isStopped else { return }
        pulse.set(milliseconds: patience.pulseMilliseconds)
        let silence =
            isBehindProxy
            ? patience.silenceBehindProxyMilliseconds : patience.silenceMilliseconds
        guard !isProbing, !calls.isEmpty, loop.nowMilliseconds >= lastHeard + UInt64(silence)
        else { return }
        isProbing = true
        let probe = APICall(
            path: "/livez", acceptsGzip: false, timeoutMilliseconds: patience.probeMilliseconds)
        probe.onEnd = { [weak self] ending in
            guard let self else { return }
            isProbing = false
            if ending.provesDeadPath { replaceLink() }
        }
        start(probe)
    }

    /// Leaves a dead connection: libcurl would keep it, and put the next call on it again.
    private func replaceLink() {
        guard let new = try? HTTPLink(loop: loop, maximumConnections: Self.maximumConnections)
        else { return }
        link.close()
        link = new
        noteLife()
        let silent = HTTPFailure(kind: .timeout, message: "the API server has gone silent")
        for call in calls.values { end(call, Self.ending(.transport(silent))) }
    }
}

/// A call of an API server under way.
final class APICall {
    let path: String
    let acceptsGzip: Bool
    let timeoutMilliseconds: Int?
    var accept = "application/json"
    var onHead: (Int) -> Void = { _ in }
    /// False ends the call.
    var onContent: ([UInt8]) -> Bool = { _ in true }
    var onEnd: (APIServer.Ending) -> Void = { _ in }
    fileprivate(set) var isCanceled = false
    fileprivate var transfer: HTTPTransfer?
    fileprivate weak var server: APIServer?

    init(path: String, acceptsGzip: Bool, timeoutMilliseconds: Int?) {
        self.path = path
        self.acceptsGzip = acceptsGzip
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// Nothing is called any more, and the server holds it no longer.
    func cancel() {
        isCanceled = true
        server?.forget(self)
        transfer?.cancel()
        transfer = nil
    }
}

/// What belongs to a loop's queue, on its way through a closure that comes back to it.
struct LoopBound<Value>: @unchecked Sendable {
    // Premise of @unchecked Sendable: made and read on the loop's queue only.
    let value: Value
    init(_ value: Value) { self.value = value }
}
