// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// `fabdns-query` beside servers that do not do as they should.
@Suite("Odd servers", .enabled(if: Programs.installed("python3") != nil, "no python3"))
struct OddServerTests {
    struct Oddity: Sendable, CustomStringConvertible {
        let description: String
        /// In Python: the datagrams that a query `q` is answered with.
        let udp: String
        /// In Python: what is written on a stream before it is closed.
        var tcp = "b''"
        /// Whether the stream stays open.
        var lingers = false
        let status: Int32
        let said: String

        var script: String {
            """
            import socket, threading, time
            def reply(q, flags=0x8400):
                return q[:2] + flags.to_bytes(2, 'big') + q[4:6] + bytes(6) + q[12:-11]
            stream = socket.socket()
            stream.bind(('127.0.0.1', 0))
            stream.listen()
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            datagrams.bind(stream.getsockname())
            print('PORT', stream.getsockname()[1], '.', flush=True)
            def accept():
                while True:
                    connection, _ = stream.accept()
                    q = connection.recv(70000)[2:]
                    connection.sendall(\(tcp))
                    time.sleep(\(lingers ? 5 : 0))
                    connection.close()
            threading.Thread(target=accept, daemon=True).start()
            while True:
                q, asker = datagrams.recvfrom(70000)
                for message in \(udp): datagrams.sendto(message, asker)
            """
        }
    }

    private static let truncated = "[reply(q, 0x8600)]"

    @Test(
        "What is odd is said, within the time",
        arguments: [
            Oddity(description: "silence", udp: "[]", status: 9, said: "no reply in time"),
            Oddity(
                description: "another id", udp: "[bytes([q[0] ^ 1]) + reply(q)[1:]]", status: 9,
                said: "no reply in time"),
            Oddity(
                description: "other messages first",
                udp: "[bytes([q[0] ^ 1]) + reply(q)[1:], b'', b'x', q, reply(q)]", status: 1,
                said: "NODATA"),
            Oddity(
                description: "another question",
                udp: "[reply(q).replace(b'example', b'elpmaxe')]", status: 9,
                said: "replied to another question"),
            Oddity(
                description: "a header alone", udp: "[q[:2] + bytes([132]) + bytes(9)]", status: 1,
                said: "NODATA"),
            Oddity(
                description: "a name that points to itself",
                udp: "[q[:2] + bytes([132, 0, 0, 1]) + bytes(6) + bytes([192, 12, 0, 1, 0, 1])]",
                status: 9, said: "a reply that ldns cannot read"),
            Oddity(
                description: "TC, then nothing", udp: truncated, status: 9,
                said: "the server closed the connection"),
            Oddity(
                description: "TC, then a part", udp: truncated, tcp: "bytes([9, 9]) + reply(q)",
                status: 9, said: "the server closed the connection"),
            Oddity(
                description: "TC, then a wait", udp: truncated, tcp: "bytes([0])", lingers: true,
                status: 9, said: "no reply in time"),
            Oddity(
                description: "TC, then a reply", udp: truncated,
                tcp: "len(reply(q)).to_bytes(2, 'big') + reply(q)", status: 1, said: "NODATA"),
        ])
    func oddities(_ oddity: Oddity) throws {
        let server = try RunningProgram(
            try Programs.required("python3"), ["-c", oddity.script])
        #expect(server.output.waits(for: " .\n"), "\(server.output.soFar)")
        let port = server.output.soFar.split(separator: " ")[1]
        let start = ContinuousClock.now
        let ended = try QueryProgramTests.run(
            "www.example.org @127.0.0.1 -p \(port) --timeout 1 --tries 1")
        #expect(ended.status == oddity.status)
        #expect(ended.error.contains(oddity.said), "\(ended.error)")
        #expect(ContinuousClock.now - start < .seconds(4 * TestRun.patience))
    }

    /// Answers over TLS what nobody asks twice: NODATA, and on its own output ALPN and SNI.
    private static func tlsScript(_ folder: Folder) -> String {
        """
        import socket, ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain('\(folder.path("one.pem"))', '\(folder.path("one.key"))')
        context.set_alpn_protocols(['dot'])
        context.sni_callback = lambda _, name, __: print('SNI', name, flush=True)
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen()
        print('PORT', listener.getsockname()[1], '.', flush=True)
        while True:
            connection, _ = listener.accept()
            try:
                stream = context.wrap_socket(connection, server_side=True)
                print('ALPN', stream.selected_alpn_protocol(), flush=True)
                q = stream.recv(70000)[2:]
                reply = q[:2] + bytes([132, 0]) + q[4:6] + bytes(6) + q[12:-11]
                stream.sendall(len(reply).to_bytes(2, 'big') + reply)
                stream.close()
            except OSError as error:
                print(error, flush=True)
                connection.close()
        """
    }

    @Test(
        "Over TLS the server's name is checked and sent, and dot is asked for",
        arguments: [
            ("--tls-ca one.pem", 1, "NODATA", "SNI None\nALPN dot\n"),
            ("--tls-ca one.pem --tls-hostname localhost", 1, "NODATA", "SNI localhost\nALPN dot\n"),
            ("--tls-ca one.pem --tls-hostname other", 9, "hostname mismatch", "SNI other\n"),
            ("--tls-ca two.pem", 9, "no TLS: self-signed certificate", "SNI None\n"),
            ("--tls", 9, "no TLS: self-signed certificate", "SNI None\n"),
            ("--tls-insecure", 1, "NODATA", "SNI None\nALPN dot\n"),
        ])
    func tls(_ options: String, _ status: Int32, _ said: String, _ heard: String) throws {
        let folder = try Folder()
        for name in ["one", "two"] { try Certificates.make(name, in: folder) }
        let server = try RunningProgram(
            try Programs.required("python3"), ["-c", Self.tlsScript(folder)])
        #expect(server.output.waits(for: " .\n"), "\(server.output.soFar)")
        let port = server.output.soFar.split(separator: " ")[1]
        let paths = options.replacing("ca ", with: "ca \(folder.url.path())/")
        let ended = try QueryProgramTests.run(
            "www.example.org @127.0.0.1 -p \(port) --tries 1 \(paths)")
        #expect(ended.status == status, "\(ended.error)")
        #expect(ended.error.contains(said), "\(ended.error)")
        #expect(server.output.waits(for: heard), "\(server.output.soFar)")
    }
}
