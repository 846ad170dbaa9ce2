// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport
import Testing

@Suite struct OPTTests {
    static func message(_ options: [EDNSOption]) -> Message {
        Message(header: Header(), opt: OPT(options: options))
    }

    static let options: [(option: EDNSOption, wire: String)] = [
        (NSID(identifier: []).option, "0003 0000"),
        (NSID(identifier: Array("pod-7".utf8)).option, "0003 0005 'pod-7'"),
        (ExtendedError(.staleAnswer).option, "000F 0002 0003"),
        (ExtendedError(.notReady, extraText: "syncing").option, "000F 0009 000E 'syncing'"),
        (EDNSOption(code: .cookie, data: [1, 2, 3]), "000A 0003 010203"),
        (EDNSOption(code: OptionCode(rawValue: 65001), data: []), "FDE9 0000"),
    ]

    @Test("an option is written as these octets, and read back from them", arguments: options)
    func octetsOfOption(_ row: (option: EDNSOption, wire: String)) throws {
        let message = Self.message([row.option])
        let option = try octets(row.wire)
        let head = try octets("0000 0000 0000 0000 0000 0001 00 0029 04D0 00000000")
        let wire = head + [0, UInt8(option.count)] + option
        #expect(message.encode() == wire)
        #expect(try Message(parsing: wire.span) == message)
    }

    @Test func `options keep their order, and a code may come twice`() throws {
        let message = Self.message(Self.options.map(\.option))
        let opt = try #require(try Message(parsing: message.encode().span).opt)
        #expect(opt.options == Self.options.map(\.option))
        #expect(opt.nsid?.identifier == [])
        #expect(opt.extendedErrors.map(\.code) == [.staleAnswer, .notReady])
        #expect(opt.extendedErrors.map(\.extraText) == ["", "syncing"])
    }

    @Test func `an extended error without its code stays a raw option`() {
        #expect(ExtendedError(EDNSOption(code: .extendedError, data: [0, 3])) != nil)
        #expect(ExtendedError(EDNSOption(code: .extendedError, data: [0])) == nil)
        #expect(ExtendedError(EDNSOption(code: .nsid, data: [0, 3])) == nil)
        #expect(NSID(EDNSOption(code: .extendedError, data: [0, 3])) == nil)
    }

    @Test func `the zero that may end an extra text is not part of it`() {
        let option = EDNSOption(code: .extendedError, data: [0, 0, 0x61, 0])
        #expect(ExtendedError(option) == ExtendedError(.other, extraText: "a"))
        let broken = EDNSOption(code: .extendedError, data: [0, 0, 0xFF])
        #expect(ExtendedError(broken)?.extraText == "\u{FFFD}")
    }

    @Test func `all 32 bits of the TTL survive`() throws {
        for bit in 0..<32 {
            let ttl = UInt32(1) << bit
            let wire =
                try octets("0000 0000 0000 0000 0000 0001 00 0029 04D0")
                + [24, 16, 8, 0].map { UInt8(ttl >> $0 & 0xFF) } + [0, 0]
            #expect(try Message(parsing: wire.span).encode() == wire, "bit \(bit)")
        }
    }

    @Test func `the record prints on one line`() {
        let opt = OPT(
            payloadSize: 512, dnssecOK: true,
            options: [
                ExtendedError(.staleAnswer, extraText: "2 h").option,
                NSID(identifier: Array("pod-7".utf8)).option,
                EDNSOption(code: .cookie, data: [1, 2, 3]),
            ])
        #expect(
            opt.description
                == #"EDNS: version: 0, flags: do, udp: 512; EDE 3 "2 h"; NSID "pod-7"; COOKIE 3 octets"#
        )
    }

    @Test("The owner is the root's octet and no pointer to one", arguments: ["C000", "C012"])
    func pointerOwner(_ owner: String) throws {
        let message = try octets(
            "0007 0100 0001 0000 0000 0001 05 'nginx' 00 0001 0001 "
                + "\(owner) 0029 04D0 00000000 0000")
        #expect(throws: ParseError.badOPT(at: 23)) { try Message(parsing: message.span) }
        let other = try octets(
            "0007 0100 0001 0000 0000 0001 05 'nginx' 00 0001 0001 00 0029 04D0 00000000 0000")
        #expect(throws: Never.self) { try Message(parsing: other.span) }
    }
}
