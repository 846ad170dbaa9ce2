// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Something that is read from a document of one value, in JSON or YAML.
protocol SecretDocument {
    associatedtype Value

    func read<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> Value
}

extension SecretDocument {
    /// Reads the one document of the octets; the first that is no space tells JSON from YAML.
    func decode(_ octets: [UInt8]) throws(CatalogFault) -> Value {
        switch octets.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var reader = SecretReader(JSONObjectReader(octets))
            let value = try read(&reader)
            try reader.reader.end()
            return value
        default:
            var reader = SecretReader(try YAMLObjectReader(octets))
            guard try reader.reader.beginDocument() else {
                throw CatalogFault(line: 1, column: 1, problem: "expected an object, found nothing")
            }
            let value = try read(&reader)
            try reader.reader.endDocument()
            guard try !reader.reader.beginDocument() else {
                throw reader.reader.fault(at: try reader.reader.mark(), "expected one document")
            }
            return value
        }
    }
}

/// Reads objects that hold secrets: a fault says where and what was expected, and quotes no value.
struct SecretReader<Reader: ObjectReader> {
    /// Octets of text in one document: aliases of YAML could make much of little.
    private static var maximumText: Int { 4 << 20 }
    private static var maximumName: Int { 256 }

    fileprivate(set) var reader: Reader
    /// Where we are, as `users[0].user`.
    private(set) var path = ""
    private var textLength = 0

    init(_ reader: Reader) { self.reader = reader }

    // MARK: Places

    mutating func mark() throws(CatalogFault) -> Reader.Mark { try reader.mark() }

    func fault(at mark: Reader.Mark, path: String? = nil, _ problem: String) -> CatalogFault {
        reader.fault(at: mark, problem).within(field: path ?? self.path)
    }

    /// The place of the next value.
    mutating func place() throws(CatalogFault) -> TextPlace {
        let fault = reader.fault(at: try reader.mark(), "")
        return TextPlace(line: fault.line, column: fault.column, path: path)
    }

    /// The fault of the next value, which is of another kind.
    mutating func mismatch(_ expected: String) throws(CatalogFault) -> CatalogFault {
        let mark = try reader.mark()
        if try reader.beginObject() {
            return fault(at: mark, "expected \(expected), found an object")
        }
        if try reader.beginArray() { return fault(at: mark, "expected \(expected), found a list") }
        if try reader.takeNull() { return fault(at: mark, "expected \(expected), found null") }
        return fault(at: mark, "expected \(expected)")
    }

    // MARK: Objects and lists

    /// Reads an object: `body` reads the value of each field of the enumeration that is not null.
    ///
    /// Fields of other names are passed over, or refused where they could say what counts.
    mutating func fields<Field: RawRepresentable<String> & Hashable>(
        _ expected: String = "an object", refusesOthers: Bool = false,
        _ body: (inout Self, Field) throws(CatalogFault) -> Void
    ) throws(CatalogFault) {
        var seen: Set<Field> = []
        try entries(expected) { (reader, name) throws(CatalogFault) in
            guard let name, let field = Field(rawValue: name) else {
                guard !refusesOthers else { throw try reader.unknown(name) }
                return try reader.reader.skip()
            }
            guard seen.insert(field).inserted else {
                throw reader.fault(at: try reader.mark(), "expected this field once")
            }
            try body(&reader, field)
        }
    }

    /// Reads an object: `body` reads the value of each field that is not null; a name is nil where
    /// it is long.
    mutating func entries(
        _ expected: String = "an object",
        _ body: (inout Self, String?) throws(CatalogFault) -> Void
    ) throws(CatalogFault) {
        guard try reader.beginObject() else { throw try mismatch(expected) }
        let outer = path
        while let octets = try reader.nextField() {
            let name =
                octets.count <= Self.maximumName ? String(decoding: octets, as: UTF8.self) : nil
            if let name, Self.isPlain(name) {
                path = outer.isEmpty ? name : "\(outer).\(name)"
            }
            if try !reader.takeNull() { try body(&self, name) }
            path = outer
        }
    }

    mutating func elements(
        _ expected: String, _ body: (inout Self, Int) throws(CatalogFault) -> Void
    ) throws(CatalogFault) {
        guard try reader.beginArray() else { throw try mismatch(expected) }
        let outer = path
        var index = 0
        while try reader.nextElement() {
            path = "\(outer)[\(index)]"
            try body(&self, index)
            path = outer
            index += 1
        }
    }

    mutating func skip() throws(CatalogFault) { try reader.skip() }

    private mutating func unknown(_ name: String?) throws(CatalogFault) -> CatalogFault {
        let mark = try reader.mark()
        guard let name, Self.isPlain(name) else {
            return fault(at: mark, "expected no field that is not known here")
        }
        return fault(at: mark, "expected no such field, which is not known here")
    }

    /// Whether a name is one that fields have: a lost colon makes a name of a secret.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 40
            && name.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    // MARK: Scalars

    mutating func text(_ expected: String = "text") throws(CatalogFault) -> String {
        let mark = try reader.mark()
        guard let octets = try reader.text() else { throw try mismatch(expected) }
        textLength += octets.count
        guard textLength <= Self.maximumText else {
            throw fault(at: mark, "expected at most \(Self.maximumText >> 20) MiB of text")
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// A text with its place; nil where it is empty, which says as much as an absent one.
    mutating func placedText(_ expected: String = "text") throws(CatalogFault) -> PlacedText? {
        let place = try place()
        let text = try text(expected)
        return text.isEmpty ? nil : PlacedText(text: text, place: place)
    }

    mutating func boolean() throws(CatalogFault) -> Bool {
        guard let value = try reader.boolean() else { throw try mismatch("true or false") }
        return value
    }

    /// A text that has to be one of a few.
    mutating func choice(_ accepted: [String], _ expected: String) throws(CatalogFault) -> String {
        let mark = try reader.mark()
        let text = try text(expected)
        guard accepted.contains(text) else { throw fault(at: mark, "expected \(expected)") }
        return text
    }
}
