// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of a record, told apart by its type (RFC 1035 §3.3 and the documents of each type).
///
/// The class is not looked at: what a type means in class IN is taken for every class, so that
/// a TXT record of class CH is one too. The data of every other type is kept as octets. OPT is no
/// case: it says something about the message, not about a name, and is ``Message/opt``.
package enum RecordData: Hashable, Sendable {
    case a(A)
    case ns(DomainName)
    case cname(DomainName)
    case soa(SOA)
    case ptr(DomainName)
    case hinfo(HINFO)
    case txt(TXT)
    case aaaa(AAAA)
    case srv(SRV)
    case unknown(UnknownRecordData)

    package var type: RecordType {
        switch self {
        case .a: .a
        case .ns: .ns
        case .cname: .cname
        case .soa: .soa
        case .ptr: .ptr
        case .hinfo: .hinfo
        case .txt: .txt
        case .aaaa: .aaaa
        case .srv: .srv
        case .unknown(let data): data.type
        }
    }
}

// MARK: - Wire format

extension RecordData {
    /// Reads the data of a record of the given type, all of it and without pointers.
    package init(type: RecordType, parsing octets: Span<UInt8>) throws(ParseError) {
        var cursor = Cursor(octets)
        try self.init(type: type, parsing: &cursor, octets)
    }

    /// Reads data that must fill what the cursor may see exactly.
    init(
        type: RecordType, parsing cursor: inout Cursor, _ octets: Span<UInt8>
    ) throws(ParseError) {
        let start = cursor.offset
        do throws(ParseError) {
            self =
                switch type {
                case .a: .a(try A(parsing: &cursor, octets))
                case .ns: .ns(try cursor.readName(octets))
                case .cname: .cname(try cursor.readName(octets))
                case .soa: .soa(try SOA(parsing: &cursor, octets))
                case .ptr: .ptr(try cursor.readName(octets))
                case .hinfo: .hinfo(try HINFO(parsing: &cursor, octets))
                case .txt: .txt(try TXT(parsing: &cursor, octets))
                case .aaaa: .aaaa(try AAAA(parsing: &cursor, octets))
                case .srv: .srv(try SRV(parsing: &cursor, octets))
                case .opt: throw .badOPT(at: start)
                default: .unknown(try UnknownRecordData(type: type, parsing: &cursor, octets))
                }
        } catch .truncated {
            // The octets were there, RDLENGTH says so; the fields need more than them.
            throw .badRecordData(at: start)
        }
        guard cursor.remaining == 0 else { throw .badRecordData(at: start) }
    }

    /// The data in wire form, without pointers.
    package var wireOctets: [UInt8] {
        var writer = Writer(compressesNames: false)
        encode(into: &writer)
        return writer.octets
    }

    /// Appends the data.
    ///
    /// Only names in the types of RFC 1035 may be pointers (RFC 3597 §4).
    func encode(into writer: inout Writer) {
        switch self {
        case .a(let data): data.encode(into: &writer)
        case .ns(let name), .cname(let name), .ptr(let name): writer.append(compressed: name)
        case .soa(let data): data.encode(into: &writer)
        case .hinfo(let data): data.encode(into: &writer)
        case .txt(let data): data.encode(into: &writer)
        case .aaaa(let data): data.encode(into: &writer)
        case .srv(let data): data.encode(into: &writer)
        case .unknown(let data): writer.append(contentsOf: data.octets)
        }
    }
}

// MARK: - Presentation format

extension RecordData {
    /// Reads the fields behind the type: the type's own form, or `\# length hex` for any type
    /// (RFC 3597 §5).
    init(
        type: RecordType, presentation fields: inout PresentationFields
    ) throws(PresentationError) {
        var ahead = fields
        let first = try ahead.required()
        if UnknownRecordData.isGenericMark(first) {
            let octets = try UnknownRecordData.genericOctets(&ahead)
            fields = ahead
            guard let data = try? RecordData(type: type, parsing: octets.span) else {
                throw .badRecordData(at: first.offset)
            }
            self = data
            return
        }
        self =
            switch type {
            case .a: .a(try A(presentation: try fields.bareField()))
            case .ns: .ns(try fields.name())
            case .cname: .cname(try fields.name())
            case .soa: .soa(try SOA(presentation: &fields))
            case .ptr: .ptr(try fields.name())
            case .hinfo: .hinfo(try HINFO(presentation: &fields))
            case .txt: .txt(try TXT(presentation: &fields))
            case .aaaa: .aaaa(try AAAA(presentation: try fields.bareField()))
            case .srv: .srv(try SRV(presentation: &fields))
            default: throw .needsGenericForm(at: first.offset)
            }
    }
}

extension RecordData: CustomStringConvertible {
    /// The data in presentation format.
    package var description: String {
        switch self {
        case .a(let data): data.description
        case .ns(let name), .cname(let name), .ptr(let name): name.description
        case .soa(let data): data.description
        case .hinfo(let data): data.description
        case .txt(let data): data.description
        case .aaaa(let data): data.description
        case .srv(let data): data.description
        case .unknown(let data): data.description
        }
    }
}
