// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Kubeconfigs: what is accepted")
struct KubeconfigTests {
    private func octets(_ text: String) -> CredentialOctets { .octets(Array(text.utf8)) }

    @Test("JSON and YAML say the same")
    func syntaxes() throws {
        let json = """
            {"contexts": [{"context": {"user": "u", "cluster": "k"}, "name": "c"}],
             "current-context": "c", "preferences": {"colors": true}, "extensions": null,
             "users": [{"user": {"token": "s3cr3t"}, "name": "u"}],
             "clusters": [{"cluster": {"server": "https://10.0.0.1:6443/"}, "name": "k"}]}
            """
        let kubeconfig = try Samples.decode(json)
        #expect(kubeconfig.cluster.server == "https://10.0.0.1:6443")
        #expect(kubeconfig.user == Kubeconfig.User(credential: .token("s3cr3t")))
        let yaml = try Samples.decode(Samples.kubeconfig())
        #expect(yaml.cluster.server == kubeconfig.cluster.server)
        #expect(yaml.user == kubeconfig.user)
    }

    @Test("A cluster's fields")
    func cluster() throws {
        let cluster = try Samples.decode(
            Samples.kubeconfig(
                cluster: """
                    server: https://a, certificate-authority-data: \
                    \(Samples.base64(Samples.certificate)), tls-server-name: b, \
                    proxy-url: 'socks5://c:1080', disable-compression: true, \
                    insecure-skip-tls-verify: false, extensions: [{name: d, extension: {e: f}}]
                    """)
        ).cluster
        #expect(cluster.server == "https://a")
        #expect(cluster.authority == octets(Samples.certificate))
        #expect(cluster.serverName == "b")
        #expect(cluster.proxy == "socks5://c:1080")
        #expect(!cluster.skipsVerification)
        #expect(cluster.pluginExtension == nil)
        let insecure = try Samples.decode(
            Samples.kubeconfig(
                cluster: "server: https://a, insecure-skip-tls-verify: true, "
                    + "certificate-authority-data: '', certificate-authority: null"))
        #expect(insecure.cluster.skipsVerification)
        #expect(insecure.cluster.authority == nil)
    }

    @Test(
        "A user's credential",
        arguments: [
            ("", nil),
            ("token: ''", nil),
            ("token: \" s3cr3t\\n\"", .token("s3cr3t")),
            ("token: 0123", .token("0123")),
            ("username: a, password: 'b:c'", .basic(name: "a", password: "b:c")),
            ("username: a", .basic(name: "a", password: "")),
            ("auth-provider: null, token: a", .token("a")),
            ("extensions: [{name: a}], token: a", .token("a")),
        ] as [(String, Credential?)])
    func credentials(_ user: String, _ credential: Credential?) throws {
        let kubeconfig = try Samples.decode(Samples.kubeconfig(user: user))
        #expect(kubeconfig.user.credential == credential)
    }

    @Test("The file of a token comes before the token")
    func tokenFile() throws {
        let user = try Samples.decode(Samples.kubeconfig(user: "token: a, tokenFile: b/c")).user
        guard case .tokenFile(let file) = user.credential else {
            Issue.record("no file of a token")
            return
        }
        #expect(file.text == "b/c")
        #expect(file.place == TextPlace(line: 6, column: 47, path: "users[0].user.tokenFile"))
    }

    @Test("A certificate and its key come from files or from data, one of each if need be")
    func certificates() throws {
        let data = try Samples.decode(
            Samples.kubeconfig(
                user: "client-certificate-data: \(Samples.base64(Samples.certificate)), "
                    + "client-key-data: \(Samples.base64(Samples.key))")
        ).user
        #expect(data.certificate == octets(Samples.certificate))
        #expect(data.key == octets(Samples.key))
        let mixed = try Samples.decode(
            Samples.kubeconfig(
                user: "client-certificate: a, client-key-data: \(Samples.base64(Samples.key))")
        ).user
        guard case .file(let file) = mixed.certificate else {
            Issue.record("no file of a certificate")
            return
        }
        #expect(file.text == "a")
        #expect(mixed.key == octets(Samples.key))
    }

    @Test("Whom we act as is in headers, in one order whatever that of the file")
    func impersonation() throws {
        let user = try Samples.decode(
            Samples.kubeconfig(
                user: """
                    token: a, as-user-extra: {z/é%: [3], scopes: [one, 'two three']}, \
                    as-groups: [g, 'system:masters'], as-uid: 7, as: jane
                    """)
        ).user
        #expect(
            user.headers == [
                APIHeader(name: "Impersonate-User", value: "jane"),
                APIHeader(name: "Impersonate-Uid", value: "7"),
                APIHeader(name: "Impersonate-Group", value: "g"),
                APIHeader(name: "Impersonate-Group", value: "system:masters"),
                APIHeader(name: "Impersonate-Extra-scopes", value: "one"),
                APIHeader(name: "Impersonate-Extra-scopes", value: "two three"),
                APIHeader(name: "Impersonate-Extra-z%2F%C3%A9%25", value: "3"),
            ])
    }

    @Test("A plugin's fields", arguments: ["v1", "v1beta1"])
    func plugin(_ version: String) throws {
        let user = try Samples.decode(
            Samples.kubeconfig(
                user: """
                    exec: {apiVersion: client.authentication.k8s.io/\(version), command: bin/a, \
                    args: [-b, ''], env: [{name: C, value: d}, {name: E}], installHint: f, \
                    interactiveMode: IfAvailable, provideClusterInfo: true, later: g}
                    """)
        ).user
        guard case .plugin(let plugin, let place) = user.credential else {
            Issue.record("no plugin")
            return
        }
        #expect(place == TextPlace(line: 6, column: 32, path: "users[0].user.exec"))
        #expect(
            plugin
                == ExecPlugin(
                    apiVersion: "client.authentication.k8s.io/\(version)", command: "bin/a",
                    arguments: ["-b", ""], environment: ["C": "d", "E": ""], installHint: "f",
                    wantsClusterInfo: true))
        #expect(plugin.program(in: "/etc") == "/etc/bin/a")
    }

    @Test("Another context than the current one can be named, and needs no user")
    func contexts() throws {
        let text = """
            current-context: a
            contexts:
            - {name: a, context: {cluster: k, user: u}}
            - {name: b, context: {cluster: l, namespace: n}}
            clusters:
            - {name: k, cluster: {server: http://k, unknown: 1}}
            - {name: l, cluster: {server: http://l}}
            users:
            - {name: u, user: {auth-provider: {name: gcp}}}
            """
        let kubeconfig = try Samples.decode(text, context: "b")
        #expect(kubeconfig.cluster.server == "http://l")
        #expect(kubeconfig.user == Kubeconfig.User())
        #expect(Samples.fault(text) != nil)
    }

    @Test("Text that is no file may have everything that names none")
    func text() throws {
        let user =
            "token: a, as: b, client-certificate: '', tokenFile: null, exec: null"
        #expect(Samples.fault(Samples.kubeconfig(user: user), isFile: false) == nil)
    }
}
