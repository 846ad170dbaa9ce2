// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Glibc
import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("Access to an API server: files")
struct AccessReaderTests {
    private func origin(_ folder: Folder, context: String? = nil) -> AccessOrigin {
        .kubeconfig(path: folder.path("config"), context: context)
    }

    @Test("Everything that a kubeconfig and its files say")
    func everything() async throws {
        let folder = try Folder([
            "config": Samples.kubeconfig(
                cluster: "server: https://a/, certificate-authority: ca.pem, proxy-url: http://p:1",
                user: "tokenFile: token, client-certificate: a.pem, client-key: a.key, as: b"),
            "ca.pem": Samples.certificate, "token": "t0ken\n", "a.pem": Samples.certificate + "\n",
            "a.key": Samples.key,
        ])
        let access = try await Reading(origin(folder)).access()
        #expect(
            access
                == APIAccess(
                    server: "https://a", authorities: Array(Samples.certificate.utf8),
                    certificate: Array((Samples.certificate + "\n").utf8),
                    key: Array(Samples.key.utf8), serverName: nil, skipsVerification: false,
                    proxy: "http://p:1",
                    headers: [
                        APIHeader(name: "Authorization", value: "Bearer t0ken"),
                        APIHeader(name: "Impersonate-User", value: "b"),
                    ]))
        #expect("\(access)" == "https://a")
        #expect("\(access.headers)" == "[Authorization, Impersonate-User]")
        try AccessReader.check(origin(folder))
    }

    @Test("A name and a password are basic authentication")
    func basic() async throws {
        let folder = try Folder([
            "config": Samples.kubeconfig(user: "username: Aladdin, password: open sesame")
        ])
        let access = try await Reading(origin(folder)).access()
        #expect(
            access.headers == [
                APIHeader(name: "Authorization", value: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
            ])
    }

    @Test(
        "The next reading sees a new token, certificate or kubeconfig, and equals when none is new")
    func rotation() async throws {
        let folder = try Folder([
            "config": Samples.kubeconfig(user: "tokenFile: token"), "token": "one",
        ])
        let reading = try Reading(origin(folder))
        let first = try await reading.access()
        #expect(first.headers.map(\.value) == ["Bearer one"])
        #expect(try await reading.access() == first)
        for token in ["two", "six", "three"] {
            try folder.write("token", token)
            #expect(try await reading.access().headers.map(\.value) == ["Bearer \(token)"])
        }
        // In place, of the same length, within a tick of the clock.
        for token in ["four1", "four2", "four3"] {
            try Data(token.utf8).write(to: folder.url.appending(path: "token"))
            #expect(try await reading.access().headers.map(\.value) == ["Bearer \(token)"])
        }
        try folder.write("config", Samples.kubeconfig(user: "token: five"))
        #expect(try await reading.access().headers.map(\.value) == ["Bearer five"])
        try FileManager.default.removeItem(atPath: folder.path("config"))
        #expect(await reading.error() == "\(folder.path("config")): No such file or directory")
        try folder.write("config", Samples.kubeconfig(user: "token: six"))
        #expect(try await reading.access().headers.map(\.value) == ["Bearer six"])
    }

    @Test("A settled file is read once, until it has changed or was refused")
    func settled() async throws {
        let folder = try Folder(["config": Samples.kubeconfig(), "token": "one"])
        try folder.write("config", Samples.kubeconfig(user: "tokenFile: token"))
        let times = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_000_000)]
        try FileManager.default.setAttributes(times, ofItemAtPath: folder.path("token"))
        let reading = try Reading(origin(folder))
        #expect(try await reading.access().headers.map(\.value) == ["Bearer one"])
        try folder.write("token", "two")
        try FileManager.default.setAttributes(times, ofItemAtPath: folder.path("token"))
        #expect(try await reading.access().headers.map(\.value) == ["Bearer two"])
        await reading.refuse()
        #expect(try await reading.access().headers.map(\.value) == ["Bearer two"])
    }

    @Test(
        "A file that is not as it should be",
        arguments: [
            ("tokenFile: none", "37: users[0].user.tokenFile: none: No such file or directory"),
            ("tokenFile: .", "37: users[0].user.tokenFile: .: expected a regular file"),
            ("tokenFile: pipe", "37: users[0].user.tokenFile: pipe: expected a regular file"),
            (
                "tokenFile: empty",
                "37: users[0].user.tokenFile: empty: "
                    + "expected a token of visible ASCII characters, at most 64 KiB"
            ),
            (
                "tokenFile: lines",
                "37: users[0].user.tokenFile: lines: "
                    + "expected a token of visible ASCII characters, at most 64 KiB"
            ),
            (
                "tokenFile: large",
                "37: users[0].user.tokenFile: large: expected a file of at most 1024 KiB"
            ),
            (
                "client-certificate: lines, client-key: key",
                "46: users[0].user.client-certificate: lines: expected certificates in PEM"
            ),
            (
                "client-certificate: certificate, client-key: certificate",
                "71: users[0].user.client-key: certificate: "
                    + "expected a key in PEM, without a passphrase"
            ),
        ])
    func faults(_ user: String, _ fault: String) async throws {
        let folder = try Folder([
            "config": Samples.kubeconfig(user: user), "empty": " \n",
            "lines": "s3cr3t\ns3cr3t\n", "key": Samples.key, "certificate": Samples.certificate,
            "large": String(repeating: "s3cr3t", count: 200_000),
        ])
        #expect(unsafe mkfifo(folder.path("pipe"), 0o600) == 0)
        let expected = "\(folder.path("config")):6:\(fault)"
        #expect(try await Reading(origin(folder)).error() == expected)
        var checked: AccessError?
        do throws(AccessError) { try AccessReader.check(origin(folder)) } catch { checked = error }
        #expect(checked?.description == expected)
    }

    @Test("A kubeconfig that is too large, a folder, or of another's")
    func kubeconfigFile() async throws {
        let folder = try Folder([
            "config": Samples.kubeconfig() + String(repeating: "#\n", count: 600_000)
        ])
        #expect(
            try await Reading(origin(folder)).error()
                == "\(folder.path("config")): expected a file of at most 1024 KiB")
        #expect(
            try await Reading(.kubeconfig(path: folder.url.path(), context: nil)).error()
                == "\(folder.url.path()): expected a regular file")
        #expect(
            try await Reading(.kubeconfig(path: "a\u{0}\u{1B}[31m", context: nil)).error()
                == #"a\u{0}\u{1B}[31m: expected a path"#)
    }

    @Test("A server is needed, and may come from elsewhere")
    func server() async throws {
        let folder = try Folder(["config": Samples.kubeconfig(cluster: "proxy-url: http://p")])
        let url = "expected a URL as https://10.0.0.1:6443, with no user, query or fragment"
        #expect(
            try await Reading(origin(folder)).error()
                == "\(folder.path("config")):5:31: clusters[0].cluster.server: \(url)")
        let access = try await Reading(origin(folder), masterURL: "http://[::1]:8080/").access()
        #expect(access.server == "http://[::1]:8080")
        #expect(access.headers.map(\.value) == ["Bearer s3cr3t"])
        #expect(
            try await Reading(origin(folder), masterURL: "http://a:s3cr3t@b").error()
                == "the URL of the API server: \(url)")
    }

    @Test("Text has the name of its origin in errors, and no context but the current one")
    func text() async throws {
        let origin = AccessOrigin.text(Samples.kubeconfig(), origin: "Secret fabdns/a")
        #expect(try await Reading(origin).access().headers.map(\.value) == ["Bearer s3cr3t"])
        #expect("\(origin)" == "Secret fabdns/a")
        let bad = AccessOrigin.text(
            Samples.kubeconfig(user: "tokenFile: /etc/passwd"), origin: "Secret fabdns/a")
        #expect(
            try await Reading(bad).error()
                == "Secret fabdns/a:6:37: users[0].user.tokenFile: "
                + "expected no file in a kubeconfig that is none itself")
        let large = AccessOrigin.text(String(repeating: " ", count: 1 << 21), origin: "Secret a")
        #expect(try await Reading(large).error() == "Secret a: expected at most 1 MiB")
    }

    @Test("A Pod's service account")
    func inCluster() async throws {
        #expect(AccessOrigin.inCluster(environment: [:]) == nil)
        #expect(AccessOrigin.inCluster(environment: ["KUBERNETES_SERVICE_HOST": "a"]) == nil)
        let environment = ["KUBERNETES_SERVICE_HOST": "fd77::1", "KUBERNETES_SERVICE_PORT": "443"]
        #expect(
            AccessOrigin.inCluster(environment: environment)
                == .inCluster(
                    host: "fd77::1", port: "443",
                    folder: "/var/run/secrets/kubernetes.io/serviceaccount"))
        let folder = try Folder(["token": "one\n"])
        let path = folder.url.path()
        let reading = try Reading(.inCluster(host: "fd77::1", port: "443", folder: path))
        #expect(await reading.error() == "\(path)/ca.crt: No such file or directory")
        try folder.write("ca.crt", Samples.key)
        #expect(await reading.error() == "\(path)/ca.crt: expected certificates in PEM")
        try folder.write("ca.crt", Samples.certificate)
        let access = try await reading.access()
        #expect(access.server == "https://[fd77::1]:443")
        #expect(access.authorities == Array(Samples.certificate.utf8))
        #expect(access.headers.map(\.value) == ["Bearer one"])
        try folder.write("token", "two")
        #expect(try await reading.access().headers.map(\.value) == ["Bearer two"])
        try folder.write("token", "s3cr3t s3cr3t")
        #expect(
            await reading.error()
                == "\(path)/token: expected a token of visible ASCII characters, at most 64 KiB")
        let nowhere = try Reading(.inCluster(host: "a b", port: "443", folder: path))
        #expect(
            await nowhere.error() == "KUBERNETES_SERVICE_HOST: expected an address, and a port in "
                + "KUBERNETES_SERVICE_PORT")
    }
}
