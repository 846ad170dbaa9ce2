// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Fuzzing

@testable internal import ServiceCatalog

fuzz { octets in
    guard isJSON(octets) else { return .refused }
    do throws(CatalogFault) {
        let catalog = try CatalogFile.decode(octets)
        check(catalog)
        // What both syntaxes accept, they read alike.
        if let yaml = try? CatalogFile.decode(Array("--- ".utf8) + octets) {
            require(yaml.services == catalog.services, "read otherwise as YAML")
        }
    } catch {
        check(error, in: octets)
    }
    return .kept
}

/// Whether `CatalogFile` takes the octets for JSON.
func isJSON(_ octets: [UInt8]) -> Bool {
    let first = octets.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
}

/// What was accepted keeps the rules of names.
func check(_ catalog: LoadedCatalog) {
    let names = catalog.services.map(\.name)
    require(Set(names).count == names.count, "a service twice")
    for name in names {
        require(NameRule.isRFC1035Label(Array(name.name.utf8)[...]), "a name: \(name)")
        require(NameRule.isRFC1123Label(Array(name.namespace.utf8)[...]), "a namespace: \(name)")
    }
}

/// A fault is at a place of the text, or just behind it.
func check(_ fault: CatalogFault, in octets: [UInt8]) {
    let lineCount = octets.count { $0 == 0x0A || $0 == 0x0D } + 1
    require(1...lineCount ~= fault.line, "no such line: \(fault)")
    require(1...(octets.count + 1) ~= fault.column, "no such column: \(fault)")
    require(!fault.problem.isEmpty, "a fault without words")
}
