// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// Turns an exported service into the owners, groups and addresses that answer for it.
///
/// Pure: all localities have their numbers before.
struct AnswerCompiler: Sendable {
    /// A compiled service, and what of it could not be a name.
    struct Result: Sendable {
        let answers: ServiceAnswers
        /// Names longer than a domain name may be, ports and localities beyond the bounds: they are
        /// not served.
        let skipped: Int
    }

    /// Nil when no endpoint is ready: the service's names do not exist then (Kubernetes DNS
    /// specification 2.4.1).
    func compile(_ service: ExportedService, localities: LocalityTable) -> Result? {
        var draft = ServiceDraft(service: service)
        draft.group(service.endpoints, localities)
        guard !draft.groups.isEmpty else { return nil }
        draft.addOwners()
        let answers = BlockWriter.write(draft.block)
        return Result(answers: answers, skipped: draft.skipped)
    }

    /// Compiles each service in its place; `onAllCores` for a start, when nobody is answered yet.
    func compile(
        _ services: [ExportedService?], localities: LocalityTable, onAllCores: Bool
    ) -> [Result?] {
        let compile = { @Sendable (service: ExportedService?) in
            service.flatMap { self.compile($0, localities: localities) }
        }
        return onAllCores ? services.mapOnAllCores(compile) : services.map(compile)
    }

    /// The labels of a service's name, and of its deprecated cluster form.
    ///
    /// What is above may be above other services too.
    static let serviceLabelCount = 3

    /// Who sees such a name: above a cluster of the deprecated form, which KEP-1645 does not have,
    /// only fab-dns's zones do.
    static func flags(ofSharedParent name: RelativeName) -> OwnerFlags {
        let isAboveServices = name.octets.suffix(serviceSuffix.count).elementsEqual(serviceSuffix)
        return isAboveServices ? [.fabdnsEmpty, .mcsEmpty] : .fabdnsEmpty
    }

    private static let serviceSuffix = Array("\u{3}svc".utf8)

    /// Names without data right above the service's names, and so above those of other services
    /// too.
    static func sharedParents(of answers: ServiceAnswers) -> Set<RelativeName> {
        var parents: Set<RelativeName> = []
        unsafe answers.forEachOwner { owner in
            let name = unsafe OwnerView(owner).nameOctets
            guard unsafe RelativeName.labelCount(name) == serviceLabelCount else { return }
            if let parent = unsafe RelativeName(compiled: name).parent { parents.insert(parent) }
        }
        return parents
    }
}
