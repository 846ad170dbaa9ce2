// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One option of an OPT record (RFC 6891 §6.1.2).
///
///     0      2        4
///     | code | length | data, length octets |
package struct EDNSOption: Hashable, Sendable {
    package var code: OptionCode
    /// At most 65,535 octets, and together with the other options no more either: an OPT record
    /// that would be larger is sent without options.
    package var data: [UInt8]

    package init(code: OptionCode, data: [UInt8]) {
        self.code = code
        self.data = data
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        code = OptionCode(rawValue: try cursor.readUInt16(octets))
        data = try cursor.readOctets(Int(try cursor.readUInt16(octets)), octets)
    }

    func encode(into writer: inout Writer) {
        writer.append(code.rawValue)
        writer.appendWithLength { $0.append(contentsOf: data) }
    }
}
