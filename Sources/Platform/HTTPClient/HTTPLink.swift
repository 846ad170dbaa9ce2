// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import EventLoop

/// The connections to a server and what is asked over them.
///
/// Used on the loop's queue; lives from its first request until `close`.
package final class HTTPLink: @unchecked Sendable {
    // Premise of @unchecked Sendable: every member is used on the loop's queue only.
    private let loop: EventLoop
    private let maximumConnections: Int
    private var timer: LoopTimer?
    private var isTimerWatched = false
    private var isTimerWanted = false
    /// Holds the link while the loop knows its timer and the library its address.
    private var keeper: HTTPLink?
    private var isClosed = false

    private var multi: CurlMulti?
    private var sockets: [Int32: CurlSocket] = [:]
    /// What is in the multi, by the identity of its library's side.
    private var running: [UInt: HTTPTransfer] = [:]

    /// Whether the library works; it bears no call to itself meanwhile.
    private var isInside = false
    private var joining: [HTTPTransfer] = []
    private var leaving: [HTTPTransfer] = []

    /// Above `maximumConnections` to a server, requests wait or share.
    package init(loop: EventLoop, maximumConnections: Int = 4) throws(SystemError) {
        self.loop = loop
        self.maximumConnections = max(1, maximumConnections)
        timer = try LoopTimer { [unowned self] in timeCame() }
    }

    /// Asks, and calls back on the loop's queue.
    ///
    /// `onHead` gets the status, once. `onContent` gets each piece and answers false to stop, which
    /// ends the transfer as too large. `onEnd` is called once, but never from within `start`, after
    /// `cancel` or after `close`. All three may start, cancel and close.
    package func start(
        _ request: HTTPClientRequest, to target: HTTPTarget,
        onHead: @escaping (Int) -> Void = { _ in },
        onContent: @escaping ([UInt8]) -> Bool = { _ in true },
        onEnd: @escaping (HTTPOutcome) -> Void
    ) -> HTTPTransfer {
        guard !isClosed else { return HTTPTransfer(nil, of: nil) }
        let deliveries = HTTPTransfer.Deliveries(
            onHead: onHead, onContent: onContent, onEnd: onEnd)
        let transfer = HTTPTransfer(deliveries, of: self)
        do throws(HTTPFailure) {
            transfer.easy = try CurlEasy(RequestPlan(request, target), transfer)
            join(transfer)
        } catch {
            refuse(transfer, error)
        }
        return transfer
    }

    /// Ends all transfers silently and closes the connections, for good.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        let silenced = running.values + joining
        for transfer in silenced { transfer.fallSilent() }
        if !isInside { settle() }
    }

    // MARK: Joining and leaving

    private func refuse(_ transfer: HTTPTransfer, _ failure: HTTPFailure) {
        loop.enqueue { [self] in
            guard !isClosed else { return }
            transfer.end(failure)
        }
    }

    private func join(_ transfer: HTTPTransfer) {
        joining.append(transfer)
        if !isInside { settle() }
    }

    /// Takes a transfer out that has fallen silent.
    func leave(_ transfer: HTTPTransfer) {
        leaving.append(transfer)
        if !isInside { settle() }
    }

    /// Does what could not be done while the library worked.
    private func settle() {
        while !leaving.isEmpty || !joining.isEmpty {
            let (gone, new) = (leaving, joining)
            (leaving, joining) = ([], [])
            for transfer in gone {
                detach(transfer)
                transfer.easy = nil
            }
            for transfer in new { add(transfer) }
        }
        if isClosed { tearDown() }
    }

    private func add(_ transfer: HTTPTransfer) {
        guard transfer.isAwaited, let easy = transfer.easy else { return }
        do throws(SystemError) {
            try watchTimer()
        } catch {
            return refuse(transfer, HTTPFailure(kind: .other, message: "\(error)"))
        }
        if multi == nil { multi = CurlMulti(maximumConnections: maximumConnections, loop: self) }
        guard let multi, inside({ multi.add(easy) }) else {
            return refuse(transfer, HTTPFailure(kind: .other, message: "libcurl has no memory"))
        }
        running[easy.identity] = transfer
    }

    private func detach(_ transfer: HTTPTransfer) {
        guard let easy = transfer.easy, running[easy.identity] === transfer else { return }
        running[easy.identity] = nil
        inside { multi?.remove(easy) }
    }

    private func tearDown() {
        for transfer in Array(running.values) {
            detach(transfer)
            transfer.easy = nil
        }
        dropMulti()
        if isTimerWatched, let timer { loop.forget(timer) }
        timer = nil
        keeper = nil
    }

    private func dropMulti() {
        for socket in sockets.values { loop.forget(socket) }
        sockets = [:]
        isTimerWanted = false
        multi = nil
    }

    private func inside<Result>(_ work: () -> Result) -> Result {
        isInside = true
        defer { isInside = false }
        return work()
    }

    // MARK: What the loop brings

    private func watchTimer() throws(SystemError) {
        guard !isTimerWatched, let timer else { return }
        try loop.watch(timer, for: .read)
        isTimerWatched = true
        keeper = self
    }

    private func timeCame() {
        guard isTimerWanted else { return }
        isTimerWanted = false
        act { $0.actOnTime() }
    }

    fileprivate func socket(_ socket: Int32, isReady readiness: Readiness) {
        act { multi in
            multi.act(
                on: socket, canRead: readiness.contains(.read),
                canWrite: readiness.contains(.write),
                isBroken: !readiness.isDisjoint(with: .broken))
        }
    }

    private func act(_ work: (CurlMulti) -> Bool) {
        guard let multi else { return }
        let isSound = inside { work(multi) }
        let ended = isSound ? takeEnded(multi) : takeAll()
        settle()
        for (transfer, code) in ended {
            // An earlier one may have closed the link.
            guard !isClosed else { return }
            if let code {
                transfer.end(code)
            } else {
                transfer.end(HTTPFailure(kind: .other, message: "libcurl gave up"))
            }
        }
    }

    /// Those that the library has ended, and how.
    private func takeEnded(_ multi: CurlMulti) -> [(HTTPTransfer, Int32?)] {
        var ended: [(HTTPTransfer, Int32?)] = []
        while let (identity, code) = multi.nextEnded() {
            guard let transfer = running[identity] else { continue }
            detach(transfer)
            ended.append((transfer, code))
        }
        return ended
    }

    /// All, since the library has no memory or the kernel watches no more sockets; requests to come
    /// begin anew.
    private func takeAll() -> [(HTTPTransfer, Int32?)] {
        let all = Array(running.values)
        for transfer in all { detach(transfer) }
        dropMulti()
        return all.map { ($0, nil) }
    }
}

extension HTTPLink: CurlLoop {
    func watch(_ socket: Int32, forReading: Bool, forWriting: Bool) -> Bool {
        // Never changed but watched anew: the number may stand for another socket by now.
        forget(socket)
        var readiness: Readiness = []
        if forReading { readiness.insert(.read) }
        if forWriting { readiness.insert(.write) }
        guard !readiness.isEmpty else { return true }
        let watcher = CurlSocket(descriptor: socket, link: self)
        do throws(SystemError) {
            try loop.watch(watcher, for: readiness)
        } catch {
            return false
        }
        sockets[socket] = watcher
        return true
    }

    func forget(_ socket: Int32) {
        if let watcher = sockets.removeValue(forKey: socket) { loop.forget(watcher) }
    }

    func callAfter(_ milliseconds: Int?) {
        isTimerWanted = milliseconds != nil
        if let milliseconds { timer?.set(milliseconds: milliseconds) }
    }
}

/// One of the library's sockets, which the library opens and closes.
private final class CurlSocket: Watcher {
    private unowned let link: HTTPLink

    init(descriptor: Int32, link: HTTPLink) {
        self.link = link
        super.init(descriptor: descriptor)
    }

    override func ready(_ readiness: Readiness) { link.socket(descriptor, isReady: readiness) }
}
