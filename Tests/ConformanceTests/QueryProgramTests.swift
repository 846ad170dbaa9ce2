// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import JSON
import TestSupport
import Testing

/// `fabdns-query` beside the built server: formats, exit codes, messages.
@Suite("The program fabdns-query")
struct QueryProgramTests {
    static func run(
        _ line: String, environment: [String: String] = [:]
    ) throws -> Programs.Ended {
        let variables = environment.map { "\($0)='\($1)'" }.joined(separator: " ")
        let program = Programs.built("fabdns-query").path()
        return try Programs.run(
            URL(filePath: "/bin/bash"), ["-o", "pipefail", "-c", "\(variables) \(program) \(line)"])
    }

    struct Line: Sendable, CustomStringConvertible {
        let arguments: String
        let status: Int32
        let output: String
        let error: String

        init(_ arguments: String, _ status: Int32, _ output: String, error: String = "") {
            self.arguments = arguments
            self.status = status
            self.output = output
            self.error = error
        }

        var description: String { arguments }
    }

    @Test("A server is asked, and what it says is printed")
    func asking() throws {
        let server = try RunningServer()
        let at = "@127.0.0.1 -p \(server.port)"
        for line in [
            Line(
                "nginx.default.svc.global \(at)", 0,
                "nginx.default.svc.global.  5  A  10.101.0.10\n"),
            Line("\(at) A nginx.default.svc.global -o short", 0, "10.101.0.10\n"),
            Line("nginx.default.svc.global \(at) --tcp -o short", 0, "10.101.0.10\n"),
            Line(
                "mail.office.svc.global srv \(at) -o short", 0,
                "0 100 25 mail.office.svc.global.\n"),
            Line(
                "nothing.default.svc.global \(at)", 1, "",
                error: "fabdns-query: nothing.default.svc.global. does not exist (NXDOMAIN)\n"),
            Line(
                "mail.office.svc.global AAAA \(at)", 1, "",
                error: "fabdns-query: mail.office.svc.global. has no AAAA (NODATA)\n"),
            Line(
                "example.org \(at)", 3, "", error: "fabdns-query: 127.0.0.1 says REFUSED"),
            Line("-x 10.0.0.1 \(at)", 3, "", error: "says REFUSED"),
        ] {
            let ended = try Self.run(line.arguments)
            #expect(ended.status == line.status, "\(line): \(ended.error)")
            if line.arguments.contains("srv") {
                #expect(ended.output.contains(line.output), "\(line)")
            } else {
                #expect(ended.output == line.output, "\(line)")
            }
            #expect(line.error.isEmpty ? ended.error == "" : ended.error.contains(line.error))
        }
    }

    @Test("As dig prints it, and as an object")
    func formats() throws {
        let server = try RunningServer()
        let at = "@127.0.0.1 -p \(server.port)"
        let dig = try Self.run("db.default.svc.global \(at) -o dig")
        for part in [
            ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: ",
            ";; flags: qr aa rd; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1\n",
            "; EDNS: version: 0, flags:; udp: 1232\n", ";db.default.svc.global.\t\tIN\tA\n",
            "db.default.svc.global.\t5\tIN\tA\t10.1.0.20\n",
            ";; SERVER: 127.0.0.1#\(server.port) (UDP)\n",
        ] { #expect(dig.output.contains(part), "\(dig.output)") }

        let object = try Self.run("nginx.default.svc.global \(at) -o json --color always")
        let expected =
            #"{"question":{"name":"nginx.default.svc.global.","type":"A","class":"IN"},"#
            + #""server":{"address":"127.0.0.1","port":\#(server.port),"transport":"udp"},"#
            + #""status":"NOERROR","flags":["qr","aa","rd"],"answer":[{"name":"#
            + #""nginx.default.svc.global.","ttl":5,"class":"IN","type":"A","data":"10.101.0.10"}],"#
            + #""authority":[],"additional":[],"udpSize":1232,"nsid":null,"extendedErrors":[],"#
        #expect(object.output.hasPrefix(expected), "\(object.output)")
        let missing = try Self.run("nothing.default.svc.global \(at) -o json")
        #expect(missing.status == 1)
        #expect(missing.output.contains(#""status":"NXDOMAIN""#))
        #expect(missing.error == "")
    }

    @Test("A truncated reply is asked for again over TCP, unless there is room")
    func truncation() throws {
        let endpoints = (0..<100).map { "  - {addresses: [10.0.1.\($0)], cluster: a}\n" }.joined()
        let catalog =
            "apiVersion: dns.fabedge.io/v1alpha1\nkind: GlobalService\nmetadata: {name: big, namespace: x}\nspec:\n  type: Headless\n"
            + "  endpoints:\n" + endpoints
        let server = try RunningServer(
            corefile: "global {\n bind 127.0.0.1\n fabdns {\n catalog {folder}/c.yaml\n }\n}\n",
            files: ["c.yaml": catalog])
        for (option, transport) in [("", "tcp"), ("--bufsize 0", "tcp"), ("--tcp", "tcp")] {
            let ended = try Self.run(
                "big.x.svc.global @127.0.0.1 -p \(server.port) \(option) -o json")
            #expect(ended.status == 0)
            #expect(ended.output.contains(#""transport":"\#(transport)""#), "\(option)")
            #expect(ended.output.components(separatedBy: #""data":"10.0.1."#).count == 101)
        }
    }

    @Test(
        "What is not understood ends with 2 and the nearest word",
        arguments: [
            Line("", 2, "NAME is missing\nfabdns-query -help says what there is.\n"),
            Line("--tpc a", 2, "unknown option '--tpc', did you mean '--tcp'?"),
            Line("a -o jsn", 2, "-o: 'jsn' is not table, json, short or dig, did you mean 'json'?"),
            Line("a -p 0", 2, "'0' is not a port: expected 1 to 65535"),
            Line("a -p 65536", 2, "'65536' is not a port"),
            Line("a --bufsize 511", 2, "'511' is not a size: expected 0, or 512 to 65535"),
            Line("a --timeout 0", 2, "'0' is not a time"),
            Line("a --tries 0", 2, "'0' is not a number of tries"),
            Line("a --color maybe", 2, "'maybe' is not auto, always or never"),
            Line("-x nowhere", 2, "'nowhere' is not an address"),
            Line("a..b", 2, "'a..b' is not a domain name"),
            Line("compltion bash", 2, "did you mean the command 'completion'?"),
        ])
    func usage(_ line: Line) throws {
        let ended = try Self.run(line.arguments)
        #expect(ended.status == line.status)
        #expect(ended.output == "")
        #expect(ended.error.hasPrefix("fabdns-query: "))
        #expect(ended.error.contains(line.output), "\(ended.error)")
    }

    @Test("Without a reply the exit code is 9, and each server is named")
    func noReply() throws {
        let port = try Programs.freePort()
        for (option, part) in [("", "127.0.0.1 port \(port): "), ("--tcp", "Connection refused")] {
            let ended = try Self.run("a @127.0.0.1 -p \(port) --timeout 0.2 --tries 1 \(option)")
            #expect(ended.status == 9)
            #expect(ended.error.contains(part), "\(ended.error)")
        }
        let object = try Self.run("a @127.0.0.1 -p \(port) -o json")
        #expect(object.status == 9)
        #expect(object.output.hasPrefix(#"{"error":{"code":9,"message":"127.0.0.1 port"#))
    }

    @Test("Help and version go to standard output")
    func help() throws {
        let help = try Self.run("--help")
        #expect(help.status == 0)
        #expect(help.output.hasPrefix("usage: fabdns-query NAME [TYPE] [CLASS] [@SERVER]\n"))
        #expect(try Self.run("--version").output.hasPrefix("fabdns-query 0."))
    }

    @Test(
        "TLS is asked of a server that is who it should be",
        .enabled(if: Programs.coreDNS != nil, "COREDNS names no CoreDNS"))
    func tls() throws {
        let folder = try Folder()
        try Certificates.make("authority", in: folder)
        try Certificates.make("server", in: folder, signedBy: "authority")
        let plain = try RunningServer()
        let port = try Programs.freePort()
        try folder.write(
            "Corefile",
            """
            tls://global:\(port) {
                bind 127.0.0.1
                tls \(folder.path("server.pem")) \(folder.path("server.key"))
                forward . 127.0.0.1:\(plain.port)
            }
            """)
        let coreDNS = try RunningProgram(
            try #require(Programs.coreDNS), ["-conf", folder.path("Corefile")])
        #expect(coreDNS.output.waits(for: "CoreDNS-"), "\(coreDNS.output.soFar)")
        let at = "nginx.default.svc.global @127.0.0.1 -p \(port) -o short"
        let authority = "--tls-ca \(folder.path("authority.pem"))"
        for line in [
            Line("\(at) \(authority)", 0, "10.101.0.10\n"),
            Line("\(at) \(authority) --tls-hostname localhost", 0, "10.101.0.10\n"),
            Line("\(at) --tls-insecure", 0, "10.101.0.10\n"),
            Line("\(at) --tls --tries 1", 9, "", error: "no TLS: unable to get local issuer"),
            Line("\(at) \(authority) --tls-hostname other --tries 1", 9, "", error: "mismatch"),
            Line("\(at) --tls-ca /missing --tries 1", 9, "", error: "/missing: no authorities"),
        ] {
            let ended = try Self.run(line.arguments)
            #expect(ended.status == line.status, "\(line): \(ended.error)")
            #expect(ended.output == line.output, "\(line)")
            #expect(line.error.isEmpty || ended.error.contains(line.error), "\(ended.error)")
        }
    }
}
