// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a kubeconfig says about one of its contexts.
struct Kubeconfig: Sendable, Equatable {
    static let maximumSize = 1 << 20

    struct Cluster: Sendable, Equatable {
        let place: TextPlace
        /// Normalized; nil where the kubeconfig has none.
        var server: String?
        var authority: CredentialOctets?
        var serverName: String?
        var skipsVerification = false
        var proxy: String?
        /// Where there is an extension that is meant for a plugin.
        var pluginExtension: TextPlace?
    }

    struct User: Sendable, Equatable {
        var credential: Credential?
        var certificate: CredentialOctets?
        var key: CredentialOctets?
        /// The headers of impersonation.
        var headers: [APIHeader] = []
    }

    let cluster: Cluster
    let user: User

    /// Reads the context of that name, or the current one.
    ///
    /// Clusters and users of other contexts may hold what is not supported here. Where the text is
    /// no file it may name no files and programs.
    static func decode(
        _ octets: [UInt8], context: String?, isFile: Bool
    ) throws(CatalogFault) -> Kubeconfig {
        let selection = try KubeconfigIndex(context: context).decode(octets)
        let kubeconfig = try KubeconfigDetails(selection: selection, isFile: isFile).decode(octets)
        if case .plugin(let plugin, _) = kubeconfig.user.credential, plugin.wantsClusterInfo,
            let place = kubeconfig.cluster.pluginExtension
        {
            throw place.fault("expected no extension for plugins, which is not supported")
        }
        return kubeconfig
    }
}
