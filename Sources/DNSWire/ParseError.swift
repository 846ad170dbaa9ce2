// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why octets are not a DNS message, with the offset of the octet that showed it.
///
/// Offsets count from the first octet that was handed to the parser.
package enum ParseError: Error, Hashable, Sendable {
    /// The octets end before a field or a label does. The offset is where that field begins.
    case truncated(at: Int)
    /// A label begins with 0b01 or 0b10, which RFC 6891 §5 left without a meaning.
    case badLabelType(at: Int)
    /// A compression pointer points at itself or forward, at a name that does not end before the
    /// pointing one begins, or is one too many for one name.
    case badPointer(at: Int)
    /// A domain name passes 255 octets (RFC 1035 §3.1). The offset is the label that is too much.
    case nameTooLong(at: Int)
    /// The fields of a record's data do not fill its RDLENGTH exactly.
    case badRecordData(at: Int)
    /// An OPT record is the second one, has another owner than the root's octet, or stands outside
    /// of the additional section (RFC 6891 §6.1.1).
    case badOPT(at: Int)
    /// Octets follow what the counts of the header announced.
    case trailingOctets(at: Int)
}
