// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import EventLoop
internal import HTTPClient

/// Lists a collection of an API server and watches it from there, for ever.
///
/// Lives on the loop's queue. docs/catalog-path.md has the table of what happens when.
final class ListWatch {
    enum State: Equatable, Sendable {
        /// Nothing is known yet.
        case starting
        /// The list is whole and a watch follows it.
        case live
        /// The server cannot be asked, or does not answer as it should.
        case failing(String)
        /// The server says that we have no right to it.
        case forbidden(String)
        /// The server does not serve it: a CRD is missing.
        case absent(String)
    }

    /// Why a watch or a list had to begin again, as a label of metrics.
    enum RestartReason: String, Sendable, CaseIterable {
        case expired, silent, cut, error, garbled, unauthorized, forbidden, throttled, missing
        case unreachable
    }

    /// How the first list comes.
    enum Initial: String, Sendable, CaseIterable {
        /// In pages, compressed: few octets.
        case list
        /// As a watch that begins with everything: light for the server.
        case stream
    }

    let resource: APIResource
    let server: APIServer
    unowned let sink: any WatchSink
    var initial: Initial
    private var decoder = ObjectDecoder()
    var pace: RetryPace
    private let timing: WatchTiming
    var generator = SystemRandomNumberGenerator()
    private let timer: LoopTimer
    private var whenDue: () -> Void = {}
    /// Whether the timer is for another try.
    var isWaiting = false
    private var call: APICall?
    private(set) var state = State.starting
    /// Which of the kind's versions is asked for.
    var versionIndex = 0

    /// From where a watch goes on; nil: only a list will do.
    var resourceVersion: String?
    private var bounds: CollectionBounds
    private var status = 0
    /// Of an answer that is no list and no watch.
    var errorContent: [UInt8] = []
    /// Why the call was given up while it ran.
    var verdict: RestartReason?
    var verdictMessage = ""

    private static let pageSize = 500
    private static let listMilliseconds = 120_000
    /// A watch ends by itself after a random time between these.
    private static let watchSeconds = 300...600
    private static let maximumError = 4096

    init(
        _ resource: APIResource, of server: APIServer, initial: Initial, sink: any WatchSink,
        timing: WatchTiming = WatchTiming()
    ) throws(SystemError) {
        self.resource = resource
        self.server = server
        self.initial = initial
        self.timing = timing
        bounds = CollectionBounds(maximumObjects: timing.maximumObjects)
        pace = RetryPace(
            trial: timing.trialMilliseconds, slowRetry: timing.slowRetryMilliseconds)
        self.sink = sink
        var fire: () -> Void = {}
        timer = try LoopTimer { fire() }
        try server.loop.watch(timer, for: .read)
        fire = { [weak self] in
            self?.isWaiting = false
            self?.whenDue()
        }
    }

    func start() { list() }

    func stop() {
        call?.cancel()
        call = nil
        whenDue = {}
        server.loop.forget(timer)
    }

    /// The server answers others: what waits for another try has it now.
    func hurry() {
        guard isWaiting, pace.mayHurry() else { return }
        isWaiting = false
        timer.set(milliseconds: 1)
    }

    func after(milliseconds: Int, _ action: @escaping () -> Void) {
        isWaiting = false
        whenDue = action
        timer.set(milliseconds: milliseconds)
    }

    private func begin(
        _ query: [String], acceptsGzip: Bool, timeoutMilliseconds: Int?,
        onContent: @escaping ([UInt8]) -> Bool, onEnd: @escaping (APIServer.Ending) -> Void
    ) {
        let selector = resource.labelSelector.map { ["labelSelector=" + $0.percentEncoded] } ?? []
        let call = APICall(
            path: resource.path(version: resource.kind.versions[versionIndex]) + "?"
                + (selector + query).joined(separator: "&"),
            acceptsGzip: acceptsGzip, timeoutMilliseconds: timeoutMilliseconds)
        if resource.kind.isMetadataOnly { call.accept = Self.metadataOnly(isList: acceptsGzip) }
        status = 0
        errorContent = []
        verdict = nil
        verdictMessage = ""
        call.onHead = { [weak self] status in self?.began(status) }
        call.onContent = { [weak self] octets in
            guard let self else { return false }
            guard status == 200 else {
                errorContent += octets.prefix(Self.maximumError - errorContent.count)
                return true
            }
            return onContent(octets)
        }
        call.onEnd = { [weak self] ending in
            self?.call = nil
            onEnd(ending)
        }
        self.call = call
        server.start(call)
    }

    private static func metadataOnly(isList: Bool) -> String {
        "application/json;as=PartialObjectMetadata\(isList ? "List" : "");g=meta.k8s.io;v=v1,"
            + "application/json"
    }

    private func began(_ status: Int) {
        self.status = status
        guard status == 200, phase == .watching, !isStreamingList else { return }
        follows()
    }

    /// The list is whole, and a watch follows it.
    private func follows() {
        pace.watchStands(at: server.loop.nowMilliseconds)
        settle(.live)
    }

    func settle(_ state: State) {
        guard state != self.state else { return }
        self.state = state
        sink.changed(state, of: resource)
    }

    // MARK: Lists

    /// What the call is for.
    enum Phase { case listing, resuming, watching }

    private(set) var phase = Phase.listing
    var isStreamingList = false

    func list() {
        resourceVersion = nil
        bounds.begin()
        isStreamingList = initial == .stream
        sink.listBegan(resource)
        if isStreamingList { watch() } else { page(after: nil) }
    }

    private func page(after continuation: String?) {
        phase = .listing
        // The watch that was is not waited for any more.
        whenDue = {}
        var splitter = ListSplitter()
        var query = ["limit=\(Self.pageSize)"]
        if let continuation { query.append("continue=" + continuation.percentEncoded) }
        begin(
            query, acceptsGzip: true, timeoutMilliseconds: Self.listMilliseconds,
            onContent: { [weak self] octets in
                guard let self else { return false }
                let isList = splitter.add(octets) { self.take($0) }
                if !isList { giveUp(.garbled, "the answer is no list") }
                return verdict == nil
            },
            onEnd: { [weak self] ending in
                guard let self else { return }
                sink.paused(resource)
                guard ending.failure == nil, verdict == nil, ending.status == 200 else {
                    return failed(ending)
                }
                guard let metadata = ListMetadata(envelope: splitter.envelope) else {
                    giveUp(.garbled, "the list is cut short")
                    return failed(ending)
                }
                if let next = metadata.continuation {
                    if bounds.turnPage() { return page(after: next) }
                    giveUp(.garbled, "the list does not end")
                    return failed(ending)
                }
                endList(at: metadata.resourceVersion)
                watch()
            })
    }

    /// Whether there may be one more object.
    private func count() -> Bool {
        if bounds.add() { return true }
        giveUp(.garbled, "more than \(bounds.maximumObjects) objects")
        return false
    }

    /// Whether the watch may go on: after very many changes a list shows which of them still are.
    private func noteChange() -> Bool {
        if isStreamingList || bounds.change() { return true }
        giveUp(.expired, "more than \(bounds.maximumObjects) changes")
        return false
    }

    private func endList(at version: String) {
        resourceVersion = version
        isStreamingList = false
        sink.listEnded(resource)
    }

    private func take(_ piece: ListSplitter.Piece) {
        guard count() else { return }
        switch piece {
        case .item(let octets): put(octets)
        case .oversize(let octets):
            _ = try? decoder.decode(octets, as: resource.kind)
            sink.refused(
                decoder.metadata.name.isEmpty ? nil : decoder.metadata.objectName,
                "has more than \(ListSplitter.maximumItem >> 20) MiB", of: resource)
        }
    }

    private func put(_ octets: [UInt8]) {
        do throws(CatalogFault) {
            let object = try decoder.decode(octets, as: resource.kind)
            sink.put(object, of: resource)
        } catch {
            let name = decoder.metadata.name.isEmpty ? nil : decoder.metadata.objectName
            let place = error.path.isEmpty ? "" : "\(error.path): "
            sink.refused(name, place + error.problem, of: resource)
        }
    }

    /// Watches again where the server still knows how far we are.
    ///
    /// An etcd that was replaced counts from the beginning: a watch from a version that is yet to
    /// come is silent and says nothing of it. The version of the shortest list tells.
    func resume() {
        phase = .resuming
        whenDue = {}
        var splitter = ListSplitter()
        begin(
            ["limit=1"], acceptsGzip: true, timeoutMilliseconds: Self.listMilliseconds,
            onContent: { splitter.add($0) { _ in } },
            onEnd: { [weak self] ending in
                guard let self else { return }
                guard ending.status == 200, ending.failure == nil,
                    let current = ListMetadata(envelope: splitter.envelope)?.resourceVersion
                else { return failed(ending) }
                if let now = UInt64(current), let own = resourceVersion.flatMap({ UInt64($0) }),
                    now < own
                {
                    sink.restarted(resource, because: .expired)
                    return list()
                }
                watch()
            })
    }

    // MARK: Watches

    func watch() {
        phase = .watching
        var splitter = LineSplitter()
        var query = [
            "watch=true", "allowWatchBookmarks=true",
            "timeoutSeconds=\(Int.random(in: Self.watchSeconds, using: &generator))",
        ]
        if isStreamingList {
            query += ["sendInitialEvents=true", "resourceVersionMatch=NotOlderThan"]
        } else if let resourceVersion {
            query.append("resourceVersion=" + resourceVersion.percentEncoded)
        }
        awaitWord()
        begin(
            query, acceptsGzip: false, timeoutMilliseconds: nil,
            onContent: { [weak self] octets in
                guard let self else { return false }
                awaitWord()
                if !splitter.add(octets, { self.take(line: $0) }) {
                    giveUp(.garbled, "a line has more than \(LineSplitter.maximumLine) octets")
                }
                sink.paused(resource)
                return verdict == nil
            },
            onEnd: { [weak self] ending in
                guard let self else { return }
                let hasWorked = pace.watchEnds(at: server.loop.nowMilliseconds)
                if ending.status == 200, ending.failure == nil, verdict == nil {
                    guard splitter.isBetweenLines else {
                        giveUp(.cut, "the watch ended within a line")
                        return failed(ending)
                    }
                    return endedCleanly(hasWorked)
                }
                failed(ending)
            })
    }

    /// A watch that says nothing for longer than bookmarks take may be a watch of nothing.
    private func awaitWord() {
        after(milliseconds: Int.random(in: timing.silenceMilliseconds, using: &generator)) {
            [weak self] in
            guard let self else { return }
            call?.cancel()
            call = nil
            pace.watchEnds(at: server.loop.nowMilliseconds)
            sink.restarted(resource, because: .silent)
            list()
        }
    }

    private func endedCleanly(_ hasWorked: Bool) {
        if isStreamingList {
            giveUp(.cut, "the streaming list ended early")
            return retry(.cut, listing: true)
        }
        if hasWorked { return watch() }
        let wait = pace.next(after: .fault, using: &generator)
        after(milliseconds: wait) { [weak self] in self?.watch() }
    }

    private func take(line: [UInt8]) {
        guard verdict == nil else { return }
        guard let parsed = WatchLine(line) else {
            return giveUp(.garbled, "a line of the watch is no event")
        }
        switch parsed {
        case .added(let object):
            guard count(), noteChange() else { return }
            put(object)
            progress()
        case .modified(let object):
            guard noteChange() else { return }
            put(object)
            progress()
        case .deleted(let object):
            guard let metadata = try? decoder.metadata(of: object), !metadata.name.isEmpty else {
                return giveUp(.garbled, "a deleted object has no name")
            }
            bounds.remove()
            sink.removed(metadata.objectName, of: resource)
            progress()
        case .bookmark(let object):
            guard (try? decoder.metadata(of: object)) != nil else {
                return giveUp(.garbled, "a bookmark has no metadata")
            }
            progress()
            if isStreamingList, decoder.metadata.endsInitialEvents {
                endList(at: decoder.metadata.resourceVersion)
                follows()
            }
        case .error(let object):
            let status = APIStatus(object)
            let isExpired = status.code == 410 || status.reason == "Expired"
            giveUp(isExpired ? .expired : .error, status.message)
        }
    }

    /// The stream has come as far as the object that was just read.
    private func progress() {
        guard !isStreamingList, !decoder.metadata.resourceVersion.isEmpty else { return }
        resourceVersion = decoder.metadata.resourceVersion
    }
}
