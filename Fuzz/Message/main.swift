// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import DNSWire
internal import Fuzzing

fuzz { octets in
    guard let message = try? Message(parsing: octets.span) else { return .kept }
    let encoded = message.encode()
    let again = required("an encoded message does not parse") {
        try Message(parsing: encoded.span)
    }
    // Names behind pointers grow where they may not be compressed, until the message is too long:
    // then TC is set and records are missing.
    if again != message {
        require(encoded.count > octets.count, "a shorter message differs: \(message)\n\(again)")
        require(again.header.isTruncated, "parsing what was encoded: \(message)\n\(again)")
    } else {
        // A bit that is read and written in the wrong place would pass the comparison of values.
        let isSame = encoded.prefix(Header.octetCount) == octets.prefix(Header.octetCount)
        require(isSame, "another header than that of \(message)")
    }
    checkLimits(of: message)
    for record in message.answer + message.authority + message.additional {
        checkText(of: record)
    }
    return .kept
}

/// A message cut to any limit parses, and has no more octets than that.
func checkLimits(of message: Message) {
    for limit in [0, 12, 64, 512, 1232] {
        let encoded = message.encode(limit: limit)
        require(encoded.count <= max(limit, Header.octetCount), "longer than \(limit)")
        let cut = required("a message cut to \(limit) does not parse") {
            try Message(parsing: encoded.span)
        }
        require(cut.header.id == message.header.id, "the id of a message cut to \(limit)")
    }
}

/// A record is the same after it was a line of a zone file, if a zone may have it.
func checkText(of record: ResourceRecord) {
    guard !record.type.isMetaType else { return }
    let text = record.description
    let again = required("a record's text does not read: \(text)") {
        try ResourceRecord(presentation: text)
    }
    require(again == record, "reading a record's text: \(text)")
    require(again.data.wireOctets == record.data.wireOctets, "the octets of \(text)")
}
