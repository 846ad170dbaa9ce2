// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Fuzzing

fuzz { octets in
    guard let name = try? DomainName(parsing: octets.span) else { return .kept }
    require(name.wireOctets == octets, "a name without pointers is its octets: \(name)")
    require(octets.count <= DomainName.maximumOctets, "too long: \(name)")

    let text = name.description
    let again = required("a name's text does not read: \(text)") {
        try DomainName(presentation: text)
    }
    require(again.wireOctets == octets, "reading a name's text: \(text)")

    checkLabels(of: name)
    let lowercased = name.lowercased
    require(lowercased == name, "case counts: \(name)")
    require(lowercased.hashValue == name.hashValue, "case counts in the hash: \(name)")
    require(!(lowercased < name) && !(name < lowercased), "case counts in the order: \(name)")
    return .kept
}

func checkLabels(of name: DomainName) {
    let labels = name.labels
    require(labels.count == name.labelCount && labels.count <= 127, "labels of \(name)")
    require(
        DomainName(labels: labels)?.wireOctets == name.wireOctets, "joining the labels of \(name)")
    guard let first = labels.first else {
        require(name.isRoot && name.parent == nil, "only the root has no labels")
        return
    }
    let parent = required("no parent of \(name)") { name.parent }
    require(name.isSubdomain(of: parent) && !parent.isSubdomain(of: name), "parent of \(name)")
    require(parent < name, "the order of \(name) and its parent")
    require(
        parent.prepending(first)?.wireOctets == name.wireOctets, "label and parent of \(name)")
}
