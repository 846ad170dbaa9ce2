// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The first reading of a kubeconfig: which cluster and which user the context names.
struct KubeconfigIndex: SecretDocument {
    /// Contexts that an error lists.
    private static let maximumListed = 10

    /// Nil is the current one.
    let context: String?

    struct Selection: Equatable {
        /// Places in their lists.
        let cluster: Int
        let user: Int?
    }

    private enum Field: String {
        case apiVersion, kind, clusters, users, contexts
        case currentContext = "current-context"
    }
    private enum EntryField: String { case name, context }
    private enum ContextField: String { case cluster, user }

    private struct Reference<Mark> {
        let mark: Mark
        let name: String
    }

    private struct Context<Mark> {
        let mark: Mark
        let name: String
        let index: Int
        var cluster: Reference<Mark>?
        var user: Reference<Mark>?
    }

    func read<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> Selection {
        let start = try reader.mark()
        var current: Reference<Reader.Mark>?
        var clusters: [String: Int] = [:]
        var users: [String: Int] = [:]
        var contexts: [Context<Reader.Mark>] = []
        try reader.fields("a kubeconfig") { (reader, field: Field) throws(CatalogFault) in
            switch field {
            case .apiVersion: _ = try reader.choice(["v1"], "v1")
            case .kind: _ = try reader.choice(["Config"], "Config")
            case .clusters: clusters = try names(&reader, "a list of clusters")
            case .users: users = try names(&reader, "a list of users")
            case .contexts: contexts = try self.contexts(&reader)
            case .currentContext: current = try reference(&reader)
            }
        }
        let wanted = context ?? current?.name ?? ""
        guard !wanted.isEmpty else {
            throw reader.fault(
                at: start, path: "current-context",
                "expected a context, \(Self.list(contexts.map(\.name)))")
        }
        guard let context = contexts.first(where: { $0.name == wanted }) else {
            let mark = context == nil ? current?.mark ?? start : start
            let path = context == nil ? "current-context" : "contexts"
            throw reader.fault(
                at: mark, path: path,
                "expected a context of this file, \(Self.list(contexts.map(\.name))), "
                    + "found \(Self.quote(wanted))")
        }
        let path = "contexts[\(context.index)].context"
        guard let cluster = context.cluster else {
            throw reader.fault(at: context.mark, path: "\(path).cluster", "expected a cluster")
        }
        guard let clusterIndex = clusters[cluster.name] else {
            throw reader.fault(
                at: cluster.mark, path: "\(path).cluster",
                "expected a cluster of this file, found \(Self.quote(cluster.name))")
        }
        guard let user = context.user else { return Selection(cluster: clusterIndex, user: nil) }
        guard let userIndex = users[user.name] else {
            throw reader.fault(
                at: user.mark, path: "\(path).user",
                "expected a user of this file, found \(Self.quote(user.name))")
        }
        return Selection(cluster: clusterIndex, user: userIndex)
    }

    /// The names of a list's entries, and where they stand in it.
    private func names<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, _ expected: String
    ) throws(CatalogFault) -> [String: Int] {
        var names: [String: Int] = [:]
        try reader.elements(expected) { (reader, index) throws(CatalogFault) in
            let mark = try reader.mark()
            var name = ""
            try reader.fields { (reader, field: EntryField) throws(CatalogFault) in
                switch field {
                case .name: name = try reader.text("a name")
                case .context: try reader.skip()
                }
            }
            guard names.updateValue(index, forKey: name) == nil else {
                throw reader.fault(at: mark, "expected each name once")
            }
        }
        return names
    }

    private func contexts<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> [Context<Reader.Mark>] {
        var names: Set<String> = []
        var contexts: [Context<Reader.Mark>] = []
        try reader.elements("a list of contexts") { (reader, index) throws(CatalogFault) in
            let mark = try reader.mark()
            var name = ""
            var cluster: Reference<Reader.Mark>?
            var user: Reference<Reader.Mark>?
            try reader.fields { (reader, field: EntryField) throws(CatalogFault) in
                switch field {
                case .name: name = try reader.text("a name")
                case .context:
                    try reader.fields { (reader, field: ContextField) throws(CatalogFault) in
                        switch field {
                        case .cluster: cluster = try reference(&reader)
                        case .user: user = try reference(&reader)
                        }
                    }
                }
            }
            guard names.insert(name).inserted else {
                throw reader.fault(at: mark, "expected each name once")
            }
            contexts.append(
                Context(mark: mark, name: name, index: index, cluster: cluster, user: user))
        }
        return contexts
    }

    /// A name of something; nil where it is empty.
    private func reference<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> Reference<Reader.Mark>? {
        let mark = try reader.mark()
        let name = try reader.text("a name")
        return name.isEmpty ? nil : Reference(mark: mark, name: name)
    }

    /// `one of "a", "b" and 3 more`.
    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "of which it has none" }
        let listed = names.prefix(maximumListed).map(quote).joined(separator: ", ")
        let rest = names.count - maximumListed
        return "one of \(listed)\(rest > 0 ? " and \(rest) more" : "")"
    }

    private static func quote(_ name: String) -> String { quoted(Array(name.utf8)[...]) }
}
