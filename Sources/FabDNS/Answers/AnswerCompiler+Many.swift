// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
import ServiceCatalog
internal import Synchronization

extension AnswerCompiler {
    /// A core is given so many services at a time.
    private static let servicesPerPart = 500

    /// Compiles each service in its place; `onAllCores` for a start, when nobody is answered yet.
    func compile(
        _ services: [ExportedService?], localities: LocalityTable, onAllCores: Bool
    ) -> [Result?] {
        guard onAllCores, services.count > Self.servicesPerPart else {
            return services.map { $0.flatMap { compile($0, localities: localities) } }
        }
        let starts = Array(stride(from: 0, to: services.count, by: Self.servicesPerPart))
        let parts = Mutex([[Result?]](repeating: [], count: starts.count))
        DispatchQueue.concurrentPerform(iterations: starts.count) { number in
            let end = min(starts[number] + Self.servicesPerPart, services.count)
            let part = services[starts[number]..<end].map {
                $0.flatMap { compile($0, localities: localities) }
            }
            parts.withLock { $0[number] = part }
        }
        return parts.withLock { $0.flatMap(\.self) }
    }
}
