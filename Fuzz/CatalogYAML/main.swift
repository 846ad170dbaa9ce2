// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Fuzzing

@testable internal import ServiceCatalog

fuzz { octets in
    do throws(CatalogFault) {
        let catalog = try CatalogFile.decode(octets)
        let names = catalog.services.map(\.name)
        require(Set(names).count == names.count, "a service twice")
    } catch {
        require(error.line >= 1 && error.column >= 1, "no such place: \(error)")
        require(!error.problem.isEmpty, "a fault without words")
    }
    return isJSON(octets) ? .refused : .kept
}

/// Whether `CatalogFile` takes the octets for JSON, which another fuzzer looks after.
func isJSON(_ octets: [UInt8]) -> Bool {
    let first = octets.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
}
