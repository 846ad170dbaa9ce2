// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// What happens when an API server does not answer as it should: docs/catalog-path.md has the table.

extension ListWatch {
    func giveUp(_ reason: RestartReason, _ message: String) {
        guard verdict == nil else { return }
        verdict = reason
        verdictMessage = message
    }

    /// A call has ended otherwise than it should.
    func failed(_ ending: APIServer.Ending) {
        if let verdict {
            // What a watch missed cannot be told from what it has; a list can.
            let needsList = verdict != .cut || phase == .listing
            if verdict == .expired { return expired() }
            settle(.failing(verdictMessage))
            return retry(verdict, listing: needsList)
        }
        guard ending.status != 200, ending.status != 0 else {
            let text = ending.failure.map { "\($0)" } ?? "the connection was cut"
            settle(.failing(text))
            return retry(ending.status == 0 ? .unreachable : .cut, listing: phase == .listing)
        }
        refused(ending)
    }

    /// The server answered, but not with what was asked for.
    private func refused(_ ending: APIServer.Ending) {
        let answer = APIStatus(errorContent)
        let text = answer.message.isEmpty ? "status \(ending.status)" : answer.message
        switch ending.status {
        case 401:
            server.refuseAccess()
            settle(.failing("401 \(text)"))
            retry(.unauthorized, listing: phase == .listing)
        case 403:
            settle(.forbidden(text))
            retrySlowly(.forbidden, .refusal)
        case 404 where versionIndex + 1 < resource.kind.versions.count:
            versionIndex += 1
            list()
        case 404:
            versionIndex = 0
            settle(.absent(text))
            retrySlowly(.missing, .missingKind)
        case 410:
            expired()
        case 400 where isStreamingList, 422 where isStreamingList:
            initial = .list
            list()
        case 429:
            settle(.failing("429 \(text)"))
            retry(.throttled, listing: phase == .listing, atLeast: ending.retryAfterSeconds ?? 1)
        case 400..<500 where phase == .watching:
            settle(.failing("\(ending.status) \(text)"))
            retrySlowly(.error, .refusal, atLeast: ending.retryAfterSeconds ?? 0)
        default:
            settle(.failing("\(ending.status) \(text)"))
            retry(
                .error, listing: phase == .listing || ending.status < 500 || ending.status == 504,
                atLeast: ending.retryAfterSeconds ?? 0)
        }
    }

    /// A list that expires between its pages has a reason to wait for longer each time.
    private func expired() {
        if phase == .watching { pace.expired() }
        retry(.expired, listing: true)
    }

    func retry(_ reason: RestartReason, listing: Bool, atLeast seconds: Int = 0) {
        sink.restarted(resource, because: reason)
        let wait = pace.next(
            after: .fault, atLeast: min(seconds, 300) * 1000, using: &generator)
        let mustList = listing || isStreamingList || resourceVersion == nil
        after(milliseconds: wait) { [weak self] in
            if mustList { self?.list() } else { self?.resume() }
        }
        isWaiting = reason == .unreachable || reason == .cut
    }

    /// What somebody has to grant or install first is asked for now and then.
    private func retrySlowly(
        _ reason: RestartReason, _ cause: RetryPace.Cause, atLeast seconds: Int = 0
    ) {
        sink.restarted(resource, because: reason)
        let wait = pace.next(
            after: cause, atLeast: min(seconds, 300) * 1000, using: &generator)
        after(milliseconds: wait) { [weak self] in self?.list() }
    }
}
