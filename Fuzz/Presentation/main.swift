// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Fuzzing

fuzz { octets in
    let text = String(decoding: octets, as: UTF8.self)
    checkName(text)
    checkQuestion(text)
    checkRecord(text)
    return .kept
}

func checkName(_ text: String) {
    guard let name = try? DomainName(presentation: text) else { return }
    let printed = name.description
    let again = required("what was printed does not read: \(printed)") {
        try DomainName(presentation: printed)
    }
    require(again.wireOctets == name.wireOctets, "name \(printed)")
    let parsed = required("no wire form: \(printed)") {
        try DomainName(parsing: name.wireOctets.span)
    }
    require(parsed.wireOctets == name.wireOctets, "wire form of \(printed)")
    require(printed.utf8.allSatisfy { 0x20...0x7E ~= $0 }, "not ASCII: \(printed)")
}

func checkQuestion(_ text: String) {
    guard let question = try? Question(presentation: text) else { return }
    let printed = question.description
    let again = required("what was printed does not read: \(printed)") {
        try Question(presentation: printed)
    }
    require(again == question, "question \(printed)")
}

func checkRecord(_ text: String) {
    guard let record = try? ResourceRecord(presentation: text) else { return }
    let printed = record.description
    let again = required("what was printed does not read: \(printed)") {
        try ResourceRecord(presentation: printed)
    }
    require(again == record, "record \(printed)")
    require(printed.utf8.allSatisfy { 0x20...0x7E ~= $0 }, "not ASCII: \(printed)")

    let message = Message(header: Header(), answer: [record])
    let parsed = required("the message of \(printed) does not parse") {
        try Message(parsing: message.encode().span)
    }
    require(parsed == message, "a message of \(printed)")
}
