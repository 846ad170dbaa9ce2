// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Reads a YAML stream of one or more documents as events, with every bound that untrusted text
/// needs.
///
/// Aliases are replaced by what they stand for. Refused: more than `maximumGap` octets between two
/// events, more than `maximumDepth` levels, aliases beyond their bounds, a field that comes twice,
/// `<<`, tags, names of fields that are no scalars. After an error nothing more may be read.
package struct YAMLReader {
    /// Mappings and sequences inside each other.
    package static let maximumDepth = 64
    /// Octets of the stream from one event to the next: long scalars and comments end here.
    package static let maximumGap = 512 << 10
    /// Events that anchors of one stream may cover, and that aliases may repeat in all.
    package static let maximumRecordedEvents = 10_000
    package static let maximumReplayedEvents = 100_000
    /// Octets of a field's name.
    package static let maximumNameLength = 1_024

    private let parser: EventParser
    private var tape = AliasTape()
    /// The open mappings and sequences; what is beyond `depth` is kept for its room.
    private var levels: [Level] = []
    private var depth = 0

    package init(_ octets: [UInt8]) throws(YAMLError) { parser = try EventParser(octets) }

    package mutating func next() throws(YAMLError) -> YAMLEvent {
        let event = try resolved()
        try tape.record(event, depth: depth)
        switch event.content {
        case .scalar(let name, let isPlain):
            try expectName(name, isPlain: isPlain, at: event.mark)
        case .mappingStart, .sequenceStart:
            try expectName(nil, isPlain: false, at: event.mark)
            try open(event)
        case .mappingEnd, .sequenceEnd:
            depth -= 1
        case .documentStart:
            tape.forgetNames()
        case .documentEnd, .streamEnd:
            break
        }
        tape.close(event, depth: depth)
        return event
    }

    /// The next event of the stream or of what an alias stands for.
    private mutating func resolved() throws(YAMLError) -> YAMLEvent {
        if let event = try tape.replayed() { return event }
        let event = try parser.next()
        switch event.content {
        case .alias(let name):
            return try tape.replay(name, at: event.mark)
        case .node(let content):
            if let name = event.anchor { tape.open(name, depth: depth) }
            return YAMLEvent(content: content, mark: event.mark)
        }
    }

    private mutating func open(_ event: YAMLEvent) throws(YAMLError) {
        guard depth < Self.maximumDepth else {
            throw event.mark.error("expected at most \(Self.maximumDepth) levels")
        }
        if depth == levels.count { levels.append(Level()) }
        if case .mappingStart = event.content {
            levels[depth].begin(isMapping: true)
        } else {
            levels[depth].begin(isMapping: false)
        }
        depth += 1
    }

    /// Checks a node that stands where a mapping has a name; nil is a node that is no scalar.
    private mutating func expectName(
        _ name: ArraySlice<UInt8>?, isPlain: Bool, at mark: YAMLMark
    ) throws(YAMLError) {
        guard depth > 0, levels[depth - 1].takesName() else { return }
        guard let name else { throw mark.error("expected the name of a field") }
        guard name.count <= Self.maximumNameLength else {
            throw mark.error("expected a name of at most \(Self.maximumNameLength) octets")
        }
        guard !isPlain || !name.elementsEqual("<<".utf8) else {
            throw mark.error("expected no merge key")
        }
        guard levels[depth - 1].insert(name) else {
            throw mark.error("expected this field once")
        }
    }
}

/// One open mapping or sequence.
private struct Level {
    /// Mappings of more names look them up in a set.
    private static var maximumListedNames: Int { 16 }

    private var isMapping = false
    private var isNameNext = false
    private var names: [ArraySlice<UInt8>] = []
    private var manyNames: Set<ArraySlice<UInt8>> = []

    mutating func begin(isMapping: Bool) {
        self.isMapping = isMapping
        isNameNext = isMapping
        names.removeAll(keepingCapacity: true)
        manyNames = []
    }

    /// Whether the node that comes is a name; the one after it is then a value.
    mutating func takesName() -> Bool {
        guard isMapping else { return false }
        defer { isNameNext.toggle() }
        return isNameNext
    }

    /// Whether the mapping did not have the name.
    mutating func insert(_ name: ArraySlice<UInt8>) -> Bool {
        if names.count < Self.maximumListedNames {
            guard !names.contains(name) else { return false }
            names.append(name)
            return true
        }
        if manyNames.isEmpty { manyNames = Set(names) }
        return manyNames.insert(name).inserted
    }
}

extension YAMLMark {
    func error(_ problem: String) -> YAMLError {
        YAMLError(line: line, column: column, problem: problem)
    }
}
