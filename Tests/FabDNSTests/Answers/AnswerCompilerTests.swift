// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog
import Testing

@testable import FabDNS

@Suite("Compiling services")
struct AnswerCompilerTests {
    @Test("On all cores each service has the same answers in the same place as on one")
    func onAllCores() throws {
        var services: [ExportedService?] = try (0..<1700).map { number in
            try service(
                "default/s\(number)", "10.0.\(number / 250).\(number % 250) c\(number % 7)//")
        }
        services[600] = nil
        var localities = LocalityTable()
        for service in services { service?.endpoints.localities.forEach { localities.note($0) } }
        let octets = [false, true].map { onAllCores in
            AnswerCompiler().compile(services, localities: localities, onAllCores: onAllCores).map {
                result in result.map { unsafe Array($0.answers.memory) }
            }
        }
        #expect(octets[0] == octets[1])
        #expect(octets[1].count == services.count && octets[1][600] == nil)
        #expect(Set(octets[1]).count == services.count)
    }
}
