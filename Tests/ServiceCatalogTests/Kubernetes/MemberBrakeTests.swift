// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Which clusters go when Secrets no longer name them")
struct MemberBrakeTests {
    private static let all = names(0..<25)

    private static func names(_ range: Range<Int>) -> Set<String> { Set(range.map { "c\($0)" }) }

    private static func update(
        _ clusters: Set<String>, isFromList: Bool = false, deleted: Set<String> = []
    ) -> MemberSecretFeed.Update {
        let members = clusters.map { cluster in
            MemberSecret(
                cluster: cluster, zone: nil, region: nil,
                access: .text("{}", origin: "secret \(cluster)"))
        }
        return MemberSecretFeed.Update(
            members: Dictionary(uniqueKeysWithValues: members.map { ($0.cluster, $0) }),
            isFromList: isFromList, deleted: deleted)
    }

    /// One that holds all clusters but the first, which came back.
    private static func holding() -> MemberBrake {
        var brake = MemberBrake()
        #expect(brake.leaving(all, after: update([], isFromList: true)) == [])
        #expect(brake.leaving(all, after: update(["c0"])) == [])
        #expect(brake.held == names(1..<25))
        return brake
    }

    @Test("What is held stays held when another Secret comes, changes or goes")
    func others() {
        var brake = Self.holding()
        #expect(brake.leaving(Self.all, after: Self.update(["c0", "c1"])) == [])
        #expect(brake.leaving(Self.all, after: Self.update(["c0"], deleted: ["c1"])) == ["c1"])
        #expect(brake.held == Self.names(2..<25))
    }

    @Test("What is held goes when a Secret of it is deleted, even one that nobody has seen")
    func deleted() {
        var brake = Self.holding()
        let update = Self.update(["c0"], deleted: ["c7", "other"])
        #expect(brake.leaving(Self.all, after: update) == ["c7"])
        #expect(!brake.held.contains("c7") && brake.held.count == 23)
    }

    @Test("A list that lacks more than half holds, one that has the other half ends it")
    func lists() {
        var brake = Self.holding()
        let some = Self.update(Self.names(0..<12), isFromList: true)
        #expect(brake.leaving(Self.all, after: some) == [])
        #expect(brake.held == Self.names(12..<25))
        let most = Self.update(Self.names(0..<13), isFromList: true)
        #expect(brake.leaving(Self.all, after: most) == Self.names(13..<25))
        #expect(brake.held == [])
    }

    @Test("Few clusters, and what an event takes away, go at once")
    func unheld() {
        var brake = MemberBrake()
        let nine = Self.names(0..<9)
        #expect(brake.leaving(nine, after: Self.update([], isFromList: true)) == nine)
        let deleted = Self.update([], deleted: Self.all)
        #expect(brake.leaving(Self.all, after: deleted) == Self.all)
        // A Secret whose label or kubeconfig was changed.
        #expect(brake.leaving(Self.all, after: Self.update([])) == Self.all)
    }

    @Test("A release lets all go that is held")
    func released() {
        var brake = Self.holding()
        #expect(brake.release() == Self.names(1..<25))
        #expect(brake.held == [])
    }

    @Test("A store says which cluster a deleted Secret named, in the batch that brought it too")
    func store() {
        var store = MemberSecretStore()
        let name = ObjectName(namespace: "f", name: "s")
        store.put(
            SecretObject(name: name, cluster: "c1", zone: nil, region: nil, kubeconfig: "{}"))
        #expect(store.remove(name) == "c1")
        #expect(store.remove(name) == nil && store.members.members.isEmpty)
    }
}
