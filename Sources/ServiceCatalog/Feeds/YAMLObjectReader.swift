// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import YAML

/// A catalog in YAML, one document after the other.
///
/// Plain scalars mean what kubectl takes them for, as far as objects of Kubernetes need it: null,
/// true and false in their spellings of YAML 1.1, decimal integers. Where text belongs, `no` and
/// `123` are text.
struct YAMLObjectReader: ObjectReader {
    private var yaml: YAMLReader
    private var pending: YAMLEvent?
    /// Where the latest event begins, as `YAMLMark.index`.
    private var latestIndex = 0

    init(_ octets: [UInt8]) throws(CatalogFault) {
        do { yaml = try YAMLReader(octets) } catch { throw Self.fault(error) }
    }

    /// Whether there is one more document, which is then next to read.
    mutating func beginDocument() throws(CatalogFault) -> Bool {
        guard case .documentStart = try event().content else { return false }
        pending = nil
        return true
    }

    mutating func endDocument() throws(CatalogFault) {
        guard case .documentEnd = try event().content else { return }
        pending = nil
    }

    mutating func mark() throws(CatalogFault) -> YAMLMark { try event().mark }

    func length(since mark: YAMLMark) -> Int { latestIndex - mark.index }

    func line(of mark: YAMLMark) -> Int { mark.line }

    func fault(at mark: YAMLMark, _ problem: String) -> CatalogFault {
        CatalogFault(line: mark.line, column: mark.column, problem: problem)
    }

    mutating func takeNull() throws(CatalogFault) -> Bool {
        guard case .scalar(let text, isPlain: true) = try event().content, Self.isNull(text) else {
            return false
        }
        pending = nil
        return true
    }

    mutating func beginObject() throws(CatalogFault) -> Bool {
        guard case .mappingStart = try event().content else { return false }
        pending = nil
        return true
    }

    mutating func nextField() throws(CatalogFault) -> ArraySlice<UInt8>? {
        let content = try event().content
        pending = nil
        guard case .scalar(let name, _) = content else { return nil }
        return name
    }

    mutating func beginArray() throws(CatalogFault) -> Bool {
        guard case .sequenceStart = try event().content else { return false }
        pending = nil
        return true
    }

    mutating func nextElement() throws(CatalogFault) -> Bool {
        guard case .sequenceEnd = try event().content else { return true }
        pending = nil
        return false
    }

    mutating func text() throws(CatalogFault) -> ArraySlice<UInt8>? {
        guard case .scalar(let text, let isPlain) = try event().content,
            !isPlain || !Self.isNull(text)
        else { return nil }
        pending = nil
        return text
    }

    mutating func integer() throws(CatalogFault) -> Int? {
        guard case .scalar(let text, isPlain: true) = try event().content,
            let value = Self.integer(text)
        else { return nil }
        pending = nil
        return value
    }

    mutating func boolean() throws(CatalogFault) -> Bool? {
        guard case .scalar(let text, isPlain: true) = try event().content,
            let value = Self.boolean(text)
        else { return nil }
        pending = nil
        return value
    }

    mutating func skip() throws(CatalogFault) {
        var depth = 0
        repeat {
            switch try event().content {
            case .mappingStart, .sequenceStart: depth += 1
            case .mappingEnd, .sequenceEnd: depth -= 1
            case .scalar: break
            case .documentStart, .documentEnd, .streamEnd: return
            }
            pending = nil
        } while depth > 0
    }

    mutating func describe() throws(CatalogFault) -> String {
        switch try event().content {
        case .mappingStart: "an object"
        case .sequenceStart: "a list"
        case .scalar(let text, let isPlain): Self.describe(text, isPlain: isPlain)
        case .mappingEnd, .sequenceEnd, .documentStart, .documentEnd, .streamEnd: "nothing"
        }
    }

    private static func describe(_ text: ArraySlice<UInt8>, isPlain: Bool) -> String {
        guard isPlain else { return quoted(text) }
        if isNull(text) { return "null" }
        let isBare = text.count <= 40 && (boolean(text) != nil || isNumber(text))
        return isBare ? String(decoding: text, as: UTF8.self) : quoted(text)
    }

    /// The next event, which stays the next one until `pending` is nil again.
    private mutating func event() throws(CatalogFault) -> YAMLEvent {
        if let pending { return pending }
        do {
            let event = try yaml.next()
            pending = event
            latestIndex = event.mark.index
            return event
        } catch {
            throw Self.fault(error)
        }
    }

    private static func fault(_ error: YAMLError) -> CatalogFault {
        CatalogFault(line: error.line, column: error.column, problem: error.problem)
    }
}

// MARK: - Plain scalars

extension YAMLObjectReader {
    private static func isNull(_ text: ArraySlice<UInt8>) -> Bool {
        switch text.count {
        case 0: true
        case 1: text.first == UInt8(ascii: "~")
        case 4: ["null", "Null", "NULL"].contains { text.elementsEqual($0.utf8) }
        default: false
        }
    }

    private static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
        guard text.count <= 5 else { return nil }
        let word = String(decoding: text, as: UTF8.self)
        let lower = word.lowercased()
        guard word == lower || word == word.uppercased() || word == capitalized(lower) else {
            return nil
        }
        return ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false][
            lower]
    }

    private static func capitalized(_ lower: String) -> String {
        lower.prefix(1).uppercased() + lower.dropFirst()
    }

    /// Decimal digits without a leading zero, which would make it octal.
    private static func integer(_ text: ArraySlice<UInt8>) -> Int? {
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
            return nil
        }
        guard digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        return Int(String(decoding: text, as: UTF8.self))
    }

    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        Double(String(decoding: text, as: UTF8.self)) != nil
    }
}
