// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Foundation
import TestSupport
import Testing

/// Real peers: a CoreDNS that forwards to us, an NSD that serves our zone, and the programs that
/// people ask with.
@Suite("Real peers")
struct PeerTests {
    private static let questions = [
        "nginx.default.svc.global. IN A", "nginx.default.svc.global. IN AAAA",
        "NGINX.default.svc.Global. IN A", "db.default.svc.global. IN A",
        "pudong.nginx.default.svc.global. IN AAAA", "nginx.default.pudong.global. IN A",
        "db-0.pudong.db.default.svc.global. IN A", "_pg._tcp.db.default.svc.global. IN SRV",
        "mail.office.svc.global. IN SRV", "dns-version.global. IN TXT", "global. IN NS",
        "nothing.default.svc.global. IN A", "default.svc.global. IN A",
        "nowhere.nginx.default.svc.global. IN A", "nginx.default.svc.global. IN MX",
    ]

    @Test(
        "CoreDNS forwards its stub zone to us, over UDP and over TCP",
        .enabled(if: Programs.coreDNS != nil, "COREDNS names no CoreDNS"),
        arguments: ["", "force_tcp"])
    func coreDNS(_ option: String) throws {
        let coreDNS = try #require(Programs.coreDNS)
        let server = try RunningServer()
        let port = try Programs.freePort()
        let folder = try Folder([
            "Corefile": """
            global:\(port) {
                bind 127.0.0.1
                forward . 127.0.0.1:\(server.port) {
                    \(option)
                }
                errors
            }
            """
        ])
        let forwarder = try RunningProgram(coreDNS, ["-conf", folder.path("Corefile")])
        #expect(forwarder.output.waits(for: "CoreDNS-"), "\(forwarder.output.soFar)")
        for overTCP in [false, true] {
            let asker = Asker(port: port, overTCP: overTCP)
            for question in Self.questions {
                let forwarded = try asker.ask(question)
                let direct = try server.ask(question)
                #expect(forwarded.summary == direct.summary, "\(question)")
                #expect(forwarded.header.responseCode == direct.header.responseCode)
                #expect(forwarded.authority.map(\.type) == direct.authority.map(\.type))
                #expect(forwarded.questions == direct.questions)
            }
        }
        #expect(!forwarder.output.soFar.contains("[ERROR]"), "\(forwarder.output.soFar)")
    }

    @Test(
        "The example for NodeLocal DNSCache runs in CoreDNS and keeps asking over TCP",
        .enabled(if: Programs.coreDNS != nil, "COREDNS names no CoreDNS"))
    func nodeLocal() throws {
        let coreDNS = try #require(Programs.coreDNS)
        let server = try RunningServer()
        let port = try Programs.freePort()
        let example = Programs.repository.appending(
            path: "corefile-examples/nodelocal/NodeLocal.Corefile")
        let text = try String(contentsOf: example, encoding: .utf8)
            .replacing("global:53", with: "global:\(port)")
            .replacing("169.254.20.10", with: "127.0.0.1")
            .replacing("10.96.0.53", with: "127.0.0.1:\(server.port)")
            .replacing(":9253", with: "127.0.0.1:\(try Programs.freePort())")
        let folder = try Folder(["Corefile": text])
        let cache = try RunningProgram(coreDNS, ["-conf", folder.path("Corefile")])
        #expect(cache.output.waits(for: "CoreDNS-"), "\(cache.output.soFar)")
        for question in Self.questions {
            let cached = try Asker(port: port).ask(question)
            #expect(cached.summary == (try server.answers(to: question)), "\(question)")
        }
    }

    // MARK: Zone files

    private static func zoneFile() throws -> String {
        let ended = try Programs.run(
            Programs.fabdns, ["zone", "corefile-examples/file/Corefile", "global"])
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended.error)")
        return ended.output
    }

    @Test(
        "Other programs read the zone file that we write",
        arguments: [
            ["nsd-checkzone", "global"], ["ldns-read-zone"], ["kzonecheck", "-o", "global"],
        ])
    func zoneFileIsRead(_ command: [String]) throws {
        // kzonecheck is of the package knot, which tests do not need otherwise.
        guard let program = Programs.installed(command[0]) else { return }
        let folder = try Folder(["zone": try Self.zoneFile()])
        let ended = try Programs.run(program, command.dropFirst() + [folder.path("zone")])
        #expect(ended.status == 0, "\(ended.output)\(ended.error)")
    }

    /// NSD with our zone.
    private static func startNSD(_ zone: String) throws -> (RunningProgram, Folder, UInt16) {
        let nsd = try #require(Programs.installed("nsd"))
        let port = try Programs.freePort()
        let folder = try Folder(["global.zone": zone])
        try folder.write(
            "nsd.conf",
            """
            server:
              server-count: 1
              ip-address: 127.0.0.1@\(port)
              username: ""
              chroot: ""
              zonesdir: "\(folder.url.path())"
              database: ""
              pidfile: "\(folder.path("pid"))"
              xfrdfile: "\(folder.path("xfrd"))"
              zonelistfile: "\(folder.path("list"))"
              xfrdir: "\(folder.url.path())"
              minimal-responses: yes
              rrl-ratelimit: 0
            remote-control:
              control-enable: no
            zone:
              name: "global."
              zonefile: "global.zone"
            """)
        let program = try RunningProgram(nsd, ["-d", "-c", folder.path("nsd.conf")])
        #expect(
            eventually { (try? Asker(port: port).ask("global. IN SOA")) != nil },
            "\(program.output.soFar)")
        return (program, folder, port)
    }

    /// Every other letter in upper case.
    private static func mixed(_ name: String) -> String {
        String(name.enumerated().map { $0.isMultiple(of: 2) ? $1 : Character($1.uppercased()) })
    }

    /// What of a reply must be the same.
    private static func view(_ reply: Message) -> [String] {
        let serial = /hostmaster\.global\. \d+/.ignoresCase()
        func lines(_ records: [ResourceRecord]) -> [String] {
            records.map { "\($0)".lowercased().replacing(serial, with: "hostmaster.global. N") }
                .sorted()
        }
        return ["\(reply.header.responseCode) aa \(reply.header.isAuthoritative)"]
            + lines(reply.answer) + ["authority"] + lines(reply.authority)
    }

    @Test(
        "NSD with our zone answers as we do, for every name, type and spelling",
        .enabled(if: Programs.installed("nsd") != nil, "nsd is not installed"))
    func nsd() throws {
        let zone = try Self.zoneFile()
        let (program, folder, port) = try Self.startNSD(zone)
        let server = try RunningServer()
        let owners = Set(
            zone.split(separator: "\n").compactMap { $0.split(separator: " ").first }
                .map(String.init))
        var names = owners
        for owner in owners {
            // What lies above a name may have nothing; what lies below is not there.
            var parent = owner[...]
            while let dot = parent.firstIndex(of: "."), parent.count > "global.".count {
                parent = parent[parent.index(after: dot)...]
                names.insert(String(parent))
            }
            names.insert("absent.\(owner)")
        }
        #expect(names.count > 90)
        let (ours, theirs) = (Asker(port: server.port), Asker(port: port))
        for name in names.sorted() {
            for type in ["A", "AAAA", "SRV", "TXT", "SOA", "NS", "MX", "CNAME", "TYPE65"] {
                for spelled in [name, Self.mixed(name)] {
                    let question = "\(spelled) IN \(type)"
                    // RFC 1035 §4.3.2 3c would let a wildcard answer; there is none in a view.
                    let (mine, other) = (try ours.ask(question), try theirs.ask(question))
                    #expect(Self.view(mine) == Self.view(other), "\(question)")
                    #expect(mine.questions == other.questions)
                }
            }
        }
        // RFC 8482 §4: one HINFO in place of all that is there.
        let any = try ours.ask("nginx.default.svc.global. IN ANY")
        #expect(any.summary == "\"RFC8482\" \"\"")
        // RFC 5936 §2.2.1: a transfer is refused by both, though NSD calls itself an authority.
        for type in ["AXFR", "IXFR"] {
            #expect(try Asker(port: server.port).ask("global. IN \(type)").summary == "REFUSED")
        }
        withExtendedLifetime((program, folder)) {}
    }

    // MARK: Askers

    @Test(
        "dig, kdig and drill get the documented answers",
        arguments: [
            ["dig", "+short"], ["dig", "+short", "+tcp"], ["kdig", "+short"],
            ["kdig", "+short", "+tcp"], ["drill", "-Q"], ["drill", "-Q", "-t"],
        ])
    func askers(_ command: [String]) throws {
        let program = try #require(Programs.installed(command[0]), "\(command[0]) is not installed")
        let server = try RunningServer()
        for (question, expected) in [
            ("nginx.default.svc.global A", ["10.101.0.10"]),
            ("pudong.nginx.default.svc.global AAAA", ["fd00:102::10"]),
            (
                "_pg._tcp.db.default.svc.global SRV",
                [
                    "0 100 5432 db-0.chaoyang.db.default.svc.global.",
                    "0 100 5432 db-1.chaoyang.db.default.svc.global.",
                ]
            ),
        ] {
            let ended = try Programs.run(
                program,
                command.dropFirst() + ["@127.0.0.1", "-p", "\(server.port)"]
                    + question.split(separator: " ").map(String.init))
            #expect(ended.status == 0, "\(ended.error)")
            let lines = ended.output.split(separator: "\n").map(String.init).sorted()
            #expect(lines == expected)
        }
    }
}
