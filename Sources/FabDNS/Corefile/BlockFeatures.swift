// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a server block asks for beside the names it answers.
package struct BlockFeatures: Sendable, Equatable {
    package var health: HealthDirective?
    package var ready: ReadyDirective?
    package var prometheus: PrometheusDirective?
    /// In the order of the file.
    package var access: [AccessDirective] = []
    package var log: [LogDirective] = []
    package var nsid: NSIDDirective?
    package var chaos: ChaosDirective?
    package var timeouts: TimeoutsDirective?
    package var tls: TLSDirective?
    /// The largest reply over UDP in octets, 512...1232.
    package var payloadOctets: UInt16 = BufsizeDirective.standardOctets
    /// Askers are told who they are where nothing else answers.
    package var whoami = false
    /// Of the directives that have an effect, sorted.
    package var names: [String] = []

    package init() {}
}
