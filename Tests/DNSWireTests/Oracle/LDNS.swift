// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CLDNS
import Glibc

/// The other codec: what ldns reads, writes and prints.
///
/// The only file that sees its C headers. Its `bool` comes to Swift as a number.
enum LDNS {
    /// Why ldns refused something, in its own words.
    struct Failure: Error, Equatable {
        let text: String

        init(_ status: ldns_status) {
            text = unsafe String(cString: ldns_get_errorstr_by_id(status))
        }
    }

    /// Reads a message.
    static func parse(_ octets: [UInt8]) throws(Failure) -> MessageView {
        var packet: UnsafeMutablePointer<ldns_pkt>?
        let status = unsafe ldns_wire2pkt(&packet, octets, octets.count)
        guard status == LDNS_STATUS_OK, let packet = unsafe packet else { throw Failure(status) }
        defer { unsafe ldns_pkt_free(packet) }
        return unsafe view(packet)
    }

    /// Writes a message of the sections' lines.
    static func encode(
        _ header: MessageView, questions: [String], sections: [[String]]
    ) throws(Failure) -> [UInt8] {
        guard let packet = unsafe ldns_pkt_new() else { throw Failure(LDNS_STATUS_MEM_ERR) }
        defer { unsafe ldns_pkt_free(packet) }
        unsafe fill(packet, header)
        for line in questions {
            try unsafe push(
                newRecord(line, isQuestion: true), to: LDNS_SECTION_QUESTION, of: packet)
        }
        for (section, lines) in zip(
            [LDNS_SECTION_ANSWER, LDNS_SECTION_AUTHORITY, LDNS_SECTION_ADDITIONAL], sections)
        {
            for line in lines { try unsafe push(newRecord(line), to: section, of: packet) }
        }
        var octets: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = unsafe ldns_pkt2wire(&octets, packet, &count)
        guard status == LDNS_STATUS_OK, let octets = unsafe octets else { throw Failure(status) }
        defer { unsafe free(octets) }
        return unsafe Array(UnsafeBufferPointer(start: octets, count: count))
    }

    /// Reads one line of a zone and prints it again, fields apart by tabs.
    static func printed(_ line: String) throws(Failure) -> String {
        let record = try unsafe newRecord(line)
        defer { unsafe ldns_rr_free(record) }
        return unsafe text(ldns_rr2str(record))
    }

    /// Prints a type as ldns names it.
    static func typeText(_ value: UInt16) -> String {
        unsafe text(ldns_rr_type2str(ldns_rr_type(rawValue: UInt32(value))))
    }

    /// Prints a class as ldns names it.
    static func classText(_ value: UInt16) -> String {
        unsafe text(ldns_rr_class2str(ldns_rr_class(rawValue: UInt32(value))))
    }
}

// MARK: - Flags

extension LDNS {
    @unsafe private struct Flag {
        let name: String
        let get: (UnsafePointer<ldns_pkt>?) -> CChar
        let set: (UnsafeMutablePointer<ldns_pkt>?, CChar) -> Void
    }

    /// All but Z, which ldns has no word for.
    private static var flags: [Flag] {
        unsafe [
            Flag(name: "qr", get: ldns_pkt_qr, set: ldns_pkt_set_qr),
            Flag(name: "aa", get: ldns_pkt_aa, set: ldns_pkt_set_aa),
            Flag(name: "tc", get: ldns_pkt_tc, set: ldns_pkt_set_tc),
            Flag(name: "rd", get: ldns_pkt_rd, set: ldns_pkt_set_rd),
            Flag(name: "ra", get: ldns_pkt_ra, set: ldns_pkt_set_ra),
            Flag(name: "ad", get: ldns_pkt_ad, set: ldns_pkt_set_ad),
            Flag(name: "cd", get: ldns_pkt_cd, set: ldns_pkt_set_cd),
        ]
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

    private static func view(_ packet: UnsafeMutablePointer<ldns_pkt>) -> MessageView {
        var view = MessageView()
        view.id = unsafe ldns_pkt_id(packet)
        view.opcode = unsafe UInt8(ldns_pkt_get_opcode(packet).rawValue)
        view.responseCode = unsafe UInt16(ldns_pkt_get_rcode(packet).rawValue)
        unsafe flags.forEach { flag in
            if unsafe flag.get(packet) != 0 { unsafe view.flags.insert(flag.name) }
        }
        if unsafe ldns_pkt_edns(packet) != 0 {
            view.responseCode |= unsafe UInt16(ldns_pkt_edns_extended_rcode(packet)) << 4
            view.opt = unsafe MessageView.OPTView(
                payloadSize: ldns_pkt_edns_udp_size(packet),
                version: ldns_pkt_edns_version(packet),
                dnssecOK: ldns_pkt_edns_do(packet) != 0,
                options: options(packet))
        }
        view.questions = unsafe lines(ldns_pkt_question(packet))
        view.answer = unsafe lines(ldns_pkt_answer(packet)).map(record)
        view.authority = unsafe lines(ldns_pkt_authority(packet)).map(record)
        view.additional = unsafe lines(ldns_pkt_additional(packet)).map(record)
        return view
    }

    private static func options(_ packet: UnsafeMutablePointer<ldns_pkt>) -> String {
        guard let data = unsafe ldns_pkt_edns_data(packet) else { return "" }
        let octets = unsafe UnsafeRawBufferPointer(
            start: ldns_rdf_data(data), count: ldns_rdf_size(data))
        return unsafe octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func lines(_ list: UnsafeMutablePointer<ldns_rr_list>?) -> [String] {
        guard let list = unsafe list else { return [] }
        return unsafe (0..<ldns_rr_list_rr_count(list)).map { index in
            unsafe text(ldns_rr2str(ldns_rr_list_rr(list, index)))
        }
    }

    private static func record(_ line: String) -> MessageView.RecordView {
        let fields = line.split(
            separator: "\t", maxSplits: 4, omittingEmptySubsequences: false
        ).map(String.init)
        return MessageView.RecordView(
            owner: fields[0], ttl: fields.count > 1 ? fields[1] : "",
            class: fields.count > 2 ? fields[2] : "", type: fields.count > 3 ? fields[3] : "",
            // A tab stands bare in the strings that ldns prints, escaped in ours.
            data: fields.count > 4
                ? fields[4].split(separator: "\t", omittingEmptySubsequences: false).joined(
                    separator: "\\009") : "")
    }
}

// MARK: - Into C

extension LDNS {
    private static func fill(_ packet: UnsafeMutablePointer<ldns_pkt>, _ header: MessageView) {
        unsafe ldns_pkt_set_id(packet, header.id)
        unsafe ldns_pkt_set_opcode(packet, ldns_pkt_opcode(rawValue: UInt32(header.opcode)))
        unsafe ldns_pkt_set_rcode(packet, UInt8(header.responseCode & 0xF))
        unsafe flags.forEach { flag in
            unsafe flag.set(packet, header.flags.contains(flag.name) ? 1 : 0)
        }
        guard let opt = header.opt else { return }
        unsafe ldns_pkt_set_edns_udp_size(packet, opt.payloadSize)
        unsafe ldns_pkt_set_edns_extended_rcode(packet, UInt8(header.responseCode >> 4))
        unsafe ldns_pkt_set_edns_version(packet, opt.version)
        unsafe ldns_pkt_set_edns_do(packet, opt.dnssecOK ? 1 : 0)
        let digits = Array(opt.options.utf8)
        let octets = stride(from: 0, to: digits.count, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
        }
        guard !octets.isEmpty else { return }
        let data = unsafe ldns_rdf_new_frm_data(LDNS_RDF_TYPE_NONE, octets.count, octets)
        unsafe ldns_pkt_set_edns_data(packet, data)
    }

    private static func newRecord(
        _ line: String, isQuestion: Bool = false
    ) throws(Failure) -> UnsafeMutablePointer<ldns_rr> {
        var record: UnsafeMutablePointer<ldns_rr>?
        let status =
            isQuestion
            ? unsafe ldns_rr_new_question_frm_str(&record, line, nil, nil)
            : unsafe ldns_rr_new_frm_str(&record, line, 0, nil, nil)
        guard status == LDNS_STATUS_OK, let record = unsafe record else { throw Failure(status) }
        return unsafe record
    }

    private static func push(
        _ record: UnsafeMutablePointer<ldns_rr>, to section: ldns_pkt_section,
        of packet: UnsafeMutablePointer<ldns_pkt>
    ) {
        _ = unsafe ldns_pkt_push_rr(packet, section, record)
    }
}
