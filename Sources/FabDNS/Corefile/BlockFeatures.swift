// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a server block asks for beside the names it answers.
package struct BlockFeatures: Sendable, Equatable {
    package var health: HealthDirective?
    package var ready: ReadyDirective?
    package var prometheus: PrometheusDirective?
    /// Of the directives that have an effect, sorted.
    package var names: [String] = []

    package init() {}
}
