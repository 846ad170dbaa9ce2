// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import DNSWire
internal import Fuzzing

let environment = ["NAME": "value", "ZONE": "global:5353 {", "EMPTY": ""]

fuzz { octets in
    let text = String(decoding: octets, as: UTF8.self)
    do throws(ConfigurationError) {
        check(
            try Corefile.parse(
                text: text, file: "Corefile", environment: environment, files: .none))
    } catch {
        require(!error.message.isEmpty, "an error without words")
        if let location = error.location { check(location, in: octets) }
    }
    return .kept
}

/// A place of an error is in the text, or just behind it.
func check(_ location: SourceLocation, in octets: [UInt8]) {
    let lineCount = octets.count { $0 == UInt8(ascii: "\n") } + 1
    require(1...lineCount ~= location.line, "no such line: \(location)")
    require(1...(octets.count + 1) ~= location.column, "no such column: \(location)")
}

/// What was accepted is as `ServerConfiguration` promises.
func check(_ configuration: ServerConfiguration) {
    require(!configuration.blocks.isEmpty, "no block")
    for block in configuration.blocks {
        require(!block.zones.isEmpty, "a block without zones")
        for zone in block.zones + (block.fabdns?.zones ?? []) {
            let name = required("no name: \(zone)") { try DomainName(presentation: zone) }
            require(name.description == zone, "not as names are printed: \(zone)")
            require(name.lowercased.description == zone, "not in lower case: \(zone)")
        }
        require(block.fabdns.map { $0.ttlSeconds <= 3600 } ?? true, "a TTL past its bound")
    }
    require(configuration.workerCount.map { $0 > 0 } ?? true, "no worker")
}
