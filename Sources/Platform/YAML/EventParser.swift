// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import CYAML

/// Events as libyaml parses them, anchors and aliases unresolved.
///
/// The one file that knows its C names.
///
/// libyaml reads any amount for one event; here it gets `YAMLReader.maximumGap` octets.
@safe final class EventParser {
    struct Event {
        let content: Content
        let mark: YAMLMark
        /// The name this node is given for aliases to come.
        var anchor: [UInt8]?

        enum Content {
            case node(YAMLEvent.Content)
            case alias([UInt8])
        }
    }

    /// What libyaml's read handler sees.
    private final class Input {
        let octets: [UInt8]
        var offset = 0
        /// The octets that may still be read before the next event.
        var allowance = 0
        var isExhausted = false

        init(_ octets: [UInt8]) { self.octets = octets }
    }

    private let input: Input
    // Premise: allocated and initialized in init, destroyed in deinit, used only in between.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ octets: [UInt8]) throws(YAMLError) {
        input = Input(octets)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(line: 1, column: 1, problem: "out of memory")
        }
        // Premise: the parser calls the handler only inside `next`, while `self` holds the input.
        let handle = unsafe Unmanaged.passUnretained(input).toOpaque()
        unsafe yaml_parser_set_input(
            parser,
            { handle, buffer, size, sizeRead in
                guard let handle = unsafe handle, let buffer = unsafe buffer else { return 0 }
                let input = unsafe Unmanaged<Input>.fromOpaque(handle).takeUnretainedValue()
                guard input.allowance > 0 else {
                    input.isExhausted = true
                    return 0
                }
                let count = min(size, input.octets.count - input.offset)
                unsafe input.octets.withUnsafeBufferPointer { octets in
                    guard let base = octets.baseAddress else { return }
                    unsafe buffer.update(from: base + input.offset, count: count)
                }
                input.offset += count
                input.allowance -= count
                unsafe sizeRead?.pointee = count
                return 1
            }, handle)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// The next event; nothing may be asked after the end of the stream or a failure.
    func next() throws(YAMLError) -> Event {
        while true {
            input.allowance = YAMLReader.maximumGap
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { unsafe yaml_event_delete(&event) }
            if let event = try unsafe converted(event) { return event }
        }
    }

    private func converted(_ event: yaml_event_t) throws(YAMLError) -> Event? {
        let mark = unsafe Self.mark(event.start_mark)
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return Event(content: .node(.documentStart), mark: mark)
        case YAML_DOCUMENT_END_EVENT: return Event(content: .node(.documentEnd), mark: mark)
        case YAML_STREAM_END_EVENT: return Event(content: .node(.streamEnd), mark: mark)
        case YAML_SEQUENCE_END_EVENT: return Event(content: .node(.sequenceEnd), mark: mark)
        case YAML_MAPPING_END_EVENT: return Event(content: .node(.mappingEnd), mark: mark)
        case YAML_ALIAS_EVENT:
            let name = unsafe Self.octets(event.data.alias.anchor) ?? []
            return Event(content: .alias(name), mark: mark)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            try unsafe checkTag(start.tag, at: mark)
            return unsafe Event(
                content: .node(.sequenceStart), mark: mark, anchor: Self.octets(start.anchor))
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            try unsafe checkTag(start.tag, at: mark)
            return unsafe Event(
                content: .node(.mappingStart), mark: mark, anchor: Self.octets(start.anchor))
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            try unsafe checkTag(scalar.tag, at: mark, isScalar: true)
            let value = unsafe Array(UnsafeBufferPointer(start: scalar.value, count: scalar.length))
            return unsafe Event(
                content: .node(.scalar(value[...], isPlain: scalar.plain_implicit == 1)),
                mark: mark, anchor: Self.octets(scalar.anchor))
        default: return nil
        }
    }

    /// A scalar may say that it is text; what other tags mean is not known here.
    private func checkTag(
        _ tag: UnsafePointer<UInt8>?, at mark: YAMLMark, isScalar: Bool = false
    ) throws(YAMLError) {
        guard let tag = unsafe Self.octets(tag) else { return }
        let text = String(decoding: tag, as: UTF8.self)
        guard isScalar, text == "!" || text == "tag:yaml.org,2002:str" else {
            throw YAMLError(
                line: mark.line, column: mark.column, problem: "expected no tag but !!str")
        }
    }

    private func failure() -> YAMLError {
        if input.isExhausted {
            let mark = unsafe Self.mark(parser.pointee.mark)
            return YAMLError(
                line: mark.line, column: mark.column,
                problem: "expected at most \(YAMLReader.maximumGap >> 10) KiB between two values")
        }
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let line: Int
        let column: Int
        switch unsafe parser.pointee.error {
        case YAML_READER_ERROR:
            (line, column) = unsafe position(of: Int(parser.pointee.problem_offset))
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            let mark = unsafe Self.mark(parser.pointee.problem_mark)
            (line, column) = (mark.line, mark.column)
        default:
            (line, column) = (1, 1)
        }
        return YAMLError(line: line, column: column, problem: problem ?? "out of memory")
    }

    /// Where an octet stands, found by reading the stream again.
    ///
    /// Errors of the encoding come without a mark.
    private func position(of offset: Int) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        let before = input.octets.prefix(offset)
        let isUTF16 = before.starts(with: [0xFF, 0xFE]) || before.starts(with: [0xFE, 0xFF])
        let byteOrderMark = isUTF16 ? 2 : before.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let littleEnd = before.first == 0xFF ? 0 : 1
        var index = byteOrderMark
        while index < before.count - (isUTF16 ? 1 : 0) {
            let octet = isUTF16 ? before[index + littleEnd] : before[index]
            let isNarrow = !isUTF16 || before[index + 1 - littleEnd] == 0
            if octet == UInt8(ascii: "\n") && isNarrow {
                line += 1
                column = 1
            } else if isUTF16 || octet & 0xC0 != 0x80 {
                column += 1
            }
            index += isUTF16 ? 2 : 1
        }
        return (line, column)
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(line: mark.line + 1, column: mark.column + 1, index: mark.index)
    }

    private static func octets(_ text: UnsafePointer<UInt8>?) -> [UInt8]? {
        guard let text = unsafe text else { return nil }
        return unsafe Array(UnsafeBufferPointer(start: text, count: strlen(text)))
    }
}
