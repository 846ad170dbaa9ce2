// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What the catalog decoder asks of a syntax: one document, read by pulling.
///
/// A method answers nil or false, and has read nothing, where the next value is of another kind; it
/// throws where the text is not well-formed. Between two calls of `nextField` or `nextElement`
/// exactly one value is read.
protocol ObjectReader {
    /// A place in the text that a fault can name.
    associatedtype Mark

    /// The place of the next value.
    mutating func mark() throws(CatalogFault) -> Mark

    /// Roughly the octets from there to here.
    func length(since mark: Mark) -> Int

    /// The line of a mark, counted from 1; the marks are asked in about their order.
    mutating func line(of mark: Mark) -> Int

    func fault(at mark: Mark, _ problem: String) -> CatalogFault

    /// Reads a null.
    mutating func takeNull() throws(CatalogFault) -> Bool
    mutating func beginObject() throws(CatalogFault) -> Bool
    /// The next field's name, in UTF-8; nil where the object ends.
    mutating func nextField() throws(CatalogFault) -> ArraySlice<UInt8>?
    mutating func beginArray() throws(CatalogFault) -> Bool
    mutating func nextElement() throws(CatalogFault) -> Bool
    /// Text in UTF-8, without quotes and escapes.
    mutating func text() throws(CatalogFault) -> ArraySlice<UInt8>?
    mutating func integer() throws(CatalogFault) -> Int?
    mutating func boolean() throws(CatalogFault) -> Bool?
    mutating func skip() throws(CatalogFault)
    /// Reads a value to tell a person what it is: `"http"`, `70000`, `an object`.
    mutating func describe() throws(CatalogFault) -> String
}

/// Why a catalog is refused, and where.
struct CatalogFault: Error {
    let line: Int
    let column: Int
    let problem: String
    /// The path of the value, as `items[3].spec`; made while the fault climbs out of the document.
    private(set) var path = ""

    init(line: Int, column: Int, problem: String) {
        self.line = line
        self.column = column
        self.problem = problem
    }

    /// The same fault, seen from the object that has the field.
    func within(field: String) -> CatalogFault {
        within(path.isEmpty || path.hasPrefix("[") ? field : field + ".")
    }

    /// The same fault, seen from the array that has the element.
    func within(element: Int) -> CatalogFault {
        within(path.isEmpty || path.hasPrefix("[") ? "[\(element)]" : "[\(element)].")
    }

    private func within(_ prefix: String) -> CatalogFault {
        var fault = self
        fault.path = prefix + path
        return fault
    }
}

/// Text in quotes for a message of one line: at most 40 characters, control characters escaped.
func quoted(_ text: ArraySlice<UInt8>) -> String {
    let whole = String(decoding: text.prefix(4 * 41), as: UTF8.self)
    let scalars = whole.unicodeScalars.prefix(40)
    let shown = scalars.reduce(into: "") { $0 += $1.escaped(asASCII: false) }
    return scalars.endIndex < whole.endIndex ? "\"\(shown)...\"" : "\"\(shown)\""
}
