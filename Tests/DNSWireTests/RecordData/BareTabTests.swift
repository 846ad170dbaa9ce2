// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Testing

/// ldns prints a tab in a string as it is; it was refused.
@Suite struct BareTabTests {
    @Test func `a bare tab in quotes is part of the string, a line end is not`() throws {
        let bare = try ResourceRecord(presentation: "w. 1 IN TXT \"a\tb\"")
        let escaped = try ResourceRecord(presentation: "w. 1 IN TXT \"a\\009b\"")
        #expect(bare == escaped)
        #expect(throws: PresentationError.badCharacter(at: 14)) {
            try ResourceRecord(presentation: "w. 1 IN TXT \"a\nb\"")
        }
    }
}
