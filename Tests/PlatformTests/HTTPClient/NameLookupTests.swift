// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import HTTPClient
import Synchronization
import TestSupport
import Testing

@Suite("Name lookups")
struct NameLookupTests {
    private static func addresses(_ host: String) async -> [String] {
        await withCheckedContinuation { continuation in
            NameLookup.shared.addresses(of: host) { continuation.resume(returning: $0) }
        }
    }

    @Test("localhost is this machine")
    func localhost() async {
        let addresses = await Self.addresses("localhost")
        #expect(!addresses.isEmpty)
        #expect(Set(addresses).isSubset(of: ["127.0.0.1", "::1"]))
        #expect(Set(addresses).count == addresses.count)
    }

    @Test("Addresses come back at once", arguments: ["127.0.0.1", "10.1.2.3", "::1", "fd77::1"])
    func literals(_ address: String) {
        let record = Record()
        NameLookup.shared.addresses(of: address) { record.add($0) }
        #expect(record.all == [[address]])
    }

    @Test("What cannot be a name has no address")
    func nonsense() async {
        let long = String(repeating: "a", count: 64)
        for host in ["", long, "\(long).example", "a\0b", String(repeating: "a.", count: 200)] {
            #expect(await Self.addresses(host) == [])
        }
    }

    @Test("All who ask are told, however many ask for however many names")
    func many() {
        let (lookup, record) = (NameLookup(), Record())
        let long = String(repeating: "a", count: 64)
        for number in 0..<300 {
            lookup.addresses(of: number % 2 == 0 ? "localhost" : "\(long).\(number % 7)") {
                record.add($0)
            }
        }
        #expect(eventually { record.all.count == 300 })
        #expect(record.all.count(where: \.isEmpty) == 150)
    }

    @Test("Names that nobody answers hold up no other")
    func silentNames() {
        let gate = DispatchSemaphore(value: 0)
        let record = Record()
        let lookup = NameLookup { host in
            guard host.hasPrefix("silent") else { return [host] }
            gate.wait()
            return []
        }
        for number in 0..<20 { lookup.addresses(of: "silent\(number)") { record.add($0) } }
        lookup.addresses(of: "other") { record.add($0) }
        #expect(eventually { record.all == [["other"]] })
        for _ in 0..<20 { gate.signal() }
        #expect(eventually { record.all.count == 21 })
    }

    private final class Record: Sendable {
        private let answers = Mutex<[[String]]>([])
        var all: [[String]] { answers.withLock { $0 } }
        func add(_ addresses: [String]) { answers.withLock { $0.append(addresses) } }
    }
}
