// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Kubeconfigs: what is refused, and where")
struct KubeconfigFaultTests {
    private static let url =
        "expected a URL as https://10.0.0.1:6443, with no user, query or fragment"
    private static let proxy =
        "expected a URL of a proxy: http://, https:// or socks5://, host and port"
    private static let token = "expected a token of visible ASCII characters, at most 64 KiB"
    private static let header = "expected text that a header may have, at most 64 KiB"
    private static let unknown = "expected no such field, which is not known here"

    @Test(
        "A cluster",
        arguments: [
            ("server: s3cr3t", 40, ".server: \(url)"),
            ("server: 'https://a:s3cr3t@b'", 40, ".server: \(url)"),
            ("server: {}", 40, ".server: expected a URL, found an object"),
            ("server: a, server: b", 43, "expected this field once"),
            (
                "certificate-authority-data: s3cr3t", 60,
                ".certificate-authority-data: expected base64 of certificates in PEM"
            ),
            (
                "certificate-authority-data: AAAA", 60,
                ".certificate-authority-data: expected certificates in PEM, in base64"
            ),
            (
                "certificate-authority-data: AAAA, certificate-authority: a", 60,
                ".certificate-authority-data: expected no certificate-authority beside it"
            ),
            (
                "certificate-authority: \"a\\0\"", 55,
                ".certificate-authority: expected a path of at most 4095 octets, none of control"
            ),
            (
                "certificate-authority: [s3cr3t]", 55,
                ".certificate-authority: expected a path, found a list"
            ),
            (
                "insecure-skip-tls-verify: true, certificate-authority: a", 58,
                ".insecure-skip-tls-verify: expected no certificate-authority beside it"
            ),
            (
                "insecure-skip-tls-verify: s3cr3t", 58,
                ".insecure-skip-tls-verify: expected true or false"
            ),
            ("tls-server-name: 'a b'", 49, ".tls-server-name: expected a host name or an address"),
            ("proxy-url: 'ftp://u:s3cr3t@a'", 43, ".proxy-url: \(proxy)"),
            ("proxy-url: 's3cr3t'", 43, ".proxy-url: \(proxy)"),
            ("disable-compression: 1", 53, ".disable-compression: expected true or false"),
            ("extensions: {}", 44, ".extensions: expected a list of extensions, found an object"),
            ("api-version: v1", 45, ".api-version: \(unknown)"),
            ("'s3cr3t:': 1", 43, ": expected no field that is not known here"),
        ])
    func clusters(_ cluster: String, _ column: Int, _ problem: String) {
        let path = problem.hasPrefix("expected") ? "" : "clusters[0].cluster"
        expect(Samples.kubeconfig(cluster: cluster), "f:5:\(column): \(path)\(problem)")
    }

    @Test(
        "A user",
        arguments: [
            ("token: 's3cr3t s3cr3t'", 33, ".token: \(token)"),
            ("token: \"s3cr3t\\r\\nX: y\"", 33, ".token: \(token)"),
            ("token: \"s3cr3t\\0\"", 33, ".token: \(token)"),
            ("token: ' '", 33, ".token: \(token)"),
            ("token: [s3cr3t]", 33, ".token: expected a token, found a list"),
            (
                "tokenFile: \"a\\n\"", 37,
                ".tokenFile: expected a path of at most 4095 octets, none of control"
            ),
            ("token: s3cr3t, username: a", 51, ".username: expected no token beside it"),
            ("tokenFile: a, username: a", 50, ".username: expected no token beside it"),
            ("password: s3cr3t", 36, ".password: expected a username beside it"),
            ("username: 's3cr3t:a'", 36, ".username: expected a name without a colon"),
            (
                "client-certificate: a", 46,
                ".client-certificate: expected client-key or client-key-data beside it"
            ),
            (
                "client-key: a", 38,
                ".client-key: expected client-certificate or client-certificate-data beside it"
            ),
            (
                "client-key-data: s3cr3t", 43,
                ".client-key-data: expected base64 of a key in PEM, without a passphrase"
            ),
            (
                "client-key-data: AAAA", 43,
                ".client-key-data: expected a key in PEM, without a passphrase, in base64"
            ),
            (
                "client-key-data: AAAA, client-key: a", 43,
                ".client-key-data: expected no client-key beside it"
            ),
            (
                "client-certificate-data: AAAA, client-certificate: a", 51,
                ".client-certificate-data: expected no client-certificate beside it"
            ),
            (
                "auth-provider: {name: s3cr3t}", 41,
                ".auth-provider: expected exec, a token or a certificate: providers are not supported"
            ),
            ("as: 'a '", 30, ".as: \(header)"),
            ("as: \"a\\nb\"", 30, ".as: \(header)"),
            ("as-uid: a", 34, ".as-uid: expected as beside it"),
            ("as-groups: [a]", 37, ".as-groups: expected as beside it"),
            ("as-groups: a", 37, ".as-groups: expected a list of groups"),
            ("as-groups: [a, ''], as: b", 41, ".as-groups[1]: \(header)"),
            ("as-user-extra: {a: [b]}", 41, ".as-user-extra: expected as beside it"),
            ("as-user-extra: {a: b}, as: c", 45, ".as-user-extra.a: expected a list of text"),
            (
                "as-user-extra: {'': [b]}, as: c", 46,
                ".as-user-extra.: expected names of 1 to 256 octets"
            ),
            ("as-user-extra: {a: [\"b\\rc\"]}, as: d", 46, ".as-user-extra.a[0]: \(header)"),
            ("tokenfile: s3cr3t", 37, ".tokenfile: \(unknown)"),
            ("token-s3cr3t: 1", 40, ": expected no field that is not known here"),
            ("exec: s3cr3t", 32, ".exec: expected an object"),
        ])
    func users(_ user: String, _ column: Int, _ problem: String) {
        expect(Samples.kubeconfig(user: user), "f:6:\(column): users[0].user\(problem)")
    }

    @Test(
        "A plugin",
        arguments: [
            ("", 32, ": expected a command"),
            ("command: a", 32, ": expected an apiVersion"),
            ("apiVersion: client.authentication.k8s.io/v1", 32, ": expected a command"),
            (
                "apiVersion: client.authentication.k8s.io/v1alpha1", 45,
                ".apiVersion: expected client.authentication.k8s.io/v1 or v1beta1"
            ),
            ("command: \"a\\0\"", 42, ".command: expected a program without NUL"),
            ("args: [a, {}]", 43, ".args[1]: expected an argument, found an object"),
            ("args: [\"s3cr3t\\0\"]", 40, ".args[0]: expected an argument without NUL"),
            ("env: [{name: a=s3cr3t}]", 39, ".env[0]: expected a name without an equals sign"),
            ("env: [{value: s3cr3t}]", 39, ".env[0]: expected a name without an equals sign"),
            ("env: [{value: \"s3cr3t\\0\"}]", 47, ".env[0].value: expected a value without NUL"),
            (
                "interactiveMode: Always", 50,
                ".interactiveMode: expected Never or IfAvailable, as nobody is there to ask"
            ),
            ("provideClusterInfo: s3cr3t", 53, ".provideClusterInfo: expected true or false"),
        ])
    func plugins(_ plugin: String, _ column: Int, _ problem: String) {
        expect(
            Samples.kubeconfig(user: "exec: {\(plugin)}"),
            "f:6:\(column): users[0].user.exec\(problem)")
    }

    @Test(
        "A plugin and another credential, or what only it would understand",
        arguments: [
            "token: s3cr3t", "tokenFile: a", "username: a", "password: s3cr3t",
            "client-certificate: a, client-key: b",
        ])
    func pluginAndMore(_ user: String) {
        let plugin = "exec: {apiVersion: client.authentication.k8s.io/v1, command: a}"
        expect(
            Samples.kubeconfig(user: "\(plugin), \(user)"),
            "f:6:32: users[0].user.exec: expected no other credential beside it")
    }

    @Test("An extension that is meant for the plugin, where it wants to know the cluster")
    func pluginExtension() {
        func kubeconfig(wants: Bool) -> String {
            Samples.kubeconfig(
                cluster: """
                    server: https://a, extensions: [{name: client.authentication.k8s.io/exec, \
                    extension: {audience: s3cr3t}}]
                    """,
                user: """
                    exec: {apiVersion: client.authentication.k8s.io/v1, command: a, \
                    provideClusterInfo: \(wants)}
                    """)
        }
        expect(
            kubeconfig(wants: true),
            "f:5:64: clusters[0].cluster.extensions[0]: expected no extension for plugins, "
                + "which is not supported")
        expect(kubeconfig(wants: false), nil)
    }

    @Test(
        "Files and programs that text names which is no file",
        arguments: [
            ("", "tokenFile: a", "6:37: users[0].user.tokenFile"),
            ("", "client-certificate: a, client-key: b", "6:46: users[0].user.client-certificate"),
            ("", "client-key: a", "6:38: users[0].user.client-key"),
            (", certificate-authority: a", "", "5:74: clusters[0].cluster.certificate-authority"),
        ])
    func text(_ cluster: String, _ user: String, _ place: String) {
        let text = Samples.kubeconfig(cluster: "server: https://a\(cluster)", user: user)
        #expect(
            Samples.fault(text, isFile: false)
                == "f:\(place): expected no file in a kubeconfig that is none itself")
        let plugin = Samples.kubeconfig(user: "exec: {command: a}")
        #expect(
            Samples.fault(plugin, isFile: false)
                == "f:6:32: users[0].user.exec: expected no program in a kubeconfig that is no file"
        )
    }

    @Test(
        "A context that leads nowhere",
        arguments: [
            (
                "current-context: x\ncontexts: [{name: a}, {name: b}]",
                "1:18: current-context: expected a context of this file, one of \"a\", \"b\", found \"x\""
            ),
            (
                "current-context: x",
                "1:18: current-context: expected a context of this file, of which it has none, "
                    + "found \"x\""
            ),
            ("contexts: [{name: a}]", "1:1: current-context: expected a context, one of \"a\""),
            (
                "current-context: ''",
                "1:1: current-context: expected a context, of which it has none"
            ),
            (
                "current-context: a\ncontexts: [{name: a}]",
                "2:12: contexts[0].context.cluster: expected a cluster"
            ),
            (
                "current-context: a\ncontexts: [{name: a, context: {cluster: k}}]",
                "2:41: contexts[0].context.cluster: expected a cluster of this file, found \"k\""
            ),
            (
                "current-context: a\ncontexts: [{name: a, context: {cluster: k, user: u}}]\n"
                    + "clusters: [{name: k}]",
                "2:50: contexts[0].context.user: expected a user of this file, found \"u\""
            ),
            (
                "contexts: [{name: a}, {name: b}, {name: a}]",
                "1:34: contexts[2]: expected each name once"
            ),
            ("clusters: [{name: a}, {name: a}]", "1:23: clusters[1]: expected each name once"),
            ("users: [{name: a}, {name: a}]", "1:20: users[1]: expected each name once"),
            ("users: [s3cr3t]", "1:9: users[0]: expected an object"),
            ("users: s3cr3t", "1:8: users: expected a list of users"),
            ("kind: Secret", "1:7: kind: expected Config"),
            ("apiVersion: v2", "1:13: apiVersion: expected v1"),
        ])
    func contexts(_ text: String, _ fault: String) { expect(text, "f:\(fault)") }

    @Test("A context that was named and is none, of many: ten are listed")
    func manyContexts() {
        let names = (0..<13).map { "{name: c\($0)}" }.joined(separator: ", ")
        #expect(
            Samples.fault("contexts: [\(names)]", context: "x")
                == "f:1:1: contexts: expected a context of this file, one of "
                + (0..<10).map { "\"c\($0)\"" }.joined(separator: ", ")
                + " and 3 more, found \"x\"")
    }

    @Test(
        "What is no kubeconfig at all",
        arguments: [
            ("", "1:1: expected an object, found nothing"),
            ("s3cr3t", "1:1: expected a kubeconfig"),
            ("[]", "1:1: expected a kubeconfig, found a list"),
            ("null", "1:1: expected a kubeconfig, found null"),
            ("{\"users\": [s3cr3t]}", "1:12: expected a value"),
            ("{\"users\": [], \"users\": []}", "1:24: users: expected this field once"),
            (
                #"{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"k"}}],"clusters":[{"name":"k"}]} s3cr3t"#,
                "1:103: expected the end of the document"
            ),
            ("users: *s3cr3t", "1:8: expected an anchor before its alias"),
            ("users: !s3cr3t a", "1:8: expected no tag but !!str"),
            (
                Samples.kubeconfig() + "---\na: s3cr3t\n", "8:1: expected one document"
            ),
        ])
    func noKubeconfig(_ text: String, _ fault: String) { expect(text, "f:\(fault)") }

    @Test("Aliases make little of much text, and not much of little")
    func aliases() {
        let long = String(repeating: "a", count: 60_000)
        let groups = Array(repeating: "*a", count: 80).joined(separator: ", ")
        let text = Samples.kubeconfig(user: "as: &a \(long), as-groups: [\(groups)]")
        #expect(Samples.fault(text)?.hasSuffix("expected at most 4 MiB of text") == true)
    }

    private func expect(
        _ text: String, _ fault: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = Samples.fault(text)
        #expect(found == fault, sourceLocation: sourceLocation)
        #expect(found?.contains(Samples.secret) != true, sourceLocation: sourceLocation)
    }
}
