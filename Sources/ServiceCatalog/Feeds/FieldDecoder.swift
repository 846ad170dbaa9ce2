// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What decoders of objects have in common: fields by a table, elements, texts that keep a rule.
protocol FieldDecoder {
    associatedtype Reader: ObjectReader

    var reader: Reader { get set }

    /// Hears of a field that a closed table does not have.
    mutating func note(unknown name: ArraySlice<UInt8>, in path: String)
}

extension FieldDecoder {
    /// Reads an object: `body` reads the value of each field that the table has and that is not
    /// null.
    mutating func fields<Field>(
        _ table: FieldTable<Field>,
        _ body: (inout Self, Field) throws(CatalogFault) -> Void
    ) throws(CatalogFault) {
        guard try reader.beginObject() else { throw try mismatch("an object") }
        var seen: UInt32 = 0
        while let name = try reader.nextField() {
            guard let (index, field) = table[name] else {
                if !table.isOpen { note(unknown: name, in: table.path) }
                try reader.skip()
                continue
            }
            do throws(CatalogFault) {
                guard seen & 1 << index == 0 else {
                    throw reader.fault(at: try reader.mark(), "expected this field once")
                }
                seen |= 1 << index
                if try !reader.takeNull() { try body(&self, field) }
            } catch {
                throw error.within(field: field.rawValue)
            }
        }
    }

    /// Reads the elements of an array that has begun.
    mutating func elements(
        _ body: (inout Self, Int) throws(CatalogFault) -> Void
    ) throws(CatalogFault) {
        var index = 0
        while try reader.nextElement() {
            do { try body(&self, index) } catch { throw error.within(element: index) }
            index += 1
        }
    }

    /// A text that keeps the rule.
    mutating func text(
        _ expected: String, _ rule: (ArraySlice<UInt8>) -> Bool
    ) throws(CatalogFault) -> ArraySlice<UInt8> {
        let mark = try reader.mark()
        guard let text = try reader.text() else { throw try mismatch(expected) }
        guard rule(text) else {
            throw reader.fault(at: mark, "expected \(expected), found \(quoted(text))")
        }
        return text
    }

    /// The fault of a value that is of another kind, read to say so.
    mutating func mismatch(_ expected: String) throws(CatalogFault) -> CatalogFault {
        let mark = try reader.mark()
        return reader.fault(at: mark, "expected \(expected), found \(try reader.describe())")
    }
}
