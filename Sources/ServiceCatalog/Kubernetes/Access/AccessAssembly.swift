// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Puts together what an origin and the files that it names say at one moment.
struct AccessAssembly {
    /// All that is known without a plugin, and the plugin that knows the rest.
    struct Assembled {
        let access: APIAccess
        let plugin: (value: ExecPlugin, place: TextPlace)?
    }

    let origin: AccessOrigin
    let masterURL: String?
    private var files = AccessFiles()
    /// The kubeconfig that was read last, and what it says.
    private var parsed: (octets: [UInt8], kubeconfig: Kubeconfig)?

    init(origin: AccessOrigin, masterURL: String?) {
        self.origin = origin
        self.masterURL = masterURL
    }

    /// Has every file read again.
    mutating func forget() { files.forget() }

    mutating func assemble() throws(AccessError) -> Assembled {
        switch origin {
        case .kubeconfig(let path, let context):
            guard CredentialRule.isPath(path) else {
                throw AccessError(file: path, problem: "expected a path")
            }
            let octets = try file(path, atMost: Kubeconfig.maximumSize) { problem in
                AccessError(file: path, problem: problem)
            }
            return try assemble(parse(octets, context: context, isFile: true))
        case .text(let text, let origin):
            guard text.utf8.count <= Kubeconfig.maximumSize else {
                throw AccessError(file: origin, problem: "expected at most 1 MiB")
            }
            return try assemble(parse(Array(text.utf8), context: nil, isFile: false))
        case .inCluster(let host, let port, let folder):
            return try assemble(host: host, port: port, folder: folder)
        }
    }

    // MARK: Of a kubeconfig

    private mutating func parse(
        _ octets: [UInt8], context: String?, isFile: Bool
    ) throws(AccessError) -> Kubeconfig {
        if let parsed, parsed.octets == octets { return parsed.kubeconfig }
        parsed = nil
        do {
            let kubeconfig = try Kubeconfig.decode(octets, context: context, isFile: isFile)
            parsed = (octets, kubeconfig)
            return kubeconfig
        } catch {
            throw AccessError(file: origin.description, fault: error)
        }
    }

    private mutating func assemble(_ kubeconfig: Kubeconfig) throws(AccessError) -> Assembled {
        let (cluster, user) = (kubeconfig.cluster, kubeconfig.user)
        guard let server = try master() ?? cluster.server else {
            let place = TextPlace(
                line: cluster.place.line, column: cluster.place.column,
                path: cluster.place.path + ".server")
            throw AccessError(
                file: origin.description, place: place, problem: "expected \(ServerURL.expectation)"
            )
        }
        var headers: [APIHeader] = []
        var plugin: (ExecPlugin, TextPlace)?
        switch user.credential {
        case .token(let token): headers = [.bearer(token)]
        case .tokenFile(let file): headers = [.bearer(try token(file))]
        case .basic(let name, let password): headers = [.basic(name: name, password: password)]
        case .plugin(let value, let place): plugin = (value, place)
        case nil: break
        }
        let access = APIAccess(
            server: server, authorities: try pem(cluster.authority, .certificates),
            certificate: try pem(user.certificate, .certificates), key: try pem(user.key, .key),
            serverName: cluster.serverName, skipsVerification: cluster.skipsVerification,
            proxy: cluster.proxy, headers: headers + user.headers)
        return Assembled(access: access, plugin: plugin)
    }

    private func master() throws(AccessError) -> String? {
        guard let masterURL, !masterURL.isEmpty else { return nil }
        guard let server = ServerURL.server(masterURL) else {
            throw AccessError(
                file: "the URL of the API server", problem: "expected \(ServerURL.expectation)")
        }
        return server
    }

    private mutating func pem(
        _ octets: CredentialOctets?, _ content: PEMContent
    ) throws(AccessError) -> [UInt8]? {
        switch octets {
        case nil: return nil
        case .octets(let octets): return octets
        case .file(let file):
            let octets = try credential(file)
            guard content.accepts(octets) else {
                throw error(file, "expected \(content.expectation)")
            }
            return octets
        }
    }

    private mutating func token(_ file: PlacedText) throws(AccessError) -> String {
        guard let token = CredentialRule.token(try credential(file)) else {
            throw error(file, "expected \(CredentialRule.tokenExpectation)")
        }
        return token
    }

    /// The octets of a file that a kubeconfig names.
    private mutating func credential(_ placed: PlacedText) throws(AccessError) -> [UInt8] {
        let path = placed.text.hasPrefix("/") ? placed.text : "\(folder)/\(placed.text)"
        do throws(AccessFiles.Problem) {
            return try files.read(path, atMost: CredentialRule.maximumFileSize)
        } catch {
            throw self.error(placed, error.text)
        }
    }

    private func error(_ file: PlacedText, _ problem: String) -> AccessError {
        AccessError(
            file: origin.description, place: file.place, problem: "\(shown(file.text)): \(problem)")
    }

    /// The folder that relative paths begin at.
    var folder: String {
        guard case .kubeconfig(let path, _) = origin, let slash = path.lastIndex(of: "/") else {
            return "."
        }
        return String(path[..<slash])
    }

    // MARK: Of a Pod

    private mutating func assemble(
        host: String, port: String, folder: String
    ) throws(AccessError) -> Assembled {
        guard let server = try master() ?? ServerURL.server(host: host, port: port) else {
            throw AccessError(
                file: "KUBERNETES_SERVICE_HOST",
                problem: "expected an address, and a port in KUBERNETES_SERVICE_PORT")
        }
        let tokenPath = "\(folder)/token"
        let octets = try file(tokenPath, atMost: CredentialRule.maximumFileSize) {
            AccessError(file: tokenPath, problem: $0)
        }
        guard let token = CredentialRule.token(octets) else {
            throw AccessError(
                file: tokenPath, problem: "expected \(CredentialRule.tokenExpectation)")
        }
        let authorityPath = "\(folder)/ca.crt"
        let authorities = try file(authorityPath, atMost: CredentialRule.maximumFileSize) {
            AccessError(file: authorityPath, problem: $0)
        }
        guard PEMContent.certificates.accepts(authorities) else {
            throw AccessError(
                file: authorityPath, problem: "expected \(PEMContent.certificates.expectation)")
        }
        let access = APIAccess(
            server: server, authorities: authorities, certificate: nil, key: nil, serverName: nil,
            skipsVerification: false, proxy: nil, headers: [.bearer(token)])
        return Assembled(access: access, plugin: nil)
    }

    private mutating func file(
        _ path: String, atMost maximum: Int, _ error: (String) -> AccessError
    ) throws(AccessError) -> [UInt8] {
        do {
            return try files.read(path, atMost: maximum)
        } catch let problem {
            throw error(problem.text)
        }
    }
}
