// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import Testing

@Suite struct RegistryTests {
    @Test func `every type has a text that reads back`() {
        for value in UInt16.min...UInt16.max {
            let type = RecordType(rawValue: value)
            guard RecordType(presentation: type.description) == type else {
                Issue.record("\(type)")
                continue
            }
        }
    }

    @Test func `every class has a text that reads back`() {
        for value in UInt16.min...UInt16.max {
            let recordClass = RecordClass(rawValue: value)
            guard RecordClass(presentation: recordClass.description) == recordClass else {
                Issue.record("\(recordClass)")
                continue
            }
        }
    }

    @Test func `every opcode, response code and option code has a text that reads back`() {
        for value in UInt8.min...UInt8.max {
            let opcode = Opcode(rawValue: value)
            #expect((opcode != nil) == (value < 16))
            #expect(opcode.flatMap { Opcode(presentation: $0.description) } == opcode)
        }
        for value in UInt16.min...UInt16.max {
            let code = ResponseCode(rawValue: value)
            let option = OptionCode(rawValue: value)
            guard
                (code != nil) == (value < 4096),
                code.flatMap({ ResponseCode(presentation: $0.description) }) == code,
                OptionCode(presentation: option.description) == option
            else {
                Issue.record("\(value)")
                continue
            }
        }
    }

    @Test func `mnemonics are read without case, and values without one in the form of RFC 3597`() {
        #expect(RecordType(presentation: "aAaA") == .aaaa)
        #expect(RecordType(presentation: "type28") == .aaaa)
        #expect(RecordType(presentation: "TYPE65535") == RecordType(rawValue: 65535))
        #expect(RecordType(rawValue: 65280).description == "TYPE65280")
        #expect(RecordClass(presentation: "in") == .internet)
        #expect(RecordClass(presentation: "CLASS32") == RecordClass(rawValue: 32))
        #expect(RecordClass(rawValue: 32).description == "CLASS32")
        #expect(ResponseCode(presentation: "nxdomain") == .nameError)
    }

    @Test(
        "what is neither mnemonic nor generic form is nothing",
        arguments: [
            "", "AA", "TYPE", "TYPE65536", "TYPE-1", "TYPE+1", "TYPE1x", "1", "ａ", "CLASS1",
        ])
    func refusedType(_ text: String) {
        #expect(RecordType(presentation: text) == nil)
    }

    @Test func `a letter that only Unicode folds to an ASCII one is another letter`() {
        #expect(RecordClass(presentation: "\u{131}n") == nil)
        #expect(RecordType(presentation: "\u{17F}oa") == nil)
    }

    @Test func `codes beyond their bits are refused`() {
        #expect(Opcode(presentation: "OPCODE15") == Opcode(rawValue: 15))
        #expect(Opcode(presentation: "OPCODE16") == nil)
        #expect(ResponseCode(presentation: "RCODE4095") == ResponseCode(rawValue: 4095))
        #expect(ResponseCode(presentation: "RCODE4096") == nil)
    }

    @Test func `meta types are OPT and the block of questions and transactions`() {
        for type: RecordType in [.opt, .any, .axfr, .tsig, RecordType(rawValue: 128)] {
            #expect(type.isMetaType)
        }
        for type: RecordType in [.a, .https, RecordType(rawValue: 127), RecordType(rawValue: 256)] {
            #expect(!type.isMetaType)
        }
    }
}
