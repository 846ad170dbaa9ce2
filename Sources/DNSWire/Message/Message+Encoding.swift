// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension Message {
    /// The message in wire form with compressed names, in at most `limit` octets.
    ///
    /// What does not fit is left out by whole RRsets, records next to each other of one owner,
    /// class
    /// and type. An RRset missing from answer or authority ends the message and sets TC (RFC 2181
    /// §9). One missing from the additional section sets TC only where it is the glue of a referral
    /// (RFC 9471 §3.1). The OPT record is kept, and comes before the rest of the additional
    /// section,
    /// in which a TSIG record must be the last (RFC 8945 §5.1).
    ///
    /// A response code of more than four bits cannot be sent without an OPT record; SERVFAIL is
    /// sent
    /// in its place. A limit below the header's twelve octets is taken as twelve.
    package func encode(limit: Int = Message.maximumOctets) -> [UInt8] {
        var sections = SectionWriter(limit: limit)
        let opt = sections.room(for: opt, responseCode: header.responseCode)
        var header = header
        if opt == nil, header.responseCode.needsOPT { header.responseCode = .serverFailure }

        let isWhole =
            sections.append(questions)
            && sections.append(answer, to: .answer)
            && sections.append(authority, to: .authority)
        sections.append(opt)
        let hasAdditional = isWhole && sections.append(additional, to: .additional)

        header.isTruncated = header.isTruncated || !isWhole || (!hasAdditional && isReferral)
        return sections.finish(header)
    }

    /// Whether the additional section is glue: name servers, and nothing but them.
    private var isReferral: Bool {
        answer.isEmpty && authority.contains { $0.type == .ns }
    }
}

/// Writes sections until one of their RRsets does not fit.
private struct SectionWriter {
    /// The order is that of the counts in the header.
    enum Section: Int, CaseIterable {
        case question
        case answer
        case authority
        case additional
    }

    private var writer = Writer(compressesNames: true)
    private var counts = Array(repeating: 0, count: Section.allCases.count)
    private let limit: Int
    /// Octets kept free for the OPT record until it is written.
    private var reserved = 0

    init(limit: Int) {
        self.limit = min(max(limit, Header.octetCount), Message.maximumOctets)
        writer.append(contentsOf: Array(repeating: 0, count: Header.octetCount))
    }

    /// Fills in the header, whose counts are known now, and returns the message.
    mutating func finish(_ header: Header) -> [UInt8] {
        // A question has five octets or more and a record eleven, so the counts fit in 16 bits.
        let words = [header.id, header.bits] + counts.map { UInt16($0) }
        for (index, word) in words.enumerated() { writer.overwrite(word, at: 2 * index) }
        return writer.octets
    }

    /// Returns whether all questions are written.
    mutating func append(_ questions: [Question]) -> Bool {
        questions.allSatisfy { question in
            appendIfFits(1, to: .question) { question.encode(into: &$0) }
        }
    }

    /// Returns whether all RRsets are written.
    mutating func append(_ records: [ResourceRecord], to section: Section) -> Bool {
        var rest = records[...]
        while let first = rest.first {
            let rrset = rest.prefix { $0.isOfSameRRset(as: first) }
            let fits = appendIfFits(rrset.count, to: section) { writer in
                for record in rrset { record.encode(into: &writer) }
            }
            guard fits else { return false }
            rest = rest.dropFirst(rrset.count)
        }
        return true
    }

    private mutating func appendIfFits(
        _ count: Int, to section: Section, _ body: (inout Writer) -> Void
    ) -> Bool {
        let start = writer.octets.count
        body(&writer)
        guard writer.octets.count <= limit - reserved else {
            writer.truncate(to: start)
            return false
        }
        counts[section.rawValue] += count
        return true
    }
}

// MARK: - OPT

extension SectionWriter {
    /// Keeps room for the OPT record and returns its octets: without its options if those are too
    /// many, nil if there is no room at all.
    mutating func room(for opt: OPT?, responseCode: ResponseCode) -> [UInt8]? {
        guard var opt else { return nil }
        var octets = opt.wireOctets(for: responseCode)
        if octets.count > limit - Header.octetCount {
            opt.options = []
            octets = opt.wireOctets(for: responseCode)
        }
        guard octets.count <= limit - Header.octetCount else { return nil }
        reserved = octets.count
        return octets
    }

    /// Writes the record that room was kept for.
    mutating func append(_ opt: [UInt8]?) {
        guard let opt else { return }
        reserved = 0
        writer.append(contentsOf: opt)
        counts[Section.additional.rawValue] += 1
    }
}
