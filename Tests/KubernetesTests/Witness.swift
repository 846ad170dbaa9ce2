// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Synchronization
import TestSupport

/// What `kubectl get -w` sees of a kind of object, and when: a watch beside the server's.
final class Witness: Sendable {
    private struct Event {
        let moment: ContinuousClock.Instant
        let line: String
    }

    private struct State {
        var events: [Event] = []
        var rest = ""
    }

    private final class Notes: Sendable {
        private let state = Mutex(State())

        func take(_ text: String) {
            let now = ContinuousClock.now
            state.withLock { state in
                var lines = (state.rest + text).split(
                    separator: "\n", omittingEmptySubsequences: false)
                state.rest = lines.popLast().map(String.init) ?? ""
                state.events += lines.map { Event(moment: now, line: String($0)) }
            }
        }

        var events: [Event] { state.withLock { $0.events } }
    }

    /// What happened, of which object, with which addresses of ready endpoints:
    /// `MODIFIED default/db-x2v 10.1.0.1 10.1.0.2`.
    private static let line =
        "{.type} {.object.metadata.namespace}/{.object.metadata.name} "
        + "{.object.endpoints[?(@.conditions.ready==true)].addresses[0]}{\"\\n\"}"

    private let notes = Notes()
    private let kubectl: RunningProgram

    /// Of `services`, or of `endpointslices`; there is one at least.
    init(_ resource: String, of plane: ControlPlane) throws {
        kubectl = try plane.runningKubectl(
            ["get", resource, "-A", "-w", "--output-watch-events", "-o", "jsonpath=" + Self.line]
        ) { [notes] in notes.take($0) }
        guard eventually({ !notes.events.isEmpty }) else { throw Failure("no \(resource)") }
    }

    /// All that it has said, for failures.
    var text: String { kubectl.output.soFar }

    /// When it saw the first line of that kind after a moment.
    func moment(
        after start: ContinuousClock.Instant, _ isWanted: (String) -> Bool
    ) -> ContinuousClock.Instant? {
        notes.events.first { $0.moment >= start && isWanted($0.line) }?.moment
    }
}
