// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The second reading of a kubeconfig: the cluster and the user that were selected.
struct KubeconfigDetails: SecretDocument {
    let selection: KubeconfigIndex.Selection
    /// Whether files and programs may be named.
    let isFile: Bool

    private enum Field: String { case clusters, users }
    private enum EntryField: String { case cluster, user }
    private enum ClusterField: String {
        case server, extensions
        case authority = "certificate-authority"
        case authorityData = "certificate-authority-data"
        case serverName = "tls-server-name"
        case skipsVerification = "insecure-skip-tls-verify"
        case proxy = "proxy-url"
        case disableCompression = "disable-compression"
    }
    private enum ExtensionField: String { case name }

    private static let pluginExtension = "client.authentication.k8s.io/exec"

    func read<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> Kubeconfig {
        var place = try reader.place()
        var cluster: Kubeconfig.Cluster?
        var user = Kubeconfig.User()
        try reader.fields { (reader, field: Field) throws(CatalogFault) in
            try reader.elements("a list") { (reader, index) throws(CatalogFault) in
                guard index == (field == .clusters ? selection.cluster : selection.user) else {
                    return try reader.skip()
                }
                if field == .clusters { place = try reader.place() }
                try reader.fields { (reader, inner: EntryField) throws(CatalogFault) in
                    switch (field, inner) {
                    case (.clusters, .cluster): cluster = try self.cluster(&reader)
                    case (.users, .user): user = try self.user(&reader)
                    default: try reader.skip()
                    }
                }
            }
        }
        return Kubeconfig(cluster: cluster ?? Kubeconfig.Cluster(place: place), user: user)
    }

    private func cluster<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> Kubeconfig.Cluster {
        var cluster = Kubeconfig.Cluster(place: try reader.place())
        var authority: PlacedText?
        var authorityData: PlacedText?
        var insecure: TextPlace?
        try reader.fields(refusesOthers: true) {
            (reader, field: ClusterField) throws(CatalogFault) in
            switch field {
            case .server:
                cluster.server = try url(&reader, ServerURL.expectation, ServerURL.server)
            case .authority: authority = try path(&reader)
            case .authorityData: authorityData = try reader.placedText()
            case .serverName: cluster.serverName = try serverName(&reader)
            case .skipsVerification:
                let place = try reader.place()
                cluster.skipsVerification = try reader.boolean()
                if cluster.skipsVerification { insecure = place }
            case .proxy:
                cluster.proxy = try url(&reader, ServerURL.proxyExpectation, ServerURL.proxy)
            case .disableCompression: _ = try reader.boolean()
            case .extensions: cluster.pluginExtension = try pluginExtension(&reader)
            }
        }
        cluster.authority = try octets(
            file: authority, data: authorityData, .certificates, name: "certificate-authority")
        if let insecure, cluster.authority != nil {
            throw insecure.fault("expected no certificate-authority beside it")
        }
        return cluster
    }

    private func url<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, _ expected: String, _ rule: (String) -> String?
    ) throws(CatalogFault) -> String? {
        guard let text = try reader.placedText("a URL") else { return nil }
        guard let url = rule(text.text) else { throw text.place.fault("expected \(expected)") }
        return url
    }

    private func serverName<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> String? {
        guard let name = try reader.placedText("a name") else { return nil }
        guard ServerURL.isServerName(name.text) else {
            throw name.place.fault("expected a host name or an address")
        }
        return name.text
    }

    private func pluginExtension<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> TextPlace? {
        var found: TextPlace?
        try reader.elements("a list of extensions") { (reader, _) throws(CatalogFault) in
            let place = try reader.place()
            try reader.fields { (reader, _: ExtensionField) throws(CatalogFault) in
                if try reader.text("a name") == Self.pluginExtension { found = place }
            }
        }
        return found
    }
}

// MARK: - Files and data

extension KubeconfigDetails {
    /// The path of a file.
    func path<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> PlacedText? {
        guard let path = try reader.placedText("a path") else { return nil }
        guard isFile else {
            throw path.place.fault("expected no file in a kubeconfig that is none itself")
        }
        guard CredentialRule.isPath(path.text) else {
            throw path.place.fault("expected a path of at most 4095 octets, none of control")
        }
        return path
    }

    /// What a pair of fields says, of which one has a path and one has base64.
    func octets(
        file: PlacedText?, data: PlacedText?, _ content: PEMContent, name: String
    ) throws(CatalogFault) -> CredentialOctets? {
        guard let data else { return file.map { .file($0) } }
        guard file == nil else { throw data.place.fault("expected no \(name) beside it") }
        guard let octets = Base64.decode(data.text.utf8) else {
            throw data.place.fault("expected base64 of \(content.expectation)")
        }
        guard content.accepts(octets) else {
            throw data.place.fault("expected \(content.expectation), in base64")
        }
        return .octets(octets)
    }
}
