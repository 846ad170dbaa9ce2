// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLDNS
internal import Glibc

/// DNS as ldns reads, writes and prints it: the tool that looks at the server does not share the
/// server's codec.
///
/// The only file that sees its C headers. Its `bool` comes to Swift as a number.
enum LDNS {
    /// Why ldns refused something, in its own words.
    struct Failure: Error, Equatable {
        let text: String

        init(_ text: String) { self.text = text }

        init(_ status: ldns_status) {
            text = unsafe String(cString: ldns_get_errorstr_by_id(status))
        }
    }

    /// The number of a type, or of `TYPE65280` (RFC 3597); nil for what is none.
    static func type(named name: String) -> UInt16? {
        if let number = number(name, behind: "TYPE") { return number }
        return known(unsafe ldns_get_rr_type_by_name(name).rawValue, name)
    }

    static func `class`(named name: String) -> UInt16? {
        if let number = number(name, behind: "CLASS") { return number }
        return known(unsafe ldns_get_rr_class_by_name(name).rawValue, name)
    }

    private static func number(_ name: String, behind prefix: String) -> UInt16? {
        guard name.uppercased().hasPrefix(prefix) else { return nil }
        return UInt16(name.dropFirst(prefix.count)).flatMap { $0 == 0 ? nil : $0 }
    }

    /// ldns takes whatever stands behind TYPE and CLASS for a number.
    private static func known(_ number: UInt32, _ name: String) -> UInt16? {
        let upper = name.uppercased()
        guard number != 0, !upper.hasPrefix("TYPE"), !upper.hasPrefix("CLASS") else { return nil }
        return UInt16(exactly: number)
    }

    static func typeText(_ type: UInt16) -> String {
        unsafe text(ldns_rr_type2str(ldns_rr_type(rawValue: UInt32(type))))
    }

    static func classText(_ class: UInt16) -> String {
        unsafe text(ldns_rr_class2str(ldns_rr_class(rawValue: UInt32(`class`))))
    }

    /// A domain name as ldns spells it, with the final dot; nil for what is none.
    static func name(_ text: String) -> String? {
        guard !text.utf8.contains(0), let name = unsafe ldns_dname_new_frm_str(text) else {
            return nil
        }
        defer { unsafe ldns_rdf_deep_free(name) }
        return unsafe self.text(ldns_rdf2str(name))
    }

    /// The name that PTR is asked for, `1.0.0.10.in-addr.arpa.`; nil for what is no address.
    static func reverseName(of address: String) -> String? {
        let kind = address.contains(":") ? LDNS_RDF_TYPE_AAAA : LDNS_RDF_TYPE_A
        guard let data = unsafe ldns_rdf_new_frm_str(kind, address) else { return nil }
        defer { unsafe ldns_rdf_deep_free(data) }
        guard let name = unsafe ldns_rdf_address_reverse(data) else { return nil }
        defer { unsafe ldns_rdf_deep_free(name) }
        return unsafe text(ldns_rdf2str(name))
    }

    /// A query in wire format, with RD; without EDNS where the size is 0.
    static func query(
        _ question: Question, id: UInt16, udpSize: UInt16, asksForNameServerID: Bool
    ) throws(Failure) -> [UInt8] {
        guard let name = unsafe ldns_dname_new_frm_str(question.name) else {
            throw Failure("'\(question.name)' is not a domain name")
        }
        let packet = unsafe ldns_pkt_query_new(
            name, ldns_rr_type(rawValue: UInt32(question.type)),
            ldns_rr_class(rawValue: UInt32(question.class)), UInt16(LDNS_RD))
        guard let packet = unsafe packet else {
            unsafe ldns_rdf_deep_free(name)
            throw Failure(LDNS_STATUS_MEM_ERR)
        }
        defer { unsafe ldns_pkt_free(packet) }
        unsafe ldns_pkt_set_id(packet, id)
        if udpSize > 0 {
            unsafe ldns_pkt_set_edns_udp_size(packet, udpSize)
            if asksForNameServerID {
                // Option 3 of length 0 (RFC 5001 §2.1).
                let option: [UInt8] = [0, 3, 0, 0]
                unsafe ldns_pkt_set_edns_data(
                    packet, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_NONE, option.count, option))
            }
        }
        var octets: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = unsafe ldns_pkt2wire(&octets, packet, &count)
        guard status == LDNS_STATUS_OK, let octets = unsafe octets else { throw Failure(status) }
        defer { unsafe free(octets) }
        return unsafe Array(UnsafeBufferPointer(start: octets, count: count))
    }

    /// Reads a message.
    static func parse(_ octets: [UInt8]) throws(Failure) -> Reply {
        var packet: UnsafeMutablePointer<ldns_pkt>?
        let status = unsafe ldns_wire2pkt(&packet, octets, octets.count)
        guard status == LDNS_STATUS_OK, let packet = unsafe packet else { throw Failure(status) }
        defer { unsafe ldns_pkt_free(packet) }
        var reply = unsafe reply(packet)
        reply.octetCount = octets.count
        return reply
    }
}

// MARK: - Out of C

extension LDNS {
    /// Takes over a text that ldns allocated.
    private static func text(_ characters: UnsafeMutablePointer<CChar>?) -> String {
        guard let characters = unsafe characters else { return "" }
        defer { unsafe free(characters) }
        let text = unsafe String(cString: characters)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func reply(_ packet: UnsafeMutablePointer<ldns_pkt>) -> Reply {
        var reply = Reply()
        reply.id = unsafe ldns_pkt_id(packet)
        reply.opcode = unsafe text(ldns_pkt_opcode2str(ldns_pkt_get_opcode(packet)))
        reply.responseCode = unsafe UInt16(ldns_pkt_get_rcode(packet).rawValue)
        reply.flags = unsafe [
            ("qr", ldns_pkt_qr(packet)), ("aa", ldns_pkt_aa(packet)), ("tc", ldns_pkt_tc(packet)),
            ("rd", ldns_pkt_rd(packet)), ("ra", ldns_pkt_ra(packet)), ("ad", ldns_pkt_ad(packet)),
            ("cd", ldns_pkt_cd(packet)),
        ].filter { $0.1 != 0 }.map(\.0)
        if unsafe ldns_pkt_edns(packet) != 0 {
            reply.responseCode |= unsafe UInt16(ldns_pkt_edns_extended_rcode(packet)) << 4
            reply.edns = unsafe Reply.EDNS(
                version: ldns_pkt_edns_version(packet), udpSize: ldns_pkt_edns_udp_size(packet),
                isDNSSECOK: ldns_pkt_edns_do(packet) != 0, options: options(packet))
        }
        let code = ldns_pkt_rcode(rawValue: UInt32(reply.responseCode))
        let name = unsafe text(ldns_pkt_rcode2str(code))
        reply.status = name.isEmpty ? "RCODE\(reply.responseCode)" : name
        reply.question = unsafe elements(ldns_pkt_question(packet)) { unsafe question($0) }
        reply.answer = unsafe elements(ldns_pkt_answer(packet)) { unsafe record($0) }
        reply.authority = unsafe elements(ldns_pkt_authority(packet)) { unsafe record($0) }
        reply.additional = unsafe elements(ldns_pkt_additional(packet)) { unsafe record($0) }
        return reply
    }

    private static func options(_ packet: UnsafeMutablePointer<ldns_pkt>) -> [Reply.Option] {
        guard let data = unsafe ldns_pkt_edns_data(packet) else { return [] }
        var rest = unsafe Array(
            UnsafeRawBufferPointer(start: ldns_rdf_data(data), count: ldns_rdf_size(data)))[...]
        var options: [Reply.Option] = []
        while rest.count >= 4 {
            let head = rest.prefix(4).map(UInt16.init)
            let length = Int(head[2] << 8 | head[3])
            rest = rest.dropFirst(4)
            guard rest.count >= length else { break }
            options.append(
                Reply.Option(code: head[0] << 8 | head[1], octets: Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
        }
        return options
    }

    private static func elements<Element>(
        _ list: UnsafeMutablePointer<ldns_rr_list>?,
        _ read: (UnsafeMutablePointer<ldns_rr>) -> Element
    ) -> [Element] {
        guard let list = unsafe list else { return [] }
        return unsafe (0..<ldns_rr_list_rr_count(list)).compactMap { index in
            unsafe ldns_rr_list_rr(list, index).map { unsafe read($0) }
        }
    }

    private static func question(_ record: UnsafeMutablePointer<ldns_rr>) -> Question {
        let type = unsafe UInt16(truncatingIfNeeded: ldns_rr_get_type(record).rawValue)
        let number = unsafe UInt16(truncatingIfNeeded: ldns_rr_get_class(record).rawValue)
        return Question(
            name: unsafe text(ldns_rdf2str(ldns_rr_owner(record))), type: type,
            typeText: typeText(type), class: number, classText: classText(number))
    }

    private static func record(_ record: UnsafeMutablePointer<ldns_rr>) -> ReplyRecord {
        // owner, TTL, class and type stand before the data, apart by tabs.
        let fields = unsafe text(ldns_rr2str(record)).split(
            separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
        let type = unsafe UInt16(truncatingIfNeeded: ldns_rr_get_type(record).rawValue)
        let number = unsafe UInt16(truncatingIfNeeded: ldns_rr_get_class(record).rawValue)
        return ReplyRecord(
            name: unsafe text(ldns_rdf2str(ldns_rr_owner(record))),
            ttlSeconds: unsafe ldns_rr_ttl(record), class: classText(number),
            type: typeText(type),
            data: fields.count > 4 ? fields[4].trimmed.printable : "")
    }
}

extension Substring {
    /// Without spaces at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
