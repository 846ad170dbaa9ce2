// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog
import TestSupport
import Testing

@testable import FabDNS

@Suite("The table of a worker")
struct OwnerTableTests {
    private let hash: NameHash

    init() {
        var generator = SystemRandomNumberGenerator()
        hash = NameHash(using: &generator)
    }

    private static func compile(_ service: ExportedService) throws -> ServiceAnswers {
        var localities = LocalityTable()
        service.endpoints.localities.forEach { localities.note($0) }
        let result = AnswerCompiler().compile(service, localities: localities)
        let answers = try #require(result).answers
        #expect(answers.isSound)
        return answers
    }

    /// Whether the table finds this owner by its name, written in capitals.
    @unsafe
    private func isFound(_ owner: UnsafeRawPointer, in table: OwnerTable) -> Bool {
        let name = unsafe Array(OwnerView(owner).nameOctets)
        var message = [UInt8](repeating: 0, count: 12)
        message += name.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        message += [UInt8](repeating: 0xEE, count: 8)
        var span = message.mutableSpan
        let octets = unsafe span.mutableBytes
        let found = unsafe table.find(
            OwnerView(owner).nameHash(hash), octets, length: name.count)
        return unsafe found == owner
    }

    @Test("A service is found by its ranked name and both names of its cluster")
    func names() throws {
        let answers = try Self.compile(try service("default/nginx", "10.0.0.1 a//"))
        var count = 0
        unsafe answers.forEachOwner { _ in count += 1 }
        #expect(count == 3)
    }

    @Test("A name is put, found, replaced and taken away; what is not there is not replaced")
    func changes() throws {
        let answers = try Self.compile(try service("default/nginx", "10.0.0.1 a//"))
        var table = OwnerTable.allocate(capacity: 64)
        defer { table.deallocate() }
        unsafe answers.forEachOwner { owner in
            let hash = unsafe OwnerView(owner).nameHash(hash)
            let put = unsafe OwnerUpdate(hash: hash, old: nil, new: owner)
            let take = unsafe OwnerUpdate(hash: hash, old: owner, new: nil)
            let wasTaken = table.apply(take)
            let wasPut = table.apply(put)
            let found = unsafe isFound(owner, in: table)
            let wasTakenThen = table.apply(take)
            let isGone = unsafe !isFound(owner, in: table)
            #expect(!wasTaken && wasPut && found && wasTakenThen && isGone)
        }
        #expect(table.count == 0)
    }

    @Test("After thousands of random changes the table has exactly the names that stayed")
    func manyChanges() throws {
        var random = SeededRandom(seed: TestRun.seed)
        var table = OwnerTable.allocate(capacity: 4096)
        defer { table.deallocate() }
        let blocks = try (0..<400).map { number in
            try Self.compile(try service("default/s\(number)", "10.0.0.1 a//"))
        }
        var present = Set<Int>()
        for _ in 0..<20_000 {
            let number = Int.random(in: blocks.indices, using: &random)
            let isPresent = present.contains(number)
            unsafe blocks[number].forEachOwner { owner in
                let hash = unsafe OwnerView(owner).nameHash(hash)
                let update = unsafe OwnerUpdate(
                    hash: hash, old: isPresent ? owner : nil, new: isPresent ? nil : owner)
                let isApplied = table.apply(update)
                #expect(isApplied)
            }
            if isPresent { present.remove(number) } else { present.insert(number) }
        }
        for (number, block) in blocks.enumerated() {
            unsafe block.forEachOwner { owner in
                let found = unsafe isFound(owner, in: table)
                #expect(found == present.contains(number))
            }
        }
    }
}
