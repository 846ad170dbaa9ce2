// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import FabDNS

@Suite("Names without data above services")
struct EmptyNonTerminalsTests {
    private static func labels(_ blocks: [ServiceAnswers]) -> [String] {
        blocks.map { block in
            var names: [String] = []
            unsafe block.forEachOwner { owner in
                unsafe names.append(String(decoding: OwnerView(owner).nameOctets, as: UTF8.self))
            }
            return names.joined(separator: " ")
        }
    }

    @Test("Each comes with the first service that needs it, and goes with the last")
    func contributions() throws {
        let a = try #require(RelativeName(["a", "svc"]))
        let b = try #require(RelativeName(["b", "svc"]))
        var names = EmptyNonTerminals { _ in .fabdnsEmpty }
        #expect(Self.labels(names.add(a)) == ["\u{1}a\u{3}svc", "\u{3}svc"])
        #expect(Self.labels(names.add(a)) == [])
        #expect(Self.labels(names.add(b)) == ["\u{1}b\u{3}svc"])
        #expect(Self.labels(Array(names.all)).count == 3)
        #expect(Self.labels(names.remove(a)) == [])
        #expect(Self.labels(names.remove(a)) == ["\u{1}a\u{3}svc"])
        #expect(Self.labels(names.remove(a)) == [])
        #expect(Self.labels(names.remove(b)) == ["\u{1}b\u{3}svc", "\u{3}svc"])
        #expect(Self.labels(Array(names.all)) == [])
    }
}
