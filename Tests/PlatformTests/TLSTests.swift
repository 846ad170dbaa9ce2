// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TLS
import TestSupport
import Testing

/// The server's side of TLS, asked by curl and by openssl.
@Suite("TLS")
struct TLSTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        for name in ["one", "two", "authority", "stranger"] {
            try Certificates.make(name, in: folder)
        }
        try Certificates.make("client", in: folder, signedBy: "authority")
        try Certificates.make("foreigner", in: folder, signedBy: "stranger")
    }

    private func configuration(
        _ name: String = "one", key: String? = nil,
        clients: TLSConfiguration.ClientCertificates = .unasked
    ) -> TLSConfiguration {
        TLSConfiguration(
            certificateFile: folder.path("\(name).pem"),
            keyFile: folder.path("\(key ?? name).key"),
            authoritiesFile: folder.path("authority.pem"), clientCertificates: clients,
            inside: .http)
    }

    private func curl(
        _ server: TestApplication, trusting: String = "one", as client: String? = nil,
        _ more: [String] = []
    ) throws -> Programs.Ended {
        var arguments = [
            "-sS", "--max-time", "20", "--cacert", folder.path("\(trusting).pem"),
        ]
        if let client {
            arguments += ["--cert", folder.path("\(client).pem")]
            arguments += ["--key", folder.path("\(client).key")]
        }
        let program = try #require(Programs.installed("curl"))
        return try Programs.run(
            program, arguments + more + ["https://127.0.0.1:\(server.port)/now"])
    }

    @Test("A client that trusts the certificate is answered, one that does not is told")
    func trust() throws {
        let server = try TestApplication(tls: try TLSContext(configuration()))
        #expect(try curl(server).output == "hello world\n")
        #expect(try curl(server, trusting: "two").status == 60)
    }

    @Test(
        "TLS is 1.2 or 1.3",
        arguments: [("1.1", false), ("1.2", true), ("1.3", true)])
    func versions(_ version: String, _ isTaken: Bool) throws {
        let server = try TestApplication(tls: try TLSContext(configuration()))
        let ended = try curl(
            server, ["--tls-max", version, "--ciphers", "DEFAULT:@SECLEVEL=0"])
        #expect((ended.status == 0) == isTaken, "\(ended.error)")
    }

    @Test("A reply of many records and buffers arrives whole")
    func big() throws {
        let server = try TestApplication(tls: try TLSContext(configuration()))
        let program = try #require(Programs.installed("curl"))
        let ended = try Programs.run(
            program,
            [
                "-sS", "--cacert", folder.path("one.pem"), "--limit-rate", "4M",
                "https://127.0.0.1:\(server.port)/big",
            ])
        #expect(ended.output.utf8.count == 1 << 20, "\(ended.error)")
    }

    @Test("What is no TLS gets an alert or the end, and others are served")
    func noise() throws {
        let server = try TestApplication(tls: try TLSContext(configuration()))
        let socket = try Socket(.tcp, port: server.port)
        try socket.send(Array("GET /now HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        // A TLS alert begins with 21.
        #expect([21, nil].contains(socket.receiveAll().first))
        let silent = try Socket(.tcp, port: server.port)
        #expect(try curl(server).output == "hello world\n")
        _ = silent
    }

    @Test(
        "ALPN names what is spoken; who offers only something else is turned away",
        arguments: [("http/1.1", 0), ("h2,http/1.1", 0), ("dot", 1)])
    func protocols(_ offered: String, _ status: Int32) throws {
        let server = try TestApplication(tls: try TLSContext(configuration()))
        let program = try #require(Programs.installed("openssl"))
        let ended = try Programs.run(
            program,
            [
                "s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", offered, "-brief",
            ])
        #expect(ended.status == status, "\(ended.error)")
    }

    @Test(
        "Client certificates are asked for, required and verified as configured",
        arguments: [
            (TLSConfiguration.ClientCertificates.unasked, true, true, true),
            (.request, true, true, true),
            (.require, false, true, true),
            (.verifyIfGiven, true, true, false),
            (.requireAndVerify, false, true, false),
        ])
    func clients(
        _ clients: TLSConfiguration.ClientCertificates, _ none: Bool, _ known: Bool,
        _ foreign: Bool
    ) throws {
        let server = try TestApplication(tls: try TLSContext(configuration(clients: clients)))
        #expect((try curl(server).status == 0) == none)
        #expect((try curl(server, as: "client").status == 0) == known)
        #expect((try curl(server, as: "foreigner").status == 0) == foreign)
    }

    @Test("A renewed certificate is served to the next connection; what is under way ends well")
    func renewal() throws {
        let server = try TestApplication(tls: try TLSContext(configuration()))
        let program = try #require(Programs.installed("curl"))
        let held = try RunningProgram(
            program,
            [
                "-sS", "--cacert", folder.path("one.pem"),
                "https://127.0.0.1:\(server.port)/watch",
            ])
        #expect(eventually { server.held == 1 })
        server.renew(try TLSContext(configuration("two")))
        #expect(try curl(server, trusting: "two").output == "hello world\n")
        #expect(try curl(server, trusting: "one").status == 60)
        server.publish("news\n")
        #expect(held.output.waits(for: "news\n"), "\(held.output.soFar)")
    }

    @Test("Files that do not fit each other or are none are named")
    func faults() throws {
        #expect(throws: TLSError.self) { try TLSContext(configuration("one", key: "two")) }
        try folder.write("empty.pem", "")
        do {
            _ = try TLSContext(configuration("empty", key: "one"))
            Issue.record("an empty certificate was taken")
        } catch {
            #expect(error.description.contains("empty.pem: no certificate"), "\(error)")
        }
        #expect(throws: TLSError.self) { try TLSContext(configuration("absent")) }
    }
}
