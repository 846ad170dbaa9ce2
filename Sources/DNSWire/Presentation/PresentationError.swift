// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why a text is not a name or a record in presentation format, with the place that showed it.
///
/// Places are offsets in the text's UTF-8 octets.
package enum PresentationError: Error, Hashable, Sendable {
    /// Something is missing at the end of the text: a field, a closing quote.
    case unexpectedEnd(at: Int)
    /// A character is not allowed here, or only as an escape.
    case badCharacter(at: Int)
    /// A backslash is followed by nothing, by less than three digits, or by a value above 255.
    case badEscape(at: Int)
    /// A label has no octets, as between two dots.
    case emptyLabel(at: Int)
    /// A label passes 63 octets.
    case labelTooLong(at: Int)
    /// A name passes 255 octets in wire form.
    case nameTooLong(at: Int)
    /// A character-string passes 255 octets.
    case stringTooLong(at: Int)
    /// A field is not a decimal number, or is too large for its place.
    case badNumber(at: Int)
    /// A field is not an address of the family that its record carries.
    case badAddress(at: Int)
    /// A field is neither a known mnemonic nor of the form TYPE123 or CLASS123 (RFC 3597 §5).
    case unknownMnemonic(at: Int)
    /// The generic data is not what its length or its type wants (RFC 3597 §5).
    case badRecordData(at: Int)
    /// The data of this type is read only in the generic form `\# length hex` (RFC 3597 §5).
    case needsGenericForm(at: Int)
    /// A type that exists only inside of messages, such as OPT, cannot be a record in a text.
    case notAZoneRecord(at: Int)
    /// Fields follow a complete record.
    case trailingText(at: Int)
}
