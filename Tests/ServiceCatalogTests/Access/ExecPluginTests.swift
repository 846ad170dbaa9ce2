// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Glibc
import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("Access to an API server: plugins")
struct ExecPluginTests {
    /// A folder with a kubeconfig and the plugin that it names: the script writes down that it ran,
    /// and prints the file `answer`.
    private func folder(
        plugin: String = "command: ./plugin", cluster: String = "server: https://a",
        user: String = "", script: String = "", answer: String = "", version: String = "v1"
    ) throws -> Folder {
        let folder = try Folder(["answer": answer])
        let kubeconfig = Samples.kubeconfig(
            cluster: cluster,
            user: "exec: {apiVersion: client.authentication.k8s.io/\(version), \(plugin)}\(user)")
        try folder.write("config", kubeconfig)
        try folder.write(
            "plugin",
            """
            #!/bin/sh
            cd '\(folder.url.path())'
            echo >> runs
            \(script)
            cat answer

            """)
        try #require(unsafe chmod(folder.path("plugin"), 0o755) == 0)
        return folder
    }

    private func origin(_ folder: Folder) -> AccessOrigin {
        .kubeconfig(path: folder.path("config"), context: nil)
    }

    private func runs(_ folder: Folder) -> Int {
        FileManager.default.contents(atPath: folder.path("runs"))?.count ?? 0
    }

    private func answer(_ status: String, version: String = "v1") -> String {
        """
        {"apiVersion": "client.authentication.k8s.io/\(version)", "kind": "ExecCredential",
        "status": {\(status)}}
        """
    }

    @Test("A plugin's token, with whom we act as", arguments: ["v1", "v1beta1"])
    func token(_ version: String) async throws {
        let folder = try folder(
            user: ", as: b", answer: answer("\"token\": \"s3cr3t\\n\"", version: version),
            version: version)
        let reading = try Reading(origin(folder))
        let access = try await reading.access()
        #expect(
            access.headers == [
                APIHeader(name: "Authorization", value: "Bearer s3cr3t"),
                APIHeader(name: "Impersonate-User", value: "b"),
            ])
        #expect(access.certificate == nil)
        try AccessReader.check(origin(folder))
        #expect(runs(folder) == 1)
    }

    @Test("A plugin's certificate and key, and no expiration")
    func certificate() async throws {
        func text(_ text: String) -> String { text.replacingOccurrences(of: "\n", with: "\\n") }
        let folder = try folder(
            answer: answer(
                "\"clientCertificateData\": \"\(text(Samples.certificate))\", "
                    + "\"clientKeyData\": \"\(text(Samples.key))\", \"expirationTimestamp\": null"))
        let access = try await Reading(origin(folder)).access()
        #expect(access.certificate == Array(Samples.certificate.utf8))
        #expect(access.key == Array(Samples.key.utf8))
        #expect(access.headers.isEmpty)
    }

    @Test("A plugin gets its arguments, our environment and its own, and what it may know of us")
    func environment() async throws {
        let cluster = """
            server: https://a/b, tls-server-name: c, proxy-url: http://d, \
            certificate-authority-data: \(Samples.base64(Samples.certificate))
            """
        for wants in [false, true] {
            let folder = try folder(
                plugin: """
                    command: ./plugin, args: [one, 'two three', '$HOME'], \
                    env: [{name: A, value: mine}], provideClusterInfo: \(wants)
                    """, cluster: cluster,
                script: "echo \"$#|$1|$2|$3|$A|$B|$KUBERNETES_EXEC_INFO\" > seen",
                answer: answer("\"token\": \"t\""))
            _ = try await Reading(origin(folder), environment: ["A": "ours", "B": "ours"]).access()
            let seen = try String(contentsOfFile: folder.path("seen"), encoding: .utf8)
            let known =
                wants
                ? #""cluster":{"server":"https://a/b","tls-server-name":"c","#
                    + #""certificate-authority-data":"\#(Samples.base64(Samples.certificate))","#
                    + #""proxy-url":"http://d"},"# : ""
            #expect(
                seen == "3|one|two three|$HOME|mine|ours|"
                    + #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","#
                    + #""spec":{\#(known)"interactive":false}}"# + "\n")
        }
    }

    @Test("A plugin without a slash is looked for in PATH, one with a slash beside the kubeconfig")
    func path() async throws {
        let folder = try folder(plugin: "command: plugin", answer: answer("\"token\": \"t\""))
        let lost = try Reading(origin(folder))
        #expect(
            await lost.error()
                == "\(folder.path("config")):6:32: users[0].user.exec: "
                + "plugin: not found, or not executable")
        let path = "\(folder.url.path()):/usr/bin:/bin"
        let found = try Reading(origin(folder), environment: ["PATH": path])
        #expect(try await found.access().headers.map(\.value) == ["Bearer t"])
    }

    @Test("A credential is kept until it expires or is refused")
    func expiration() async throws {
        let folder = try folder(
            answer: answer("\"token\": \"one\", \"expirationTimestamp\": \"2999-01-01T00:00:00Z\""))
        let reading = try Reading(origin(folder))
        let first = try await reading.access()
        #expect(try await reading.access() == first)
        #expect(runs(folder) == 1)

        // The next one has expired already: it is used, and asked for again.
        try folder.write(
            "answer",
            answer("\"token\": \"two\", \"expirationTimestamp\": \"2020-01-01T00:00:00+02:00\""))
        await reading.refuse(first)
        #expect(try await reading.access().headers.map(\.value) == ["Bearer two"])
        #expect(runs(folder) == 2)
        #expect(try await reading.access().headers.map(\.value) == ["Bearer two"])
        #expect(runs(folder) == 3)

        try folder.write("answer", answer("\"token\": \"three\""))
        let third = try await reading.access()
        // Who was late to hear of the second has no say in the third.
        await reading.refuse(first)
        #expect(try await reading.access() == third)
        #expect(runs(folder) == 4)
        await reading.refuse()
        #expect(try await reading.access() == third)
        #expect(runs(folder) == 5)
    }

    @Test(
        "Another plugin, or another cluster where the plugin knows it, has no say in a credential")
    func change() async throws {
        let plugin = "command: ./plugin, provideClusterInfo: true"
        let folder = try folder(plugin: plugin, answer: answer("\"token\": \"one\""))
        let reading = try Reading(origin(folder))
        _ = try await reading.access()
        let config = try String(contentsOfFile: folder.path("config"), encoding: .utf8)
        try folder.write("config", "# A comment changes nothing.\n" + config)
        _ = try await reading.access()
        #expect(runs(folder) == 1)
        try folder.write("config", config.replacingOccurrences(of: "https://a", with: "https://b"))
        #expect(try await reading.access().server == "https://b")
        #expect(runs(folder) == 2)
        try folder.write(
            "config", config.replacingOccurrences(of: plugin, with: plugin + ", args: [a]"))
        _ = try await reading.access()
        #expect(runs(folder) == 3)
        try folder.write("config", Samples.kubeconfig(user: "token: two"))
        #expect(try await reading.access().headers.map(\.value) == ["Bearer two"])
        #expect(runs(folder) == 3)
    }

    @Test("Those who ask while the plugin runs share its answer")
    func sharing() async throws {
        let folder = try folder(script: "sleep 0.3", answer: answer("\"token\": \"one\""))
        let reading = try Reading(origin(folder))
        let all = await withTaskGroup(of: Result<APIAccess, AccessError>.self) { group in
            for _ in 0..<20 { group.addTask { await reading.result() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(
            try all.map { try $0.get().headers.map(\.value) }.allSatisfy { $0 == ["Bearer one"] })
        #expect(runs(folder) == 1)
    }

    @Test(
        "A plugin that has no answer",
        arguments: [
            ("exit 1", "", "./plugin: exit code 1"),
            (
                "echo 'log in first' >&2; echo s3cr3t; exit 2", "",
                "./plugin: exit code 2: log in first"
            ),
            ("kill -9 $$", "", "./plugin: ended by signal 9"),
            ("yes s3cr3t", "", "./plugin: more than 1 MiB of output"),
        ])
    func failures(_ script: String, _ answer: String, _ problem: String) async throws {
        let folder = try folder(script: script, answer: answer)
        let path = folder.url.path()
        #expect(
            try await Reading(origin(folder)).error()
                == "\(path)/config:6:32: users[0].user.exec: \(path)/\(problem)")
    }

    @Test("A plugin that takes too long")
    func deadline() async throws {
        let folder = try folder(script: "sleep 1000")
        let path = folder.url.path()
        #expect(
            try await Reading(origin(folder), deadlineMilliseconds: 300).error()
                == "\(path)/config:6:32: users[0].user.exec: \(path)/./plugin: not done within 300 ms"
        )
    }

    @Test("A plugin that is not there: what to do about it")
    func installHint() async throws {
        let folder = try folder(
            plugin: "command: no-such-plugin, installHint: \"\\nGet it.\\nThen more.\"")
        #expect(
            try await Reading(origin(folder)).error()
                == "\(folder.path("config")):6:32: users[0].user.exec: "
                + "no-such-plugin: not found, or not executable; Get it.")
    }

    @Test(
        "A plugin whose answer is none",
        arguments: [
            ("", "line 1, column 1: expected an object, found nothing"),
            ("s3cr3t", "line 1, column 1: expected an ExecCredential"),
            ("[\"s3cr3t\"]", "line 1, column 1: expected an ExecCredential, found a list"),
            ("{\"token\": s3cr3t}", "line 1, column 11: expected a value"),
            ("{}", "line 1, column 1: expected apiVersion client.authentication.k8s.io/v1"),
            (
                "{\"apiVersion\": \"client.authentication.k8s.io/v1\"}",
                "line 1, column 1: expected kind ExecCredential"
            ),
            (
                "{\"apiVersion\": \"client.authentication.k8s.io/v1beta1\"}",
                "line 1, column 16: apiVersion: expected client.authentication.k8s.io/v1"
            ),
            ("{\"kind\": \"s3cr3t\"}", "line 1, column 10: kind: expected ExecCredential"),
            (
                "{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\"}",
                "line 1, column 1: expected a status"
            ),
        ])
    func answers(_ answer: String, _ problem: String) async throws {
        try await expect(answer, problem)
    }

    @Test(
        "A plugin whose status is none",
        arguments: [
            ("", "11: status: expected a token, or a certificate and its key"),
            ("\"token\": \"\"", "11: status: expected a token, or a certificate and its key"),
            (
                "\"token\": \"s3cr3t s3cr3t\"",
                "21: status.token: expected a token of visible ASCII characters, at most 64 KiB"
            ),
            ("\"token\": [\"s3cr3t\"]", "21: status.token: expected a token, found a list"),
            (
                "\"token\": \"s3cr3t\", \"expirationTimestamp\": \"tomorrow\"",
                "54: status.expirationTimestamp: expected a time of RFC 3339"
            ),
            (
                "\"clientCertificateData\": \"s3cr3t\"",
                "37: status.clientCertificateData: expected certificates in PEM"
            ),
            (
                "\"clientCertificateData\": \"-----BEGIN CERTIFICATE-----\"",
                "11: status: expected a certificate and its key, found one of them"
            ),
            (
                "\"token\": \"s3cr3t\", \"clientKeyData\": \"-----BEGIN PRIVATE KEY-----\"",
                "11: status: expected a certificate and its key, found one of them"
            ),
        ])
    func statuses(_ status: String, _ problem: String) async throws {
        try await expect(answer(status), "line 2, column \(problem)")
    }

    private func expect(_ answer: String, _ problem: String) async throws {
        let folder = try folder(answer: answer)
        #expect(
            try await Reading(origin(folder)).error()
                == "\(folder.path("config")):6:32: users[0].user.exec: ./plugin: its answer, "
                + problem)
    }
}
