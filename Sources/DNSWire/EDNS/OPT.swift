// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The OPT pseudo-record: how large an answer may be, and what else EDNS adds (RFC 6891 §6.1).
///
/// Fields of a record are used for something else:
///
///     NAME   root
///     TYPE   41
///     CLASS  size of the largest UDP message the sender can take
///     TTL    high 8 bits of RCODE | version | DO | 15 reserved bits
///     RDATA  options
///
/// The bits of RCODE are part of ``Header/responseCode``.
package struct OPT: Hashable, Sendable {
    /// A size that passes almost every path unfragmented.
    package static let usualPayloadSize: UInt16 = 1232

    /// In octets; values below 512 mean 512 (RFC 6891 §6.2.3), and are kept as they came.
    package var payloadSize: UInt16
    package var version: UInt8
    /// DO: the sender can take DNSSEC records (RFC 3225 §3).
    package var dnssecOK: Bool
    /// The 15 bits behind DO, to be sent as zero and ignored; kept as they came.
    package private(set) var reservedBits: UInt16
    /// In the order of the record; a code may occur more than once.
    package var options: [EDNSOption]

    package init(
        payloadSize: UInt16 = OPT.usualPayloadSize, version: UInt8 = 0, dnssecOK: Bool = false,
        options: [EDNSOption] = []
    ) {
        self.payloadSize = payloadSize
        self.version = version
        self.dnssecOK = dnssecOK
        self.reservedBits = 0
        self.options = options
    }
}

// MARK: - Wire format

extension OPT {
    private static let dnssecOKBit: UInt32 = 0x8000

    /// Reads options that must fill what the cursor may see exactly.
    init(
        class payloadSize: UInt16, ttl: UInt32, parsing cursor: inout Cursor,
        _ octets: Span<UInt8>
    ) throws(ParseError) {
        self.init(
            payloadSize: payloadSize, version: UInt8(ttl >> 16 & 0xFF),
            dnssecOK: ttl & Self.dnssecOKBit != 0)
        reservedBits = UInt16(ttl & 0x7FFF)
        while cursor.remaining > 0 {
            let start = cursor.offset
            do throws(ParseError) {
                options.append(try EDNSOption(parsing: &cursor, octets))
            } catch {
                throw .badRecordData(at: start)
            }
        }
    }

    /// The whole record, owner included, with the high bits of the message's response code.
    func wireOctets(for responseCode: ResponseCode) -> [UInt8] {
        var writer = Writer(compressesNames: false)
        writer.append(uncompressed: .root)
        writer.append(RecordType.opt.rawValue)
        writer.append(payloadSize)
        writer.append(UInt8(responseCode.rawValue >> 4))
        writer.append(version)
        writer.append((dnssecOK ? UInt16(Self.dnssecOKBit) : 0) | reservedBits)
        writer.appendWithLength { writer in
            for option in options { option.encode(into: &writer) }
        }
        return writer.octets
    }
}

// MARK: - Typed options

extension OPT {
    /// The first NSID option.
    ///
    /// Empty octets are the request for one (RFC 5001 §2.1).
    package var nsid: NSID? {
        options.lazy.compactMap(NSID.init).first
    }

    /// The extended errors, of which a message may carry several (RFC 8914 §3).
    package var extendedErrors: [ExtendedError] {
        options.compactMap(ExtendedError.init)
    }
}

extension OPT: CustomStringConvertible {
    /// The record on one line, as tools print it: not a form that is read back.
    package var description: String {
        let flags = dnssecOK ? " do" : ""
        let options = options.map { option in
            ExtendedError(option)?.description ?? NSID(option)?.description
                ?? "\(option.code) \(option.data.count) octets"
        }
        let list = options.isEmpty ? "" : "; " + options.joined(separator: "; ")
        return "EDNS: version: \(version), flags:\(flags), udp: \(payloadSize)\(list)"
    }
}
