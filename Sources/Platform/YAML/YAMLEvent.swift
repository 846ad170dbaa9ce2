// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One step through a YAML stream: a value, or the start or end of what holds values.
///
/// Aliases never appear: what they stand for does. Names of fields are scalars like any other.
package struct YAMLEvent: Sendable {
    package let content: Content
    /// Where it begins; for what an alias repeats, where that was written.
    package let mark: YAMLMark

    package enum Content: Sendable {
        case documentStart
        case documentEnd
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        /// UTF-8 without quotes, folds and escapes. A plain scalar may mean a number, true, false
        /// or null; any other is text.
        case scalar(ArraySlice<UInt8>, isPlain: Bool)
        case streamEnd
    }
}

/// A place in a YAML stream.
package struct YAMLMark: Sendable, Equatable {
    /// From 1.
    package let line: Int
    /// In Unicode scalars, from 1.
    package let column: Int
    /// Unicode scalars from the start of the stream.
    package let index: Int
}

/// Why a stream is no YAML, or none that is read here, and where.
package struct YAMLError: Error, Equatable {
    package let line: Int
    package let column: Int
    package let problem: String
}
