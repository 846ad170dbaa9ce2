// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import EventLoop
import Foundation
import HTTPClient
import TLS
import TestSupport
import Testing

/// Whom the client trusts, and as whom it comes.
@Suite("HTTP client over TLS")
struct HTTPClientTLSTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        for name in ["one", "two", "authority"] { try Certificates.make(name, in: folder) }
        try Certificates.make("client", in: folder, signedBy: "authority")
    }

    private func octets(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
    }

    private func server(
        _ clients: TLSConfiguration.ClientCertificates = .unasked
    ) throws -> TestApplication {
        let configuration = TLSConfiguration(
            certificateFile: folder.path("one.pem"), keyFile: folder.path("one.key"),
            authoritiesFile: folder.path("authority.pem"), clientCertificates: clients,
            inside: .http)
        return try TestApplication(tls: try TLSContext(configuration))
    }

    private func target(_ server: TestApplication, host: String = "127.0.0.1") throws -> HTTPTarget
    {
        HTTPTarget(origin: "https://\(host):\(server.port)/", authorities: try octets("one.pem"))
    }

    private static func ask(_ target: HTTPTarget) throws -> ClientExchange {
        try TestClient().ask(HTTPClientRequest(path: "/now"), to: target)
    }

    private static func failure(_ target: HTTPTarget) throws -> HTTPFailure.Kind? {
        try ask(target).failure?.kind
    }

    @Test("A server of a known authority is answered to, another is not")
    func trust() throws {
        let server = try server()
        var target = try target(server)
        #expect(try Self.ask(target).text == "hello world\n")
        target.authorities = try octets("two.pem")
        #expect(try Self.failure(target) == .certificate)
        target.authorities = nil
        #expect(try Self.failure(target) == .certificate)
        target.skipsVerification = true
        #expect(try Self.ask(target).text == "hello world\n")
    }

    @Test("Connections are shared as long as the credentials are the same")
    func sharing() throws {
        let server = try server()
        let (client, target) = (try TestClient(), try target(server))
        let exchanges = (0..<20).map { _ in
            client.start(HTTPClientRequest(path: "/now"), to: target)
        }
        #expect(eventually { exchanges.allSatisfy { $0.text == "hello world\n" } })
        var other = target
        other.authorities = try octets("two.pem")
        let exchange = client.ask(HTTPClientRequest(path: "/now"), to: other)
        #expect(exchange.failure?.kind == .certificate)
    }

    @Test("Streams do not wait for each other, with TLS and without", arguments: [true, false])
    func streams(_ isEncrypted: Bool) throws {
        let server = try isEncrypted ? server() : TestApplication()
        var target = try target(server)
        if !isEncrypted { target.origin = "http://127.0.0.1:\(server.port)" }
        let client = try TestClient()
        let exchanges = (0..<4).map { [target] _ in
            client.start(HTTPClientRequest(path: "/events"), to: target)
        }
        #expect(eventually { exchanges.allSatisfy { $0.statuses == [200] } })
        server.publish("a\n")
        #expect(eventually { exchanges.allSatisfy { $0.text == "a\n" } })
    }

    @Test("The server is asked for its TLS name, at the origin's address")
    func serverName() throws {
        let server = try server()
        var target = try target(server)
        target.serverName = "localhost"
        #expect(try Self.ask(target).text == "hello world\n")
        target.serverName = "elsewhere"
        #expect(try Self.failure(target) == .certificate)

        target = try self.target(server, host: "nowhere.invalid")
        target.addresses = ["127.0.0.1"]
        #expect(try Self.failure(target) == .certificate)
        target.serverName = "localhost"
        #expect(try Self.ask(target).text == "hello world\n")
    }

    @Test("A name is connected to where it was looked up, the first address that works")
    func addresses() throws {
        let server = try server()
        var target = try target(server, host: "localhost")
        target.addresses = ["127.0.0.1"]
        #expect(try Self.ask(target).text == "hello world\n")
        target.addresses = ["127.0.0.9", "127.0.0.1", "fe80::1%lo", "nonsense"]
        #expect(try Self.ask(target).text == "hello world\n")
        target.addresses = ["127.0.0.9"]
        #expect(try Self.failure(target) == .cannotConnect)
    }

    @Test("A server that wants a certificate gets ours")
    func clientCertificate() throws {
        let server = try server(.requireAndVerify)
        var target = try target(server)
        #expect(try Self.failure(target) == .certificate)
        target.certificate = try octets("client.pem")
        target.key = try octets("client.key")
        #expect(try Self.ask(target).text == "hello world\n")
        target.certificate = try octets("two.pem")
        target.key = try octets("two.key")
        #expect(try Self.failure(target) == .certificate)
    }

    @Test("Certificates that are none fail as such")
    func unusable() throws {
        let server = try server()
        let good = try target(server)
        for octets in [[], Array("nonsense".utf8), [UInt8](repeating: 0x61, count: 9 << 20)] {
            var target = good
            target.authorities = octets
            #expect(try Self.failure(target) == .certificate)
            target = good
            target.certificate = octets
            target.key = octets
            #expect(try Self.failure(target) == .certificate)
            target.certificate = try self.octets("client.pem")
            #expect(try Self.failure(target) == .certificate)
        }
        var target = good
        target.certificate = try octets("client.pem")
        target.key = try octets("two.key")
        #expect(try Self.failure(target) == .certificate)
    }

    @Test("A server without TLS is not connected to")
    func noTLS() throws {
        let server = try TestApplication()
        #expect(try Self.failure(try target(server)) == .cannotConnect)
    }
}
