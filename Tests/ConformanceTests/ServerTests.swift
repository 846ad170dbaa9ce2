// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Testing

@Suite("The server as a program")
struct ServerTests {
    @Test("A query for the example catalog's first name is a message")
    func query() throws {
        let name = try DomainName(presentation: "nginx.default.svc.global.")
        #expect(name.labelCount == 4)
    }
}
