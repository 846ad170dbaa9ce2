// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import JSON

extension JSONWriter {
    mutating func object(_ write: (inout JSONWriter) -> Void) {
        beginObject()
        write(&self)
        endObject()
    }

    mutating func field(_ name: String, _ write: (inout JSONWriter) -> Void) {
        field(name)
        write(&self)
    }

    mutating func field(_ name: String, _ text: String?) {
        field(name)
        if let text { self.text(text) } else { null() }
    }

    mutating func array<Element>(
        _ name: String, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
    ) {
        field(name)
        beginArray()
        for element in elements { object { write(element, &$0) } }
        endArray()
    }
}
