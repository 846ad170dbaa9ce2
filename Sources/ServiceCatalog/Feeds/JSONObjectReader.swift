// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import JSON

/// A catalog in JSON.
struct JSONObjectReader: ObjectReader {
    private var json: JSONReader
    /// The last line that was asked for, and an offset on it.
    private var known = (offset: 0, line: 1)

    init(_ octets: [UInt8]) { json = JSONReader(octets) }

    mutating func mark() throws(CatalogFault) -> Int {
        _ = try kind()
        return json.offset
    }

    func length(since mark: Int) -> Int { json.offset - mark }

    mutating func line(of mark: Int) -> Int {
        // A service's name may stand before or behind its endpoints: the way back is as short.
        let feeds = json.lineFeeds(from: min(known.offset, mark), to: max(known.offset, mark))
        known = (mark, known.line + (mark < known.offset ? -feeds : feeds))
        return known.line
    }

    func fault(at mark: Int, _ problem: String) -> CatalogFault {
        let (line, column) = json.position(of: mark)
        return CatalogFault(line: line, column: column, problem: problem)
    }

    mutating func takeNull() throws(CatalogFault) -> Bool {
        guard try kind() == .null else { return false }
        do { try json.null() } catch { throw fault(error) }
        return true
    }

    mutating func beginObject() throws(CatalogFault) -> Bool {
        guard try kind() == .object else { return false }
        do { try json.beginObject() } catch { throw fault(error) }
        return true
    }

    mutating func nextField() throws(CatalogFault) -> ArraySlice<UInt8>? {
        do { return try json.nextField() } catch { throw fault(error) }
    }

    mutating func beginArray() throws(CatalogFault) -> Bool {
        guard try kind() == .array else { return false }
        do { try json.beginArray() } catch { throw fault(error) }
        return true
    }

    mutating func nextElement() throws(CatalogFault) -> Bool {
        do { return try json.nextElement() } catch { throw fault(error) }
    }

    mutating func text() throws(CatalogFault) -> ArraySlice<UInt8>? {
        guard try kind() == .text else { return nil }
        do { return try json.text() } catch { throw fault(error) }
    }

    mutating func integer() throws(CatalogFault) -> Int? {
        guard try kind() == .number else { return nil }
        do {
            return try json.integer()
        } catch  where error.problem == .notAnInteger {
            return nil
        } catch {
            throw fault(error)
        }
    }

    mutating func boolean() throws(CatalogFault) -> Bool? {
        guard try kind() == .boolean else { return nil }
        do { return try json.boolean() } catch { throw fault(error) }
    }

    mutating func skip() throws(CatalogFault) {
        do { try json.skip() } catch { throw fault(error) }
    }

    mutating func describe() throws(CatalogFault) -> String {
        do {
            switch try json.peek() {
            case .object: return "an object"
            case .array: return "a list"
            case .null: return "null"
            case .boolean: return try json.boolean() ? "true" : "false"
            case .number: return String(decoding: try json.number().prefix(40), as: UTF8.self)
            case .text: return quoted(try json.text())
            }
        } catch {
            throw fault(error)
        }
    }

    /// Only white space may follow.
    mutating func end() throws(CatalogFault) {
        do { try json.end() } catch { throw fault(error) }
    }

    private mutating func kind() throws(CatalogFault) -> JSONReader.Kind {
        do { return try json.peek() } catch { throw fault(error) }
    }

    private func fault(_ error: JSONError) -> CatalogFault {
        fault(at: error.offset, error.problem.description)
    }
}
