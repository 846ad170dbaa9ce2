// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog
import Testing

@testable import FabDNS

@Suite("Answers")
struct AnswerTests {
    private static func service(_ endpoints: [Endpoint]) -> ExportedService {
        ExportedService(
            name: ServiceName(namespace: "default", name: "nginx"), type: .clusterIP, ports: [],
            endpoints: endpoints)
    }

    private static func compile(_ service: ExportedService) -> ServiceAnswers? {
        var generator = SystemRandomNumberGenerator()
        var localities = LocalityTable()
        return AnswerCompiler(hash: NameHash(using: &generator))
            .compile(service, localities: &localities)?.answers
    }

    private static let locality = Locality(cluster: "a", region: nil, zone: nil)

    @Test("A service is found by its ranked name and both names of its cluster")
    func names() throws {
        let endpoint = Endpoint(addresses: [.v4(0x0A00_0001)], locality: Self.locality)
        let answers = try #require(Self.compile(Self.service([endpoint])))
        #expect(answers.isSound)
        var count = 0
        unsafe answers.forEachOwner { _ in count += 1 }
        #expect(count == 3)
    }

    @Test("A service without a ready endpoint has no names")
    func unready() {
        let endpoint = Endpoint(
            addresses: [.v4(0x0A00_0001)], locality: Self.locality, conditions: [])
        #expect(Self.compile(Self.service([endpoint])) == nil)
    }

    @Test("A name is put, found, replaced and taken away; what is not there is not replaced")
    func table() throws {
        let endpoint = Endpoint(addresses: [.v4(0x0A00_0001)], locality: Self.locality)
        let answers = try #require(Self.compile(Self.service([endpoint])))
        var table = OwnerTable.allocate(capacity: 64)
        defer { table.deallocate() }
        unsafe answers.forEachOwner { owner in
            let hash = unsafe OwnerView(owner).header.hash
            let put = unsafe OwnerUpdate(hash: hash, old: nil, new: owner)
            let take = unsafe OwnerUpdate(hash: hash, old: owner, new: nil)
            let view = unsafe OwnerView(owner)
            let wasTaken = table.apply(take)
            let wasPut = table.apply(put)
            let found = unsafe table.find(hash, view.name, length: view.nameOctets.count)
            let wasTakenThen = table.apply(take)
            let gone = unsafe table.find(hash, view.name, length: view.nameOctets.count)
            #expect(!wasTaken && wasPut && wasTakenThen)
            let isFound = unsafe found == owner
            let isGone = unsafe gone == nil
            #expect(isFound && isGone)
        }
        #expect(table.count == 0)
    }
}
