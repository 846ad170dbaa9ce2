// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why octets are no JSON, and where.
package struct JSONError: Error, Equatable {
    /// Octets from the start of the document; `JSONReader.position(of:)` makes a line of it.
    package let offset: Int
    package let problem: Problem

    package enum Problem: Equatable, Sendable {
        /// More octets could still make it well-formed.
        case unexpectedEnd
        case expected(Expectation)
        /// The text holds an octet below 0x20 that is not escaped.
        case controlCharacter
        case invalidEscape
        case invalidUTF8
        /// A number, but with a fraction or an exponent, or outside 64 bits.
        case notAnInteger
        case tooDeep
    }

    package enum Expectation: String, Sendable {
        case object = "an object"
        case array = "an array"
        case text = "text"
        case number = "a number"
        case boolean = "true or false"
        case null = "null"
        case value = "a value"
        case colon = "a colon"
        case commaOrBrace = "a comma or }"
        case commaOrBracket = "a comma or ]"
        case endOfDocument = "the end of the document"
    }
}

extension JSONError.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedEnd: "the document ends too early"
        case .expected(let expectation): "expected \(expectation.rawValue)"
        case .controlCharacter: "a control character in text must be escaped"
        case .invalidEscape: "expected an escape of RFC 8259"
        case .invalidUTF8: "expected UTF-8"
        case .notAnInteger: "expected an integer of 64 bits"
        case .tooDeep: "expected at most \(JSONReader.maximumDepth) levels"
        }
    }
}
