// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import FabEdgeCore
import Testing

@Suite struct CommunityTests {
    private static let north = Community(name: "north", clusters: ["beijing", "tianjin"])
    private static let coast = Community(name: "coast", clusters: ["tianjin", "shanghai"])

    @Test(
        "Clusters talk within themselves and within one Community, and no further",
        arguments: [
            ("beijing", "beijing", true),
            ("beijing", "tianjin", true),
            ("tianjin", "shanghai", true),
            ("beijing", "shanghai", false),
            ("beijing", "lhasa", false),
            ("lhasa", "lhasa", true),
        ])
    func talk(first: String, second: String, expected: Bool) {
        let communities = [Self.north, Self.coast]
        #expect(communities.mayTalk(first, second) == expected)
        #expect(communities.mayTalk(second, first) == expected)
    }

    @Test func `Without Communities no two clusters talk`() {
        let none: [Community] = []
        #expect(!none.mayTalk("beijing", "tianjin"))
        #expect(none.mayTalk("beijing", "beijing"))
    }

    @Test func `A Community whose members all left joins nobody`() {
        #expect(!Community(name: "empty", clusters: []).joins("beijing", "beijing"))
    }
}
