// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Fuzzing

@testable internal import ServiceCatalog

fuzz { octets in
    // A file, whose checksum no fuzzer finds, and what a right header and checksum let in.
    _ = try? SavedStateCodec.decode(octets, path: "file")
    var sealed = header + octets
    SavedStateCodec.seal(&sealed)
    do throws(SavedStateError) {
        let feed = try SavedStateCodec.decode(sealed, path: "file")
        check(feed)
        let again = required("a value cannot be saved") {
            try SavedStateCodec.decode(SavedStateCodec.encode(feed), path: "again")
        }
        require(again.feed == feed.feed, "another feed")
        require(again.currentSeconds == feed.currentSeconds, "another moment")
        require(again.services == feed.services, "other services")
        require(again.held == feed.held, "others are held")
    } catch {
        require(error.description.count > "file: ".count, "a refusal without words")
    }
    return .kept
}

var header: [UInt8] {
    var header = SavedStateCodec.magic
    header.append(littleEnd: SavedStateCodec.version)
    return header + Array(repeating: 0, count: SavedStateCodec.headerSize - header.count)
}

/// What was accepted keeps the rules of feeds, and can be looked at.
func check(_ feed: SavedFeed) {
    let names = feed.services.map(\.name)
    require(Set(names).count == names.count, "a service twice")
    require(names == names.sorted(), "services in disorder")
    require(feed.held.isSubset(of: names), "somebody else is held")
    for service in feed.services {
        let (namespace, name) = (service.name.namespace, service.name.name)
        require(NameRule.isRFC1123Label(Array(name.utf8)[...]), "a name: \(service.name)")
        require(NameRule.isRFC1123Label(Array(namespace.utf8)[...]), "a namespace: \(namespace)")
        require(service.ports.allSatisfy { $0.number > 0 }, "a port")
        for endpoint in service.endpoints {
            require(!endpoint.addresses.isEmpty, "an endpoint without an address")
        }
        require(PackedEndpoints(Array(service.endpoints)) == service.endpoints, "packed otherwise")
    }
}
