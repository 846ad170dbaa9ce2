// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import TestSupport
import Testing

/// A catalog file that changes while it is served.
@Suite("A watched catalog file")
struct CatalogFileTests {
    private static let corefile = """
        global {
            bind 127.0.0.1
            fabdns {
                catalog {folder}/catalog
            }
        }
        """

    private static func catalog(_ address: String, services: Int = 1) -> String {
        let items = (0..<services).map { number in
            """
            {"apiVersion":"dns.fabedge.io/v1alpha1","kind":"GlobalService",
             "metadata":{"name":"s\(number)","namespace":"default"},
             "spec":{"type":"ClusterIP","ports":[{"port":80}],
                     "endpoints":[{"addresses":["\(address)"],"cluster":"a"}]}}
            """
        }
        return "[\(items.joined(separator: ","))]"
    }

    private static let question = "s0.default.svc.global. IN A"

    @Test("A change of a thousand services is answered within a second")
    func change() throws {
        let server = try RunningServer(
            corefile: Self.corefile, files: ["catalog": Self.catalog("10.0.0.1", services: 1000)])
        // The best of several: this machine may be busy with other tests.
        let durations = try (2..<7).map { number in
            try server.folder.write("catalog", Self.catalog("10.0.0.\(number)", services: 1000))
            let start = ContinuousClock.now
            for service in ["s0", "s999"] {
                #expect(
                    try eventually {
                        try server.answers(to: "\(service).default.svc.global. IN A")
                            == "10.0.0.\(number)"
                    })
            }
            return ContinuousClock.now - start
        }
        let best = try #require(durations.min())
        #expect(best < .seconds(1) * TestRun.patience)
    }

    @Test("A bad file leaves the last good catalog, and says where it is bad")
    func fault() throws {
        let server = try RunningServer(
            corefile: Self.corefile, files: ["catalog": Self.catalog("10.0.0.1")])
        try server.folder.write("catalog", Self.catalog("10.0.0.300"))
        #expect(server.program.output.waits(for: "the last good catalog stays"), "\(server.log)")
        #expect(server.log.contains("catalog:4:37: "), "\(server.log)")
        #expect(try server.answers(to: Self.question) == "10.0.0.1")
        try FileManager.default.removeItem(atPath: server.folder.path("catalog"))
        #expect(server.program.output.waits(for: "No such file"), "\(server.log)")
        #expect(try server.answers(to: Self.question) == "10.0.0.1")
        try server.folder.write("catalog", Self.catalog("10.0.0.2"))
        #expect(try eventually { try server.answers(to: Self.question) == "10.0.0.2" })
    }

    @Test("A file that is written in place is followed too")
    func inPlace() throws {
        let server = try RunningServer(
            corefile: Self.corefile, files: ["catalog": Self.catalog("10.0.0.1")])
        try Data(Self.catalog("10.0.0.2").utf8).write(
            to: URL(filePath: server.folder.path("catalog")))
        #expect(try eventually { try server.answers(to: Self.question) == "10.0.0.2" })
    }

    @Test("A file that is never quiet is read all the same")
    func restless() throws {
        let server = try RunningServer(
            corefile: Self.corefile, files: ["catalog": Self.catalog("10.0.0.1")])
        let start = ContinuousClock.now
        var isRead = false
        while !isRead, ContinuousClock.now - start < .seconds(4) * TestRun.patience {
            try server.folder.write("catalog", Self.catalog("10.0.0.2"))
            isRead = try server.answers(to: Self.question) == "10.0.0.2"
            usleep(10_000)
        }
        #expect(isRead)
    }

    @Test("The swap of any link on the way to the file is followed")
    func links() throws {
        let folder = try Folder()
        let files = FileManager.default
        for number in 1...2 {
            try files.createDirectory(
                atPath: folder.path("v\(number)"), withIntermediateDirectories: false)
            try Data(Self.catalog("10.0.0.\(number)").utf8).write(
                to: URL(filePath: folder.path("v\(number)/catalog")))
        }
        func link(_ name: String, _ target: String) throws {
            try files.createSymbolicLink(
                atPath: folder.path("next"), withDestinationPath: target)
            guard unsafe rename(folder.path("next"), folder.path(name)) == 0 else {
                throw Failure("rename: \(errno)")
            }
        }
        try link("current", "v1")
        try link("middle", "./current/../current")
        let server = try RunningServer(
            corefile: Self.corefile.replacing(
                "{folder}", with: folder.path("middle")))
        #expect(try server.answers(to: Self.question) == "10.0.0.1")
        try link("current", "v2")
        #expect(try eventually { try server.answers(to: Self.question) == "10.0.0.2" })
        try link("middle", folder.path("v1"))
        #expect(try eventually { try server.answers(to: Self.question) == "10.0.0.1" })
    }

    @Test("A mounted ConfigMap is followed through the swap of its symbolic links")
    func configMap() throws {
        // As the kubelet mounts it: catalog -> ..data/catalog, ..data -> a folder per version.
        let folder = try Folder()
        let files = FileManager.default
        func version(_ name: String, _ address: String) throws {
            try files.createDirectory(
                atPath: folder.path(name), withIntermediateDirectories: false)
            try Data(Self.catalog(address).utf8).write(
                to: URL(filePath: folder.path("\(name)/catalog")))
            try files.createSymbolicLink(
                atPath: folder.path("..data_tmp"), withDestinationPath: name)
            guard unsafe rename(folder.path("..data_tmp"), folder.path("..data")) == 0 else {
                throw Failure("rename: \(errno)")
            }
        }
        try version("..v1", "10.0.0.1")
        try files.createSymbolicLink(
            atPath: folder.path("catalog"), withDestinationPath: "..data/catalog")
        let server = try RunningServer(
            corefile: Self.corefile.replacing("{folder}", with: folder.url.path()))
        #expect(try server.answers(to: Self.question) == "10.0.0.1")
        for number in 2..<5 {
            try version("..v\(number)", "10.0.0.\(number)")
            try files.removeItem(atPath: folder.path("..v\(number - 1)"))
            #expect(try eventually { try server.answers(to: Self.question) == "10.0.0.\(number)" })
        }
    }
}
