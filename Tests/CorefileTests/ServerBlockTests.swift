// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import Testing

@Suite struct ServerBlockTests {
    @Test("one zone, one port and a catalog are a whole configuration")
    func simplest() throws {
        let configuration = try Corefile.parse(
            text: """
                global:5300 {
                    errors
                    bind 127.0.0.1 ::1
                    fabdns {
                        catalog catalog.yaml
                        cluster beijing
                        zone hebei
                        region north
                        ttl 30
                        fallthrough
                    }
                    cache 30
                }
                """, file: "Corefile")
        let place = SourceLocation(file: "Corefile", line: 1, column: 1)
        #expect(
            configuration
                == ServerConfiguration(
                    blocks: [
                        ServerBlock(
                            zones: ["global."], port: 5300, bindings: ["127.0.0.1", "::1"],
                            fabdns: FabDNSBlock(
                                zones: ["global."], catalogFile: "catalog.yaml",
                                cluster: "beijing", region: "north", zone: "hebei",
                                ttlSeconds: 30, fallthroughZones: ["."],
                                location: SourceLocation(file: "Corefile", line: 4, column: 5)),
                            logsErrors: true, location: place)
                    ],
                    warnings: [
                        ConfigurationWarning(
                            location: SourceLocation(file: "Corefile", line: 12, column: 5),
                            message: "'cache' is accepted and has no effect in fabdns")
                    ]))
    }
}
