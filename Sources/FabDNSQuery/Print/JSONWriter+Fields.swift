// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import JSON

/// Fields of an object with their values; what is nil is null, so that the keys are always there.
extension JSONWriter {
    /// One document in one line.
    static func document(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        body(&writer)
        writer.endObject()
        return String(decoding: writer.octets, as: UTF8.self) + "\n"
    }

    mutating func field(_ name: String, _ value: String?) {
        field(name)
        if let value { text(value) } else { null() }
    }

    mutating func field(_ name: String, _ value: Int?) {
        field(name)
        if let value { integer(value) } else { null() }
    }

    mutating func field(_ name: String, _ value: Bool) {
        field(name)
        boolean(value)
    }

    mutating func field(_ name: String, texts: [String]) {
        field(name)
        beginArray()
        for value in texts { text(value) }
        endArray()
    }

    mutating func field(_ name: String, object body: (inout JSONWriter) -> Void) {
        field(name)
        object(body)
    }

    mutating func field<Element>(
        _ name: String, objects elements: some Sequence<Element>,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        field(name)
        beginArray()
        for element in elements { object { body(&$0, element) } }
        endArray()
    }

    private mutating func object(_ body: (inout JSONWriter) -> Void) {
        beginObject()
        body(&self)
        endObject()
    }
}
