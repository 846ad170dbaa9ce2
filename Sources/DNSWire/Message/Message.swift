// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// A DNS message: header, question and three sections of records (RFC 1035 §4.1).
///
/// A value type for zone output, tests and tools. Equality is that of its names, without case.
package struct Message: Hashable, Sendable {
    /// A message over TCP has a length of 16 bits (RFC 1035 §4.2.2).
    package static let maximumOctets = 0xFFFF

    package var header: Header
    /// One in nearly every message (RFC 9619); none and several are legal to read.
    package var questions: [Question]
    package var answer: [ResourceRecord]
    package var authority: [ResourceRecord]
    /// Without the OPT record.
    package var additional: [ResourceRecord]
    /// The OPT record of the additional section; nil if the sender does not speak EDNS.
    package var opt: OPT?

    package init(
        header: Header, questions: [Question] = [], answer: [ResourceRecord] = [],
        authority: [ResourceRecord] = [], additional: [ResourceRecord] = [], opt: OPT? = nil
    ) {
        self.header = header
        self.questions = questions
        self.answer = answer
        self.authority = authority
        self.additional = additional
        self.opt = opt
    }

    /// Makes a query with one question.
    package init(
        query name: DomainName, type: RecordType, class: RecordClass = .internet, id: UInt16 = 0,
        recursionDesired: Bool = true, opt: OPT? = nil
    ) {
        self.init(
            header: Header(id: id, recursionDesired: recursionDesired),
            questions: [Question(name: name, type: type, class: `class`)], opt: opt)
    }
}

extension Message: CustomStringConvertible {
    /// The message for people: the header, then a line for each question and record.
    package var description: String {
        var lines = [header.description]
        if let opt { lines.append(";\(opt)") }
        lines += questions.map { "question \($0)" }
        for (name, section) in [
            ("answer", answer), ("authority", authority), ("additional", additional),
        ] {
            lines += section.map { "\(name) \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
